/* worker_test.c - one node at work, with an agent that this test speaks for over a socketpair: what is sent
 * when, what becomes of the runs when the link breaks, and what a hostile agent can do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "node/dispatch.h"
#include "store/base/clock.h"
#include "node/worker/inside.h"
#include "store/db.h"
#include "store/dependents.h"
#include "store/input.h"
#include "store/job.h"
#include "deadline.h"
#include "stage.h"
#include "store/node.h"

enum { DEADLINE_MS = 20000 };

typedef struct World {
	Stage *stage;
	Cluster *cluster;
	uv_loop_t loop;
	Events *events;
	Turn *turn;
	Keep *keep;
	Staging *staging;
	Worker *worker;
	int agent;              /* our end of the link; -1: none */
	Buf heard;
	size_t used;            /* of heard, by the message handed out last */
} World;

/* --- the world --------------------------------------------------------------------------------- */

static void connect_us(void *arg, Worker *worker)
{
	World *world = arg;
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	fcntl(ends[1], F_SETFL, O_NONBLOCK);
	if (world->agent >= 0)
		close(world->agent);
	world->agent = ends[1];
	buf_clear(&world->heard);
	world->used = 0;
	worker_connected(worker, ends[0]);
}

static void task_changed(void *arg, Task *task, const Facts *before)
{
	worker_act(((World *)arg)->worker, task, before);
	staging_task_changed(((World *)arg)->staging, task);
}

static void node_changed(void *arg, Node *node, const NodeOrders *before)
{
	if (node->drain && !before->drain)
		worker_recall_all(((World *)arg)->worker);
}

static void staged(void *arg, Task *task)
{
	worker_staged(((World *)arg)->worker, task);
}

static void whole(void *arg, Task *task)
{
	worker_output_kept(((World *)arg)->worker, task);
}

static void before_commit(void *arg)
{
	dispatch(((World *)arg)->cluster);
}

static void after_commit(void *arg)
{
	worker_flush(((World *)arg)->worker);
	staging_tidy(((World *)arg)->staging);
}

static void disk_failed(void *arg)
{
	worker_pause(((World *)arg)->worker);
}

static void disk_mended(void *arg)
{
	worker_continue(((World *)arg)->worker);
}

static void connect_no_more(void *arg)
{
	(void)arg;
}

static int set_up(void **state)
{
	static const Patience patience = { .lost_after = 2, .requeue_after = 4, .lease = 77 };
	World *world = mem_new_zeroed(sizeof *world);
	void *stage;
	Err err;

	if (stage_set_up(&stage) < 0)
		return -1;
	world->stage = stage;
	world->stage->node->up = false;
	world->cluster = world->stage->cluster;
	world->agent = -1;
	uv_loop_init(&world->loop);
	world->events = events_open(world->cluster, &err);
	world->turn = turn_new(&world->loop, world->cluster, world->events);
	world->keep = keep_new(world->turn, whole, world);
	world->staging = staging_new(world->turn, staged, world, &err);
	world->worker = worker_new(world->turn, world->keep, world->staging, world->stage->node, patience, (Connector){ .connect = connect_us, .cancel = connect_no_more, .arg = world });
	cluster_watch(world->cluster, task_changed, world);
	cluster_watch_nodes(world->cluster, node_changed, world);
	turn_hook(world->turn, TURN_BEFORE, before_commit, world);
	turn_hook(world->turn, TURN_AFTER, after_commit, world);
	turn_hook(world->turn, TURN_FAILED, disk_failed, world);
	turn_hook(world->turn, TURN_MENDED, disk_mended, world);
	*state = world;
	return 0;
}

static void close_handle(uv_handle_t *handle, void *arg)
{
	(void)arg;
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

static int tear_down(void **state)
{
	World *world = *state;
	void *stage = world->stage;

	turn_end(world->turn);
	worker_free(world->worker);
	keep_free(world->keep);
	staging_free(world->staging);
	uv_walk(&world->loop, close_handle, NULL);
	uv_run(&world->loop, UV_RUN_DEFAULT);
	uv_loop_close(&world->loop);
	turn_free(world->turn);
	events_close(world->events);
	if (world->agent >= 0)
		close(world->agent);
	buf_release(&world->heard);
	free(world);
	return stage_tear_down(&stage);
}

#define world_test(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

/* --- the agent's part -------------------------------------------------------------------------- */

/* A turn of the loop, and what the worker said in it. False: it has hung up. */
static bool turn_once(World *world)
{
	struct pollfd fds[2] = { { uv_backend_fd(&world->loop), POLLIN, 0 }, { world->agent, POLLIN, 0 } };
	ssize_t n;

	uv_run(&world->loop, UV_RUN_NOWAIT);
	poll(fds, 2, 2);
	if (world->agent < 0)
		return true;
	n = read(world->agent, buf_space(&world->heard, 65536), 65536);
	if (n > 0)
		buf_grew(&world->heard, (size_t)n);
	return n > 0 || (n < 0 && errno == EAGAIN);
}

#define UNTIL(world, condition) until_within(DEADLINE_MS, condition, turn_once(world))

static void settle(World *world)
{
	for (int i = 0; i < 10; i++)
		turn_once(world);
}

/* What the worker says next that is no PING, or NULL if it says nothing. Good until the next call. */
static const Message *listen_for(World *world, int64_t ms)
{
	static Message message;
	int64_t end = clock_mono_ms() + ms;
	Err err;

	do {
		long n;

		buf_consume(&world->heard, world->used);
		world->used = 0;
		n = wire_take(world->heard.data, world->heard.length, &message, &err);
		assert_true(n >= 0);
		world->used = (size_t)n;
		if (n > 0 && message.type != WIRE_PING)
			return &message;
		if (n == 0)
			turn_once(world);
	} while (clock_mono_ms() < end);
	return NULL;
}

static const Message *hear(World *world, MessageType type)
{
	const Message *message = listen_for(world, DEADLINE_MS);

	if (!message)
		fail_late("the worker does not say %s", wire_name(type));
	assert_string_equal(wire_name(message->type), wire_name(type));
	return message;
}

static const Message *hear_about(World *world, MessageType type, const Task *task, uint32_t run)
{
	const Message *message = hear(world, type);

	assert_int_equal(message->run.task, task->id);
	assert_int_equal(message->run.number, run);
	return message;
}

static void hear_nothing(World *world)
{
	const Message *message = listen_for(world, 50);

	if (message)
		fail_msg("it said %s", wire_name(message->type));
}

static void write_bytes(World *world, const char *bytes, size_t n)
{
	while (n > 0) {
		ssize_t done = write(world->agent, bytes, n);

		assert_true(done > 0 || errno == EAGAIN);
		if (done < 0)
			turn_once(world);
		bytes += done > 0 ? done : 0;
		n -= done > 0 ? (size_t)done : 0;
	}
}

static void say(World *world, const Message *message)
{
	Buf frame = BUF_INIT;

	wire_put(&frame, message);
	write_bytes(world, frame.data, frame.length);
	buf_release(&frame);
}

#define SAY(world, ...) say(world, &(Message){ __VA_ARGS__ })
#define RUN_OF(task_, number_) .run = { (task_)->id, number_ }

static void say_output(World *world, const Task *task, uint32_t run, uint64_t offset, const char *text)
{
	SAY(world, .type = WIRE_OUTPUT, RUN_OF(task, run), .output = { 0, offset, slice_of(text) });
}

static void say_ended(World *world, const Task *task, uint32_t run, RunEnd how, uint32_t code, uint64_t size)
{
	SAY(world, .type = WIRE_ENDED, RUN_OF(task, run), .ended = { .how = (uint8_t)how, .code = code, .size = { size, 0 } });
}

static void say_held(World *world, const Task *task, uint32_t run, HeldPhase phase, uint64_t size)
{
	SAY(world, .type = WIRE_HELD, RUN_OF(task, run), .held = { (uint8_t)phase, 10, { size, 0 } });
}

static void welcome(World *world, const char *instance)
{
	hear(world, WIRE_HELLO);
	SAY(world, .type = WIRE_WELCOME, .welcome = { .version = WIRE_VERSION, .instance = slice_of(instance),
		.boot = slice_of("boot"), .arch = slice_of("riscv64"), .os = slice_of("Linux"), .cpus = 2 });
}

static void that_is_all(World *world)
{
	SAY(world, .type = WIRE_THAT_IS_ALL);
	UNTIL(world, world->stage->node->up);
}

/* An agent that has nothing. */
static void come_up(World *world)
{
	welcome(world, "first");
	that_is_all(world);
}

static void hang_up(World *world)
{
	settle(world);
	close(world->agent);
	world->agent = -1;
	buf_clear(&world->heard);
	world->used = 0;
	UNTIL(world, !world->stage->node->up);
}

static bool has_hung_up(World *world)
{
	int64_t end = clock_mono_ms() + 500;

	while (clock_mono_ms() < end)
		if (!turn_once(world))
			return true;
	return false;
}

/* A task that the agent was sent and has started. */
static Task *running(World *world, const char *line)
{
	Task *task = submit(world->stage, line);

	hear_about(world, WIRE_RUN, task, 1);
	SAY(world, .type = WIRE_STARTED, RUN_OF(task, 1));
	UNTIL(world, task->now.state == TASK_RUNNING);
	return task;
}

/* --- sending and ending ------------------------------------------------------------------------ */

static void the_greeting_says_who_we_are(void **state)
{
	World *world = *state;
	const Message *hello = hear(world, WIRE_HELLO);

	assert_int_equal(hello->hello.version, WIRE_VERSION);
	assert_true(slice_is(hello->hello.state, cluster_uuid(world->cluster)));
	assert_int_equal(hello->hello.slots, 2);
	assert_int_equal(hello->hello.lease_s, 77);
	assert_int_equal(hello->hello.credit, WIRE_CREDIT);
	assert_false(world->stage->node->up);
	SAY(world, .type = WIRE_WELCOME, .welcome = { .version = WIRE_VERSION, .instance = slice_of("x"),
		.arch = slice_of("risc\033v"), .memory = 5 });
	that_is_all(world);
	assert_string_equal(world->stage->node->arch, "risc?v");
	assert_int_equal(world->stage->node->memory, 5);
}

static void a_task_is_sent_runs_and_ends(void **state)
{
	World *world = *state;
	Task *task = submit(world->stage, "-c 2 --time=1 echo hello");
	Buf text = BUF_INIT;
	const Message *run;
	Err err;

	come_up(world);
	run = hear_about(world, WIRE_RUN, task, 1);
	assert_int_equal(run->start.slots, 2);
	assert_int_equal(run->start.limit_ms, 60000);
	assert_true(slice_is(run->start.command, "echo hello"));
	assert_state(task, "PENDING");

	SAY(world, .type = WIRE_STARTED, RUN_OF(task, 1), .started = { 0 });
	UNTIL(world, task->now.state == TASK_RUNNING);
	say_output(world, task, 1, 0, "hel");
	say_output(world, task, 1, 3, "lo\n");
	UNTIL(world, task->output[0] && output_size(task->output[0]) == 6);
	say_ended(world, task, 1, END_EXITED, 0, 6);
	hear_about(world, WIRE_RELEASE, task, 1);
	assert_state(task, "COMPLETED");
	assert_int_equal(cluster_read_output(world->cluster, task, STREAM_STDOUT, &text, &err), 0);
	assert_string_equal(buf_text(&text), "hello\n");
	hear_nothing(world);
	buf_release(&text);
}

static void a_large_output_is_on_disk_before_the_end_is(void **state)
{
	static char piece[WIRE_OUTPUT_MAX];
	World *world = *state;
	Task *task;
	Err err;
	int fd;

	come_up(world);
	task = running(world, "true");
	for (uint64_t at = 0; at < 4; at++)
		SAY(world, .type = WIRE_OUTPUT, RUN_OF(task, 1), .output = { 0, at * sizeof piece, { piece, sizeof piece } });
	say_ended(world, task, 1, END_EXITED, 0, 4 * sizeof piece);
	hear_about(world, WIRE_RELEASE, task, 1);
	assert_state(task, "COMPLETED");
	assert_int_equal(task->now.size[0], 4 * sizeof piece);
	fd = outputs_open(&world->stage->state, task->id, STREAM_STDOUT, &err);
	assert_true(fd >= 0);
	assert_int_equal(lseek(fd, 0, SEEK_END), 4 * sizeof piece);
	close(fd);
}

static void credit_is_returned_as_output_comes(void **state)
{
	static char piece[WIRE_OUTPUT_MAX];
	World *world = *state;
	Task *task;

	come_up(world);
	task = running(world, "true");
	for (uint64_t at = 0; at < 1024 * 1024 / sizeof piece; at++) {
		SAY(world, .type = WIRE_OUTPUT, RUN_OF(task, 1), .output = { 0, at * sizeof piece, { piece, sizeof piece } });
		settle(world);
	}
	assert_int_equal(hear(world, WIRE_CREDIT_MORE)->credit.bytes, 1024 * 1024);
}

static void what_never_started_says_why_on_stderr(void **state)
{
	World *world = *state;
	Task *task = submit(world->stage, "true");
	Buf text = BUF_INIT;
	Err err;

	come_up(world);
	hear_about(world, WIRE_RUN, task, 1);
	SAY(world, .type = WIRE_ENDED, RUN_OF(task, 1), .ended = { .how = END_NOT_STARTED, .reason = slice_of("no such file") });
	hear_about(world, WIRE_RELEASE, task, 1);
	assert_state(task, "FAILED");
	assert_reason(task, "JobLaunchFailure");
	assert_int_equal(cluster_read_output(world->cluster, task, STREAM_STDERR, &text, &err), 0);
	assert_string_equal(buf_text(&text), "wulfs: no such file\n");
	buf_release(&text);
}

static void cancelling_asks_the_agent(void **state)
{
	World *world = *state;
	Task *task;

	come_up(world);
	task = running(world, "sleep 100");
	task_cancel(world->cluster, task);
	hear_about(world, WIRE_CANCEL, task, 1);
	assert_state(task, "RUNNING");
	hear_nothing(world);
	say_ended(world, task, 1, END_SIGNALLED, 15, 0);
	hear_about(world, WIRE_RELEASE, task, 1);
	assert_state(task, "CANCELLED");
	assert_int_equal(task->now.exit, 143);
}

static void holding_takes_back_what_has_not_started(void **state)
{
	World *world = *state;
	Task *task = submit(world->stage, "true");

	come_up(world);
	hear_about(world, WIRE_RUN, task, 1);
	task_hold(world->cluster, task, true);
	hear_about(world, WIRE_RECALL, task, 1);
	SAY(world, .type = WIRE_RECALLED, RUN_OF(task, 1));
	UNTIL(world, !task->now.placed);
	assert_reason(task, "JobHeldUser");
	task_hold(world->cluster, task, false);
	hear_about(world, WIRE_RUN, task, 1);
}

static void draining_takes_back_what_has_not_started(void **state)
{
	World *world = *state;
	Task *runs, *waits;

	come_up(world);
	runs = running(world, "sleep 100");
	waits = submit(world->stage, "true");
	hear_about(world, WIRE_RUN, waits, 1);
	node_drain(world->cluster, world->stage->node, "new disk");
	hear_about(world, WIRE_RECALL, waits, 1);
	SAY(world, .type = WIRE_RECALLED, RUN_OF(waits, 1));
	UNTIL(world, !waits->now.placed);
	hear_nothing(world);
	assert_state(runs, "RUNNING");
}

static void requeue_releases_the_run_and_sends_the_next(void **state)
{
	World *world = *state;
	Task *task;

	come_up(world);
	task = running(world, "true");
	say_output(world, task, 1, 0, "first");
	UNTIL(world, task->output[0]);
	task_requeue(world->cluster, task);
	hear_about(world, WIRE_RELEASE, task, 1);
	hear_about(world, WIRE_RUN, task, 2);
	say_output(world, task, 1, 5, "late");
	say_ended(world, task, 1, END_SIGNALLED, 9, 9);
	SAY(world, .type = WIRE_STARTED, RUN_OF(task, 2));
	say_output(world, task, 2, 0, "second");
	say_ended(world, task, 2, END_EXITED, 0, 6);
	hear_about(world, WIRE_RELEASE, task, 2);
	assert_state(task, "COMPLETED");
	assert_int_equal(task->now.size[0], 6);
}

/* --- links that break -------------------------------------------------------------------------- */

static void a_run_goes_on_over_a_new_link(void **state)
{
	World *world = *state;
	const Message *attach;
	Task *task;

	come_up(world);
	task = running(world, "true");
	say_output(world, task, 1, 0, "abc");
	hang_up(world);
	assert_state(task, "RUNNING");
	welcome(world, "first");
	say_held(world, task, 1, HELD_RUNNING, 10);
	that_is_all(world);
	attach = hear_about(world, WIRE_ATTACH, task, 1);
	assert_int_equal(attach->attach.from[0], 3);
	assert_int_equal(attach->attach.from[1], 0);
	say_output(world, task, 1, 3, "defghij");
	say_ended(world, task, 1, END_EXITED, 0, 10);
	hear_about(world, WIRE_RELEASE, task, 1);
	assert_state(task, "COMPLETED");
	assert_int_equal(task->now.run, 1);
}

static void what_started_while_we_were_away_is_running(void **state)
{
	World *world = *state;
	Task *task = submit(world->stage, "true");

	come_up(world);
	hear_about(world, WIRE_RUN, task, 1);
	hang_up(world);
	welcome(world, "first");
	say_held(world, task, 1, HELD_ENDED, 0);
	that_is_all(world);
	hear_about(world, WIRE_ATTACH, task, 1);
	assert_state(task, "RUNNING");
	say_ended(world, task, 1, END_EXITED, 4, 0);
	hear_about(world, WIRE_RELEASE, task, 1);
	assert_int_equal(task->now.exit, 4);
}

static void a_run_that_never_arrived_is_sent_again(void **state)
{
	World *world = *state;
	Task *task = submit(world->stage, "--no-requeue true");

	come_up(world);
	hear_about(world, WIRE_RUN, task, 1);
	hang_up(world);
	welcome(world, "first");
	that_is_all(world);
	hear_about(world, WIRE_RUN, task, 1);
	assert_int_equal(task->now.restarts, 0);
}

static void what_another_agent_had_is_lost(void **state)
{
	World *world = *state;
	Task *task, *once;

	come_up(world);
	task = running(world, "true");
	once = running(world, "--no-requeue true");
	hang_up(world);
	welcome(world, "second");
	that_is_all(world);
	hear_about(world, WIRE_RUN, task, 2);
	assert_int_equal(task->now.restarts, 1);
	assert_state(once, "NODE_FAIL");
	hear_nothing(world);
}

static void what_an_agent_does_not_know_of_any_more_is_lost(void **state)
{
	World *world = *state;
	Task *task;

	come_up(world);
	task = running(world, "true");
	hang_up(world);
	welcome(world, "first");
	that_is_all(world);
	hear_about(world, WIRE_RUN, task, 2);
}

static void runs_that_are_nobodys_are_released(void **state)
{
	World *world = *state;
	Task *task = submit(world->stage, "-H true");

	welcome(world, "first");
	say_held(world, task, 7, HELD_RUNNING, 0);
	SAY(world, .type = WIRE_HELD, .run = { 12345678, 1 });
	that_is_all(world);
	hear_about(world, WIRE_RELEASE, task, 7);
	assert_int_equal(hear(world, WIRE_RELEASE)->run.task, 12345678);
	hear_nothing(world);
}

/* What the database has of a job that is not kept in memory, as another program would change it. */
static void change_spec(World *world, const Task *task, const char *prefix)
{
	char sql[160], *path = state_path(&world->stage->state, "wulfs.db");
	Err err;
	Db *db = db_open(path, &err);

	snprintf(sql, sizeof sql, "UPDATE job SET spec = CAST('%s' || ltrim(spec, '-') AS BLOB) WHERE id = %llu", prefix,
		 (unsigned long long)task->id);
	if (!db || db_exec(db, sql, &err) < 0)
		fail_msg("%s", err.text);
	db_close(db);
	free(path);
}

static void a_run_that_could_not_be_described_is_sent_later(void **state)
{
	World *world = *state;
	char line[4096];
	Task *task;

	memset(line, 'x', sizeof line - 1);
	line[sizeof line - 1] = '\0';
	task = submit(world->stage, line);
	commit(world->stage);
	change_spec(world, task, "--");
	come_up(world);
	UNTIL(world, task->now.placed);
	hear_nothing(world);
	change_spec(world, task, "");
	hear_about(world, WIRE_RUN, task, 1);
	SAY(world, .type = WIRE_STARTED, RUN_OF(task, 1), .started = { 0 });
	say_ended(world, task, 1, END_EXITED, 0, 0);
	hear_about(world, WIRE_RELEASE, task, 1);
	assert_state(task, "COMPLETED");
}

/* lost_after is 2 s: a beat is due every half second, and one that is missing for 1.2 s is our own fault. */
/* Starts a task; how many milliseconds passed until that was known. */
static int64_t start_one(World *world, Task **task)
{
	int64_t begun;

	*task = submit(world->stage, "echo hello");
	hear_about(world, WIRE_RUN, *task, 1);
	begun = clock_mono_ms();
	SAY(world, .type = WIRE_STARTED, RUN_OF(*task, 1), .started = { 0 });
	UNTIL(world, (*task)->now.state == TASK_RUNNING);
	return clock_mono_ms() - begun;
}

/* Only a start that was heard at once tells when the end was: a busy machine may need some more tasks for that. */
static void an_end_that_came_while_we_slept_is_when_it_was(void **state)
{
	World *world = *state;
	Task *task;

	come_up(world);
	while (start_one(world, &task) > 20) {
		say_ended(world, task, 1, END_EXITED, 0, 0);
		hear_about(world, WIRE_RELEASE, task, 1);
	}
	SAY(world, .type = WIRE_ENDED, RUN_OF(task, 1), .ended = { .how = END_EXITED, .ran_ms = 40 });
	poll(NULL, 0, 1200);    /* nobody turns the loop */
	hear_about(world, WIRE_RELEASE, task, 1);
	assert_int_equal(task->now.ended, task->now.started + 40);
}

static void a_run_lost_five_times_is_node_fail(void **state)
{
	World *world = *state;
	Task *task = submit(world->stage, "true");

	come_up(world);
	for (uint32_t run = 1; run <= RUNS_LOST_MAX; run++) {
		hear_about(world, WIRE_RUN, task, run);
		SAY(world, .type = WIRE_STARTED, RUN_OF(task, run));
		say_ended(world, task, run, END_LOST, 0, 0);
		hear_about(world, WIRE_RELEASE, task, run);
		task->now.lost_at -= 100;       /* as if so many seconds had passed */
		cluster_settle(world->stage->cluster, clock_wall_ms() + 100000);
	}
	assert_state(task, "NODE_FAIL");
	assert_int_equal(ask(world->stage, "SELECT count(*) FROM runs"), RUNS_LOST_MAX);
	hear_nothing(world);
}

static void a_silent_node_is_down_and_then_loses_its_runs(void **state)
{
	World *world = *state;
	Task *task;

	come_up(world);
	task = running(world, "true");
	UNTIL(world, !world->stage->node->up);
	assert_int_equal(node_state(world->stage->node), NODE_DOWN);
	assert_non_null(strstr(world->stage->node->trouble, "not answered"));
	assert_state(task, "RUNNING");
	welcome(world, "first");        /* on a new link: the old one may be dead without a word */
	SAY(world, .type = WIRE_HELD, .run = { task->id, 1 }, .held = { .phase = HELD_RUNNING });
	that_is_all(world);
	UNTIL(world, world->stage->node->up);
	assert_int_equal(task->now.restarts, 0);
	UNTIL(world, !world->stage->node->up);
	UNTIL(world, task->now.state == TASK_PENDING);
	assert_int_equal(task->now.restarts, 1);
}

static void an_agent_that_never_greets_is_called_again(void **state)
{
	World *world = *state;
	int first;

	hear(world, WIRE_HELLO);
	first = world->agent;
	world->agent = -1;      /* left open, but silent */
	UNTIL(world, world->agent >= 0);
	come_up(world);
	close(first);
}

static void a_full_disk_lets_the_link_go_until_there_is_room(void **state)
{
	World *world = *state;
	Task *task;

	come_up(world);
	task = running(world, "true");
	say_output(world, task, 1, 0, "abc");
	settle(world);
	fill_disk(true);
	say_ended(world, task, 1, END_EXITED, 0, 3);
	UNTIL(world, turn_is_failing(world->turn));
	assert_state(task, "RUNNING");
	assert_true(has_hung_up(world));
	fill_disk(false);
	UNTIL(world, !turn_is_failing(world->turn));
	welcome(world, "first");
	say_held(world, task, 1, HELD_ENDED, 3);
	that_is_all(world);
	assert_int_equal(hear_about(world, WIRE_ATTACH, task, 1)->attach.from[0], 3);
	say_ended(world, task, 1, END_EXITED, 0, 3);
	hear_about(world, WIRE_RELEASE, task, 1);
	assert_state(task, "COMPLETED");
}

/* --- stdin ------------------------------------------------------------------------------------- */

static void write_stdin(World *world, const Task *task, const char *text)
{
	Err err = { 0 };

	assert_int_equal(input_append(cluster_state(world->cluster), task->id, text, strlen(text), &err), strlen(text));
	worker_input_grew(world->worker, task->job);
}

static void close_stdin(World *world, const Task *task)
{
	Err err = { 0 };

	assert_int_equal(input_close(cluster_state(world->cluster), task->id, &err), 0);
	worker_input_grew(world->worker, task->job);
}

static void want(World *world, const Task *task, uint64_t from, uint64_t until)
{
	SAY(world, .type = WIRE_INPUT_WANTED, RUN_OF(task, 1), .wanted = { from, until });
}

static void hear_input(World *world, const Task *task, uint64_t offset, const char *text, bool last)
{
	const Message *input = hear_about(world, WIRE_INPUT, task, 1);

	assert_int_equal(input->input.offset, offset);
	assert_true(slice_is(input->input.data, text));
	assert_int_equal(input->input.last, last);
}

static void input_is_sent_as_far_as_it_is_wanted(void **state)
{
	World *world = *state;
	Task *task;

	come_up(world);
	task = running(world, "--stdin cat");
	write_stdin(world, task, "abcdef");
	hear_nothing(world);
	want(world, task, 0, 4);
	hear_input(world, task, 0, "abcd", false);
	hear_nothing(world);
	want(world, task, 4, 100);
	hear_input(world, task, 4, "ef", false);
	hear_nothing(world);
	write_stdin(world, task, "gh");
	hear_input(world, task, 6, "gh", false);
	close_stdin(world, task);
	hear_input(world, task, 8, "", true);
	hear_nothing(world);
}

static void input_goes_on_where_a_broken_link_left_it(void **state)
{
	World *world = *state;
	Task *task;

	come_up(world);
	task = running(world, "--stdin cat");
	write_stdin(world, task, "abcdef");
	close_stdin(world, task);
	want(world, task, 0, 3);
	hear_input(world, task, 0, "abc", false);
	hang_up(world);
	welcome(world, "first");
	say_held(world, task, 1, HELD_RUNNING, 0);
	that_is_all(world);
	hear_about(world, WIRE_ATTACH, task, 1);
	hear_nothing(world);
	want(world, task, 2, 100);
	hear_input(world, task, 2, "cdef", true);
	hear_nothing(world);
}

/* However much is wanted, what waits for a node that does not read is bounded. */
static void a_node_that_does_not_read_costs_no_memory(void **state)
{
	static char piece[1024 * 1024];
	World *world = *state;
	uint64_t at = 0, size = 16 * sizeof piece;
	Task *task;
	size_t memory;
	Err err = { 0 };

	come_up(world);
	task = running(world, "--stdin cat");
	for (int i = 0; i < 16; i++) {
		memset(piece, 'a' + i, sizeof piece);
		assert_int_equal(input_append(cluster_state(world->cluster), task->id, piece, sizeof piece, &err),
				 sizeof piece);
	}
	close_stdin(world, task);
	memory = mallinfo2().uordblks;
	want(world, task, 0, UINT64_MAX);
	for (int i = 0; i < 50; i++) {          /* turns in which nobody reads */
		uv_run(&world->loop, UV_RUN_NOWAIT);
		poll(NULL, 0, 1);
	}
	assert_true(mallinfo2().uordblks < memory + 4 * sizeof piece);
	while (at < size) {
		const Message *input = hear_about(world, WIRE_INPUT, task, 1);

		assert_int_equal(input->input.offset, at);
		for (uint32_t i = 0; i < input->input.data.length; i += 1000)
			assert_int_equal(input->input.data.data[i], 'a' + (int)((at + i) / sizeof piece));
		at += input->input.data.length;
		assert_int_equal(input->input.last, at == size);
	}
	hear_nothing(world);
}

/* --- agents that break the rules --------------------------------------------------------------- */

static void a_breach_costs_the_link_and_nothing_else(void **state)
{
	static const struct { const char *what; Message message; } breaches[] = {
		{ "output that skips", { .type = WIRE_OUTPUT, .output = { 0, 1, { "x", 1 } } } },
		{ "an end without its output", { .type = WIRE_ENDED, .ended = { .size = { 1, 0 } } } },
		{ "what only a mount says", { .type = WIRE_RELEASE } },
		{ "input, which only a mount sends", { .type = WIRE_INPUT } },
		{ "a second welcome", { .type = WIRE_WELCOME } },
		{ "a run listed too late", { .type = WIRE_HELD } },
		{ "the end of the list twice", { .type = WIRE_THAT_IS_ALL } },
		{ "a started run given back", { .type = WIRE_RECALLED } },
	};
	World *world = *state;
	Task *task;

	come_up(world);
	task = running(world, "true");
	for (size_t i = 0; i < sizeof breaches / sizeof *breaches; i++) {
		Message message = breaches[i].message;

		message.run = (RunName){ task->id, 1 };
		say(world, &message);
		if (!has_hung_up(world))
			fail_msg("%s is taken", breaches[i].what);
		assert_state(task, "RUNNING");
		welcome(world, "first");
		say_held(world, task, 1, HELD_RUNNING, 0);
		that_is_all(world);
		hear_about(world, WIRE_ATTACH, task, 1);
	}
	say_ended(world, task, 1, END_EXITED, 0, 0);
	hear_about(world, WIRE_RELEASE, task, 1);
	assert_state(task, "COMPLETED");
}

static void bytes_that_are_no_frame_cost_the_link(void **state)
{
	static const struct { const char *bytes; size_t n; } rows[] = {
		{ "\1\0\0\0\xff", 5 }, { "\0\0\0\0", 4 }, { "\xff\xff\xff\xff", 4 }, { "SSH-2.0-OpenSSH_9.2\r\n", 21 },
	};
	World *world = *state;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		come_up(world);
		write_bytes(world, rows[i].bytes, rows[i].n);
		assert_true(has_hung_up(world));
		assert_false(world->stage->node->up);
		assert_non_null(world->stage->node->trouble);
	}
}

static void another_version_is_refused(void **state)
{
	World *world = *state;

	hear(world, WIRE_HELLO);
	SAY(world, .type = WIRE_WELCOME, .welcome = { .version = WIRE_VERSION + 1 });
	assert_true(has_hung_up(world));
	assert_non_null(strstr(world->stage->node->trouble, "version"));
}

/* Whatever it says about the run later finds nothing; the task may be forgotten by then. */
static void a_run_listed_twice_is_one_run(void **state)
{
	World *world = *state;
	Task *task;
	Err err;

	come_up(world);
	task = running(world, "true");
	hang_up(world);
	welcome(world, "first");
	say_held(world, task, 1, HELD_RUNNING, 0);
	say_held(world, task, 1, HELD_RUNNING, 0);
	that_is_all(world);
	UNTIL(world, world->heard.length > 0);
	say_ended(world, task, 1, END_EXITED, 0, 0);
	UNTIL(world, task_is_finished(task));
	settle(world);
	assert_int_equal(cluster_forget(world->cluster, task->job, &err), 0);
	SAY(world, .type = WIRE_OUTPUT, .run = { JOB_ID_FIRST, 1 }, .output = { 0, 0, { "x", 1 } });
	settle(world);
	worker_recall_all(world->worker);
	settle(world);
	assert_true(world->stage->node->up);
}

/* Neither times before our era, nor a negative one in any sum. */
static void times_a_node_makes_up_are_bounded(void **state)
{
	static const uint64_t spans[] = { 1000000000000000, INT64_MAX, (uint64_t)INT64_MAX + 5, UINT64_MAX };
	World *world = *state;

	come_up(world);
	for (size_t i = 0; i < sizeof spans / sizeof *spans; i++) {
		Task *task = submit(world->stage, "true");

		hear_about(world, WIRE_RUN, task, 1);
		if (i % 2)
			SAY(world, .type = WIRE_STARTED, RUN_OF(task, 1), .started = { spans[i] });
		SAY(world, .type = WIRE_ENDED, RUN_OF(task, 1), .ended = { .ran_ms = spans[i], .age_ms = spans[i] });
		UNTIL(world, task_is_finished(task));
		assert_in_range(task->now.started, task->job->submitted, clock_wall_ms());
		assert_in_range(task->now.ended, task->now.started, clock_wall_ms());
		hear_about(world, WIRE_RELEASE, task, 1);
	}
	assert_in_range(world->stage->node->job_ms, 0, DEADLINE_MS * 10);
}

static void a_start_listed_long_ago_is_bounded(void **state)
{
	World *world = *state;
	Task *task;

	come_up(world);
	task = submit(world->stage, "true");
	hear_about(world, WIRE_RUN, task, 1);
	hang_up(world);
	welcome(world, "first");
	SAY(world, .type = WIRE_HELD, RUN_OF(task, 1), .held = { HELD_RUNNING, INT64_MAX, { 0, 0 } });
	that_is_all(world);
	UNTIL(world, task->now.state == TASK_RUNNING);
	assert_in_range(task->now.started, task->job->submitted, clock_wall_ms());
}

static void processors_of_a_node_are_bounded(void **state)
{
	static const struct { uint32_t cpus, slots; } rows[] = {
		{ 0, 1 }, { 3, 3 }, { 4096, 4096 }, { 4097, 4096 }, { 0x80000000, 4096 }, { 0xffffffff, 4096 },
	};
	World *world = *state;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		world->stage->node->slots_default = 0;
		hear(world, WIRE_HELLO);
		SAY(world, .type = WIRE_WELCOME, .welcome = { .version = WIRE_VERSION, .instance = slice_of("x"),
			.cpus = rows[i].cpus, .memory = UINT64_MAX });
		that_is_all(world);
		assert_int_equal(node_slots(world->stage->node), rows[i].slots);
		assert_true(world->stage->node->memory <= INT64_MAX);
		hang_up(world);
	}
}

/* A list is no longer than what an agent holds, and is not kept for the link's sake. */
static void a_list_of_runs_is_given_back(void **state)
{
	World *world = *state;

	welcome(world, "first");
	for (uint32_t i = 0; i < 1000; i++)
		SAY(world, .type = WIRE_HELD, .run = { JOB_ID_FIRST + i, 1 });
	UNTIL(world, world->worker->listed_count == 1000);
	that_is_all(world);
	assert_null(world->worker->listed);
	hang_up(world);
	welcome(world, "first");
	SAY(world, .type = WIRE_HELD, .run = { JOB_ID_FIRST, 1 });
	UNTIL(world, world->worker->listed_count == 1);
	hang_up(world);
	UNTIL(world, !world->worker->listed);
}

/* Else a node could send a run to and fro, with a commit each time. */
static void a_run_given_back_unasked_costs_the_link(void **state)
{
	World *world = *state;
	Task *task;

	come_up(world);
	task = submit(world->stage, "true");
	hear_about(world, WIRE_RUN, task, 1);
	SAY(world, .type = WIRE_RECALLED, RUN_OF(task, 1));
	assert_true(has_hung_up(world));
	assert_true(task->now.placed);
}

static void stdin_that_no_file_has_costs_the_link(void **state)
{
	static const struct { uint64_t from, until; } rows[] = { { 5, 4 }, { UINT64_MAX - 1, UINT64_MAX } };
	World *world = *state;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		Task *task;

		come_up(world);
		task = submit(world->stage, "true");
		hear_about(world, WIRE_RUN, task, 1);
		SAY(world, .type = WIRE_INPUT_WANTED, RUN_OF(task, 1), .wanted = { rows[i].from, rows[i].until });
		assert_true(has_hung_up(world));
		welcome(world, "first");
		say_held(world, task, 1, HELD_RUNNING, 0);
		that_is_all(world);
		hear_about(world, WIRE_ATTACH, task, 1);
		say_ended(world, task, 1, END_EXITED, 0, 0);
		UNTIL(world, task_is_finished(task));
		hang_up(world);
	}
}

/* --- files that go with a run ------------------------------------------------------------------ */

static void make_file(World *world, const char *name, const char *text, char path[128])
{
	int fd;

	snprintf(path, 128, "%s/%s", world->stage->directory, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static Task *submit_with(World *world, const char *options, const char *path)
{
	char line[300];

	snprintf(line, sizeof line, "%s--transfer=%s true", options, path);
	return submit(world->stage, line);
}

/* STATE/parcels, without what is being packed. */
static int count_parcels(World *world)
{
	char line[128], text[16] = "";
	FILE *pipe;

	snprintf(line, sizeof line, "ls %s/parcels | grep -vc part", world->stage->directory);
	pipe = popen(line, "r");
	assert_non_null(fgets(text, sizeof text, pipe));
	pclose(pipe);
	return atoi(text);
}

static WireParcel hear_run_with(World *world, const Task *task, uint32_t run)
{
	const Message *message = hear_about(world, WIRE_RUN, task, run);
	Slice list = message->start.parcels;
	WireParcel parcel;

	assert_true(wire_take_parcel(&list, &parcel));
	assert_int_equal(message->start.directory.length, 0);
	return parcel;
}

static void fetch(World *world, const WireParcel *parcel, uint64_t offset, uint64_t most)
{
	SAY(world, .type = WIRE_FETCH, .fetch = { { parcel->hash, WIRE_HASH }, offset, most });
}

static void a_run_is_sent_once_its_files_are_packed(void **state)
{
	World *world = *state;
	WireParcel parcel;
	const Message *piece;
	char path[128];
	Task *task;

	come_up(world);
	make_file(world, "file", "its text", path);
	task = submit_with(world, "", path);
	parcel = hear_run_with(world, task, 1);
	assert_int_equal(count_parcels(world), 1);
	fetch(world, &parcel, 0, parcel.size);
	piece = hear(world, WIRE_PARCEL);
	assert_int_equal(piece->parcel.total, parcel.size);
	assert_int_equal(piece->parcel.data.length, parcel.size);
	assert_memory_equal(piece->parcel.data.data, "wulfsP1\n", 8);
	fetch(world, &parcel, parcel.size - 1, 1);
	piece = hear(world, WIRE_PARCEL);
	assert_int_equal(piece->parcel.offset, parcel.size - 1);
	assert_int_equal(piece->parcel.data.length, 1);
	SAY(world, .type = WIRE_STARTED, RUN_OF(task, 1));
	say_ended(world, task, 1, END_EXITED, 0, 0);
	UNTIL(world, task_is_finished(task));
	UNTIL(world, count_parcels(world) == 0);
	fetch(world, &parcel, 0, 1);
	assert_int_equal(hear(world, WIRE_RELEASE)->run.task, task->id);
	assert_int_equal(hear(world, WIRE_PARCEL)->parcel.total, 0);    /* gone */
}

static void equal_files_are_one_parcel(void **state)
{
	World *world = *state;
	WireParcel one, other;
	char path[128];
	Task *first, *second;

	come_up(world);
	make_file(world, "file", "text", path);
	first = submit_with(world, "", path);
	one = hear_run_with(world, first, 1);
	second = submit_with(world, "", path);
	other = hear_run_with(world, second, 1);
	assert_memory_equal(&one, &other, sizeof one);
	make_file(world, "file", "TEXT", path);
	other = hear_run_with(world, submit_with(world, "", path), 1);
	assert_memory_not_equal(&one, &other, sizeof one);
	assert_int_equal(count_parcels(world), 2);
	/* The first has started: the second still needs it. */
	SAY(world, .type = WIRE_STARTED, RUN_OF(first, 1));
	UNTIL(world, first->now.state == TASK_RUNNING);
	assert_int_equal(count_parcels(world), 2);
	fetch(world, &one, 0, 1);
	assert_int_equal(hear(world, WIRE_PARCEL)->parcel.total, one.size);
}

static void a_file_that_has_gone_fails_the_job(void **state)
{
	World *world = *state;
	Buf text = BUF_INIT;
	Task *task;

	come_up(world);
	task = submit_with(world, "", "/no/such/file");
	UNTIL(world, task_is_finished(task));
	assert_state(task, "FAILED");
	assert_reason(task, "JobLaunchFailure");
	hear_about(world, WIRE_RELEASE, task, 1);       /* of a run it never had: committed */
	assert_int_equal(cluster_read_output(world->cluster, task, STREAM_STDERR, &text, NULL), 0);
	assert_string_equal(text.data, "wulfs: --transfer: /no/such/file: No such file or directory\n");
	buf_release(&text);
	hear_nothing(world);
}

static void a_run_can_be_cancelled_while_it_is_packed(void **state)
{
	World *world = *state;
	char path[128];
	Task *task;

	come_up(world);
	make_file(world, "file", "", path);
	assert_int_equal(truncate(path, 500000000), 0);
	task = submit_with(world, "", path);
	UNTIL(world, task->now.placed);
	task_cancel(world->cluster, task);
	UNTIL(world, task_is_finished(task));
	assert_state(task, "CANCELLED");
	hear_nothing(world);
	UNTIL(world, count_parcels(world) == 0);
}

static void parcels_of_an_earlier_mount_are_there_until_their_runs_have_started(void **state)
{
	World *world = *state;
	WireParcel parcel;
	char path[128];
	Task *task;

	come_up(world);
	make_file(world, "file", "text", path);
	task = submit_with(world, "", path);
	parcel = hear_run_with(world, task, 1);
	/* As if killed here. */
	hang_up(world);
	staging_free(world->staging);
	world->staging = staging_new(world->turn, staged, world, NULL);
	world->worker->staging = world->staging;
	welcome(world, "first");
	say_held(world, task, 1, HELD_QUEUED, 0);
	that_is_all(world);
	hear_about(world, WIRE_ATTACH, task, 1);
	fetch(world, &parcel, 0, 8);
	assert_int_equal(hear(world, WIRE_PARCEL)->parcel.total, parcel.size);
	SAY(world, .type = WIRE_STARTED, RUN_OF(task, 1));
	say_ended(world, task, 1, END_EXITED, 0, 0);
	UNTIL(world, task_is_finished(task));
	UNTIL(world, count_parcels(world) == 0);
}

/* Its agent had nothing to do and went; the next one was not sent it either. */
/* libuv's pool is kept busy: nothing is packed until it is let go. */
static void a_run_killed_while_it_is_packed_was_never_sent(void **state)
{
	World *world = *state;
	char path[128];
	Task *task;

	come_up(world);
	make_file(world, "file", "some bytes", path);
	task = submit_with(world, "--no-requeue ", path);
	UNTIL(world, task->now.placed && job_is_touched(task->job) == false);
	staging_free(world->staging);
	world->staging = staging_new(world->turn, staged, world, NULL);
	world->worker->staging = world->staging;
	hang_up(world);
	welcome(world, "second");
	that_is_all(world);
	hear_run_with(world, task, 1);
	/* Now it was. */
	hang_up(world);
	staging_free(world->staging);
	world->staging = staging_new(world->turn, staged, world, NULL);
	world->worker->staging = world->staging;
	welcome(world, "third");
	that_is_all(world);
	UNTIL(world, task_is_finished(task));
	assert_state(task, "NODE_FAIL");
}

static void fetches_that_make_no_sense_end_the_link(void **state)
{
	World *world = *state;
	const WireParcel parcel = { .size = 1 };

	come_up(world);
	fetch(world, &parcel, 0, 0);
	assert_true(has_hung_up(world));
	hang_up(world);
	come_up(world);
	fetch(world, &parcel, INT64_MAX, 5);
	assert_true(has_hung_up(world));
	hang_up(world);
	come_up(world);
	for (int i = 0; i < 2 * FETCHES_MAX; i++)
		fetch(world, &parcel, 0, 1);
	assert_true(has_hung_up(world));
}

/* --- what comes back --------------------------------------------------------------------------- */

static Task *ended_with(World *world, const char *parcel, size_t n)
{
	Task *task = running(world, "--return=x true");

	for (size_t at = 0; at < n; at += WIRE_OUTPUT_MAX) {
		uint32_t piece = n - at < WIRE_OUTPUT_MAX ? (uint32_t)(n - at) : WIRE_OUTPUT_MAX;

		SAY(world, .type = WIRE_OUTPUT, RUN_OF(task, 1), .output = { STREAM_RETURN, at, { parcel + at, piece } });
	}
	SAY(world, .type = WIRE_ENDED, RUN_OF(task, 1), .ended = { .how = END_EXITED, .size = { 0, 0, n } });
	UNTIL(world, task_is_finished(task));
	hear_about(world, WIRE_RELEASE, task, 1);
	return task;
}

static bool has_out(World *world, const Task *task, const char *name)
{
	char path[128];

	snprintf(path, sizeof path, "%s/outputs/%llu.out%s", world->stage->directory, (unsigned long long)task->id, name);
	return access(path, F_OK) == 0;
}

static void what_is_returned_is_unpacked_before_the_task_is_finished(void **state)
{
	static const char small[] = "wulfsP1\n\3\1\0\0\0x\244\1\0\0\0\0\0\0\0\0\0\0\1\0\0\0y\0\0\0\0";
	World *world = *state;
	Buf large = BUF_INIT;
	Task *task;
	Err err;

	come_up(world);
	task = ended_with(world, small, sizeof small);
	assert_state(task, "COMPLETED");
	assert_true(has_out(world, task, "/x"));

	buf_add(&large, small, sizeof small - 1);
	large.length -= 4 + 1 + 4;
	for (int i = 0; i < 20000; i++)
		buf_add(&large, "\3\0\0\0abc", 7);
	buf_add(&large, "\0\0\0\0\0", 5);
	task = ended_with(world, large.data, large.length);
	assert_true(has_out(world, task, "/x"));
	assert_int_equal(cluster_forget(world->cluster, task->job, &err), 0);
	settle(world);
	buf_release(&large);
}

static void what_is_no_parcel_is_not_returned_and_said(void **state)
{
	World *world = *state;
	Buf text = BUF_INIT;
	Task *task;

	come_up(world);
	task = ended_with(world, "nonsense", 8);
	assert_state(task, "COMPLETED");
	assert_false(has_out(world, task, ""));
	assert_int_equal(cluster_read_output(world->cluster, task, STREAM_STDERR, &text, NULL), 0);
	assert_string_equal(text.data, "wulfs: --return: it is no parcel; nothing is returned\n");
	buf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		world_test(the_greeting_says_who_we_are),
		world_test(a_task_is_sent_runs_and_ends),
		world_test(a_large_output_is_on_disk_before_the_end_is),
		world_test(credit_is_returned_as_output_comes),
		world_test(what_never_started_says_why_on_stderr),
		world_test(cancelling_asks_the_agent),
		world_test(holding_takes_back_what_has_not_started),
		world_test(draining_takes_back_what_has_not_started),
		world_test(requeue_releases_the_run_and_sends_the_next),
		world_test(a_run_goes_on_over_a_new_link),
		world_test(what_started_while_we_were_away_is_running),
		world_test(a_run_that_never_arrived_is_sent_again),
		world_test(what_another_agent_had_is_lost),
		world_test(what_an_agent_does_not_know_of_any_more_is_lost),
		world_test(runs_that_are_nobodys_are_released),
		world_test(a_run_that_could_not_be_described_is_sent_later),
		world_test(an_end_that_came_while_we_slept_is_when_it_was),
		world_test(a_run_lost_five_times_is_node_fail),
		world_test(a_silent_node_is_down_and_then_loses_its_runs),
		world_test(an_agent_that_never_greets_is_called_again),
		world_test(a_full_disk_lets_the_link_go_until_there_is_room),
		world_test(input_is_sent_as_far_as_it_is_wanted),
		world_test(input_goes_on_where_a_broken_link_left_it),
		world_test(a_node_that_does_not_read_costs_no_memory),
		world_test(a_breach_costs_the_link_and_nothing_else),
		world_test(bytes_that_are_no_frame_cost_the_link),
		world_test(another_version_is_refused),
		world_test(a_run_listed_twice_is_one_run),
		world_test(times_a_node_makes_up_are_bounded),
		world_test(a_start_listed_long_ago_is_bounded),
		world_test(processors_of_a_node_are_bounded),
		world_test(a_list_of_runs_is_given_back),
		world_test(a_run_given_back_unasked_costs_the_link),
		world_test(stdin_that_no_file_has_costs_the_link),
		world_test(a_run_is_sent_once_its_files_are_packed),
		world_test(equal_files_are_one_parcel),
		world_test(a_file_that_has_gone_fails_the_job),
		world_test(a_run_can_be_cancelled_while_it_is_packed),
		world_test(parcels_of_an_earlier_mount_are_there_until_their_runs_have_started),
		world_test(a_run_killed_while_it_is_packed_was_never_sent),
		world_test(fetches_that_make_no_sense_end_the_link),
		world_test(what_is_returned_is_unpacked_before_the_task_is_finished),
		world_test(what_is_no_parcel_is_not_returned_and_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
