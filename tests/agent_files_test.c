/* agent_files_test.c - the real agent and the files of its runs: parcels it asks the mount (this test) for, keeps,
 * unpacks and throws away, and what it brings back. Otherwise as agent_test.c. */
#define _GNU_SOURCE 1
#include "node/wire/wire.h"
#include "store/base/parcel.h"
#include "store/base/tree_remove.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "deadline.h"

enum { DEADLINE_MS = 30000, PARCELS = 4, RUNS = 32 };

typedef struct Known {          /* a parcel the mount has */
	char hash[WIRE_HASH];
	Buf bytes;
	uint64_t answer_to;     /* it is sent up to here; UINT64_MAX: all of it */
	bool gone;
	uint64_t sent;
	uint64_t first_asked;   /* on this link; UINT64_MAX: nothing */
} Known;

typedef struct Seen {
	bool started, ended, recalled;
	Buf output[WIRE_STREAMS];
	Message end;
	char reason[257];
} Seen;

typedef struct World {
	char dir[64];
	pid_t agent;
	int fd;
	Buf in;
	uint64_t cache;
	Known parcel[PARCELS];
	Seen run[RUNS];
} World;

/* --- parcels -------------------------------------------------------------------------------------- */

static void put_number(Buf *parcel, uint64_t value, int bytes)
{
	for (int i = 0; i < bytes; i++)
		buf_add_char(parcel, (char)(value >> (8 * i)));
}

/* One file, called by its letter, of n times that letter. */
static void make_parcel(Known *known, char letter, size_t n)
{
	char piece[PARCEL_PIECE];

	memset(known->hash, letter, WIRE_HASH);
	memset(piece, letter, sizeof piece);
	known->answer_to = known->first_asked = UINT64_MAX;
	buf_add_text(&known->bytes, PARCEL_MAGIC);
	put_number(&known->bytes, PARCEL_FILE, 1);
	put_number(&known->bytes, 1, 4);
	buf_add_char(&known->bytes, letter);
	put_number(&known->bytes, 0640, 4);
	put_number(&known->bytes, 0, 8);
	for (size_t done = 0, step; done < n; done += step) {
		step = n - done < sizeof piece ? n - done : sizeof piece;
		put_number(&known->bytes, step, 4);
		buf_add(&known->bytes, piece, step);
	}
	put_number(&known->bytes, 0, 4);
	put_number(&known->bytes, PARCEL_END, 1);
}

static const char *cache_path(const World *world, char letter, const char *suffix)
{
	static char path[256];
	char *to = path + sprintf(path, "%s/cache/", world->dir);

	for (int i = 0; i < WIRE_HASH; i++)
		to += sprintf(to, "%02x", (unsigned char)letter);
	strcpy(to, suffix);
	return path;
}

static bool is_cached(const World *world, char letter)
{
	return access(cache_path(world, letter, ""), F_OK) == 0;
}

static bool is_partial(const World *world, char letter)
{
	return access(cache_path(world, letter, ".part"), F_OK) == 0;
}

static void remove_partial(const World *world, char letter)
{
	assert_int_equal(unlink(cache_path(world, letter, ".part")), 0);
}

/* --- the agent ------------------------------------------------------------------------------------ */

static void start_agent(World *world)
{
	const char *named = getenv("WULFS_AGENT");
	char path[128], text[32] = "";
	pid_t pid = fork();
	int status, fd;

	if (pid == 0) {
		execl(named ? named : "build/wulfs-agent", "wulfs-agent", "serve", world->dir, (char *)NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	snprintf(path, sizeof path, "%s/lock", world->dir);
	fd = open(path, O_RDONLY);
	assert_true(read(fd, text, sizeof text - 1) > 0);
	close(fd);
	world->agent = (pid_t)atoi(text);
}

static bool is_gone(pid_t pid)
{
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	return kill(pid, 0) < 0 && errno == ESRCH;
}

static void say(World *world, const Message *message)
{
	Buf frame = BUF_INIT;

	wire_put(&frame, message);
	for (size_t done = 0; done < frame.length;) {
		ssize_t n = send(world->fd, frame.data + done, frame.length - done, MSG_NOSIGNAL);

		if (n <= 0)
			fail_msg("the agent hung up");
		done += (size_t)n;
	}
	buf_release(&frame);
}

static void answer(World *world, const Message *fetch)
{
	Known *known = NULL;
	uint64_t at = fetch->fetch.offset, end = at + fetch->fetch.most;

	for (int i = 0; i < PARCELS; i++)
		if (memcmp(world->parcel[i].hash, fetch->fetch.hash.data, WIRE_HASH) == 0)
			known = &world->parcel[i];
	assert_non_null(known);
	if (known->first_asked == UINT64_MAX)
		known->first_asked = at;
	if (known->gone) {
		say(world, &(Message){ .type = WIRE_PARCEL, .parcel = { fetch->fetch.hash, at, 0, { NULL, 0 } } });
		return;
	}
	assert_true(end <= known->bytes.length);
	if (end > known->answer_to)
		end = known->answer_to;
	while (at < end) {
		uint32_t n = (uint32_t)(end - at < WIRE_OUTPUT_MAX ? end - at : WIRE_OUTPUT_MAX);

		say(world, &(Message){ .type = WIRE_PARCEL, .parcel = { fetch->fetch.hash, at, known->bytes.length,
									 { known->bytes.data + at, n } } });
		known->sent += n;
		at += n;
	}
}

static void note(World *world, const Message *message)
{
	Seen *seen = &world->run[message->run.task % RUNS];

	if (message->type == WIRE_FETCH)
		answer(world, message);
	if (message->type == WIRE_STARTED)
		seen->started = true;
	if (message->type == WIRE_RECALLED)
		seen->recalled = true;
	if (message->type == WIRE_OUTPUT) {
		Buf *output = &seen->output[message->output.stream];

		assert_int_equal(message->output.offset, output->length);
		buf_add(output, message->output.data.data, message->output.data.length);
	}
	if (message->type == WIRE_ENDED) {
		seen->ended = true;
		seen->end = *message;
		memcpy(seen->reason, message->ended.reason.data, message->ended.reason.length);
		for (int i = 0; i < WIRE_STREAMS; i++)
			assert_int_equal(message->ended.size[i], seen->output[i].length);
	}
}

/* One frame, which is dealt with; its type. */
static MessageType hear(World *world)
{
	Message message;
	MessageType type;
	long n;

	while ((n = wire_take(buf_text(&world->in), world->in.length, &message, NULL)) == 0) {
		ssize_t got;

		wait_readable(world->fd);
		got = read(world->fd, buf_space(&world->in, 65536), 65536);
		assert_true(got > 0);
		buf_grew(&world->in, (size_t)got);
	}
	assert_true(n > 0);
	type = message.type;
	note(world, &message);
	buf_consume(&world->in, (size_t)n);
	return type;
}

static void settle(World *world)
{
	say(world, &(Message){ .type = WIRE_PING, .ping = { 1 } });
	while (hear(world) != WIRE_PONG)
		;
}

/* Hears and answers until it is true. */
#define HEAR_UNTIL(world, condition) do { \
		while (!(condition)) \
			hear(world); \
	} while (0)

/* The same for what is on its disk, where nothing is said of it: round trip by round trip. */
#define SETTLE_UNTIL(world, condition) do { \
		while (!(condition)) \
			settle(world); \
	} while (0)

static void attach(World *world)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(at.sun_path, sizeof at.sun_path, "%s/socket", world->dir);
	assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
	if (world->fd >= 0)
		close(world->fd);
	world->fd = fd;
	buf_clear(&world->in);
	for (int i = 0; i < PARCELS; i++)
		world->parcel[i].first_asked = UINT64_MAX;
	say(world, &(Message){ .type = WIRE_HELLO, .hello = { .version = WIRE_VERSION, .state = slice_of("state"), .slots = 2,
			.lease_s = 60, .credit = 1 << 30, .cache = world->cache } });
	while (hear(world) != WIRE_THAT_IS_ALL)
		;
}

static void take_up(World *world, uint64_t task)
{
	say(world, &(Message){ .type = WIRE_ATTACH, .run = { task, 1 } });
}

/* letters: of the parcels it needs; returns: a glob, or NULL. */
static void order(World *world, uint64_t task, const char *letters, const char *command, const char *returns)
{
	Message run = { .type = WIRE_RUN, .run = { task, 1 }, .start = { .slots = 1, .grace_ms = 1000 } };
	Buf list = BUF_INIT;

	for (; *letters; letters++) {
		Known *known = &world->parcel[*letters - 'a'];
		WireParcel parcel = { .size = known->bytes.length };

		memcpy(parcel.hash, known->hash, WIRE_HASH);
		wire_put_parcel(&list, &parcel);
	}
	run.start.command = slice_of(command);
	run.start.parcels = (Slice){ list.data, (uint32_t)list.length };
	if (returns)
		run.start.returns = (Slice){ returns, (uint32_t)strlen(returns) + 1 };
	say(world, &run);
	buf_release(&list);
}

static Seen *wait_ended(World *world, uint64_t task)
{
	HEAR_UNTIL(world, world->run[task].ended);
	return &world->run[task];
}

static void runs(World *world, uint64_t task, const char *letters, const char *command, const char *said)
{
	Seen *seen;

	order(world, task, letters, command, NULL);
	seen = wait_ended(world, task);
	if (seen->end.ended.how != END_EXITED || seen->end.ended.code != 0)
		fail_msg("ended as %d with %u: %s%s", seen->end.ended.how, seen->end.ended.code, seen->reason,
			 buf_text(&seen->output[1]));
	assert_string_equal(buf_text(&seen->output[0]), said);
	say(world, &(Message){ .type = WIRE_RELEASE, .run = { task, 1 } });
}

static int set_up(void **state)
{
	World *world = mem_new_zeroed(sizeof *world);

	strcpy(world->dir, "/tmp/agent-files-XXXXXX");
	assert_non_null(mkdtemp(world->dir));
	world->fd = -1;
	world->cache = 1 << 30;
	for (int i = 0; i < PARCELS; i++)
		make_parcel(&world->parcel[i], (char)('a' + i), 100000);
	start_agent(world);
	attach(world);
	*state = world;
	return 0;
}

static int tear_down(void **state)
{
	World *world = *state;

	if (world->fd >= 0)
		close(world->fd);
	if (!is_gone(world->agent)) {
		kill(world->agent, SIGTERM);
		wait_until(is_gone(world->agent));
	}
	tree_remove(AT_FDCWD, world->dir);
	for (int i = 0; i < PARCELS; i++)
		buf_release(&world->parcel[i].bytes);
	for (int i = 0; i < RUNS; i++)
		for (int k = 0; k < WIRE_STREAMS; k++)
			buf_release(&world->run[i].output[k]);
	buf_release(&world->in);
	free(world);
	return 0;
}

/* --- fetching ------------------------------------------------------------------------------------- */

static void a_parcel_is_fetched_once_for_many_runs(void **state)
{
	World *world = *state;

	for (uint64_t i = 1; i <= 10; i++)
		order(world, i, i % 2 ? "a" : "ab", "stat -c '%a %s' *", NULL);
	for (uint64_t i = 1; i <= 10; i++) {
		assert_string_equal(buf_text(&wait_ended(world, i)->output[0]),
				    i % 2 ? "640 100000\n" : "640 100000\n640 100000\n");
		assert_string_equal(buf_text(&world->run[i].output[1]), "");
	}
	runs(world, 11, "a", "tail -c 1 a", "a");
	assert_int_equal(world->parcel[0].sent, world->parcel[0].bytes.length);
	assert_int_equal(world->parcel[1].sent, world->parcel[1].bytes.length);
}

static void others_go_ahead_of_a_run_that_waits_for_its_files(void **state)
{
	World *world = *state;

	world->parcel[0].answer_to = 50000;
	order(world, 1, "a", "cat a | wc -c", NULL);
	runs(world, 2, "", "echo first", "first\n");
	runs(world, 3, "b", "head -c 1 b", "b");
	assert_false(world->run[1].started);
	assert_true(is_partial(world, 'a') && !is_cached(world, 'a'));
	world->parcel[0].answer_to = UINT64_MAX;
	attach(world);
	take_up(world, 1);
	assert_string_equal(buf_text(&wait_ended(world, 1)->output[0]), "100000\n");
	assert_true(is_cached(world, 'a') && !is_partial(world, 'a'));
}

static void fetching_goes_on_where_the_link_broke(void **state)
{
	World *world = *state;
	Known *large = &world->parcel[3];

	buf_release(&large->bytes);
	make_parcel(large, 'd', 5000000);
	large->answer_to = 3000000;
	order(world, 1, "d", "tail -c 2 d; wc -c <d", NULL);
	HEAR_UNTIL(world, large->sent == 3000000);
	settle(world);
	large->answer_to = UINT64_MAX;
	attach(world);
	take_up(world, 1);
	assert_string_equal(buf_text(&wait_ended(world, 1)->output[0]), "dd5000000\n");
	assert_int_equal(large->first_asked, 3000000);
	assert_int_equal(large->sent, large->bytes.length);
}

static void a_run_whose_files_are_gone_is_given_back(void **state)
{
	World *world = *state;

	world->parcel[0].gone = true;
	order(world, 1, "ab", "true", NULL);
	order(world, 2, "b", "echo b", NULL);
	HEAR_UNTIL(world, world->run[1].recalled);
	assert_string_equal(buf_text(&wait_ended(world, 2)->output[0]), "b\n");
	assert_false(world->run[2].recalled);
}

static long clock_ticks_of(pid_t pid)
{
	char path[64], text[1024] = "", *at;
	unsigned long user, system;
	int fd;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY);
	assert_true(read(fd, text, sizeof text - 1) > 0);
	close(fd);
	at = strrchr(text, ')') + 2;
	assert_int_equal(sscanf(at, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system), 2);
	return (long)(user + system);
}

/* Two seconds with a full disk and nobody to ask for files: it sleeps through them. */
static void a_full_disk_costs_nothing_while_nobody_is_there(void **state)
{
	struct rlimit limit = { 1000, RLIM_INFINITY };
	const struct timespec while_alone = { 2, 0 };
	World *world = *state;
	long before;

	assert_int_equal(prlimit(world->agent, RLIMIT_FSIZE, &limit, NULL), 0);
	order(world, 1, "a", "wc -c <a", NULL);
	HEAR_UNTIL(world, world->parcel[0].sent >= 50000);
	close(world->fd);
	world->fd = -1;
	before = clock_ticks_of(world->agent);
	nanosleep(&while_alone, NULL);
	assert_true(clock_ticks_of(world->agent) - before < sysconf(_SC_CLK_TCK) / 4);
	limit.rlim_cur = RLIM_INFINITY;
	assert_int_equal(prlimit(world->agent, RLIMIT_FSIZE, &limit, NULL), 0);
}

/* Stopped meanwhile, so that it hears both at once. */
static void files_that_are_there_again_are_asked_for_again(void **state)
{
	World *world = *state;
	Known *known = &world->parcel[0];

	known->answer_to = 50000;
	order(world, 1, "a", "true", NULL);
	HEAR_UNTIL(world, known->sent == 50000);
	settle(world);
	known->answer_to = UINT64_MAX;
	known->first_asked = UINT64_MAX;
	kill(world->agent, SIGSTOP);
	say(world, &(Message){ .type = WIRE_PARCEL, .parcel = { { known->hash, WIRE_HASH }, 50000, 0, { NULL, 0 } } });
	order(world, 2, "a", "wc -c <a", NULL);
	kill(world->agent, SIGCONT);
	HEAR_UNTIL(world, world->run[1].recalled);
	HEAR_UNTIL(world, known->first_asked == 50000);
	assert_string_equal(buf_text(&wait_ended(world, 2)->output[0]), "100000\n");
}

static void a_run_that_waits_can_be_cancelled_and_recalled(void **state)
{
	World *world = *state;

	world->parcel[0].answer_to = 50000;
	order(world, 1, "a", "true", NULL);
	order(world, 2, "a", "true", NULL);
	SETTLE_UNTIL(world, is_partial(world, 'a'));
	say(world, &(Message){ .type = WIRE_CANCEL, .run = { 1, 1 }, .cancel = { 0 } });
	assert_int_equal(wait_ended(world, 1)->end.ended.how, END_NOT_STARTED);
	assert_true(is_partial(world, 'a'));
	say(world, &(Message){ .type = WIRE_RECALL, .run = { 2, 1 } });
	HEAR_UNTIL(world, world->run[2].recalled);
}

static void what_came_of_a_recalled_runs_files_is_not_sent_again(void **state)
{
	World *world = *state;
	Known *known = &world->parcel[0];

	known->answer_to = 50000;
	order(world, 1, "a", "true", NULL);
	SETTLE_UNTIL(world, is_partial(world, 'a'));
	say(world, &(Message){ .type = WIRE_RECALL, .run = { 1, 1 } });
	HEAR_UNTIL(world, world->run[1].recalled);
	settle(world);
	assert_true(is_partial(world, 'a'));
	attach(world);
	known->answer_to = UINT64_MAX;
	runs(world, 2, "a", "wc -c <a", "100000\n");
	assert_int_equal(known->sent, known->bytes.length);
}

static void a_part_that_was_removed_is_sent_from_its_beginning(void **state)
{
	World *world = *state;

	world->parcel[0].answer_to = 50000;
	order(world, 1, "a", "true", NULL);
	SETTLE_UNTIL(world, is_partial(world, 'a'));
	say(world, &(Message){ .type = WIRE_RECALL, .run = { 1, 1 } });
	HEAR_UNTIL(world, world->run[1].recalled);
	remove_partial(world, 'a');
	attach(world);
	world->parcel[0].answer_to = UINT64_MAX;
	runs(world, 2, "a", "tr -d a <a | wc -c", "0\n");
}

static void pieces_that_do_not_follow_on_are_ignored(void **state)
{
	World *world = *state;
	Known *known = &world->parcel[0];

	known->answer_to = 0;
	order(world, 1, "a", "wc -c <a", NULL);
	settle(world);
	say(world, &(Message){ .type = WIRE_PARCEL, .parcel = { { known->hash, WIRE_HASH }, 5, known->bytes.length, { "xyz", 3 } } });
	say(world, &(Message){ .type = WIRE_PARCEL, .parcel = { { "another name of 32 bytes, no more", 32 }, 0, 9, { "xyz", 3 } } });
	known->answer_to = UINT64_MAX;
	attach(world);
	take_up(world, 1);
	assert_int_equal(known->first_asked == UINT64_MAX ? 0 : known->first_asked, 0);
	assert_string_equal(buf_text(&wait_ended(world, 1)->output[0]), "100000\n");
}

/* --- unpacking ------------------------------------------------------------------------------------ */

static void a_parcel_that_is_none_ends_the_run(void **state)
{
	World *world = *state;
	char path[128];
	Seen *seen;

	world->parcel[0].bytes.data[0] = 'X';
	order(world, 1, "ba", "echo never", NULL);
	seen = wait_ended(world, 1);
	assert_int_equal(seen->end.ended.how, END_NOT_STARTED);
	assert_string_equal(seen->reason, "it is no parcel");
	assert_int_equal(seen->output[0].length, 0);
	snprintf(path, sizeof path, "%s/scratch/1.1", world->dir);
	assert_int_equal(access(path, F_OK), -1);
}

static void a_task_cannot_change_what_is_cached(void **state)
{
	World *world = *state;

	runs(world, 1, "a", "echo mine >a; rm -f b; chmod 777 .; cat a", "mine\n");
	runs(world, 2, "a", "wc -c <a", "100000\n");
}

/* --- keeping -------------------------------------------------------------------------------------- */

static void the_least_recently_used_go_first(void **state)
{
	World *world = *state;

	world->cache = 250000;
	attach(world);
	runs(world, 1, "a", "wc -c <a", "100000\n");
	runs(world, 2, "b", "wc -c <b", "100000\n");
	runs(world, 3, "a", "wc -c <a", "100000\n");
	runs(world, 4, "c", "wc -c <c", "100000\n");
	settle(world);
	assert_true(is_cached(world, 'a') && is_cached(world, 'c'));
	assert_false(is_cached(world, 'b'));
	runs(world, 5, "b", "wc -c <b", "100000\n");
	assert_int_equal(world->parcel[1].sent, 2 * world->parcel[1].bytes.length);
	assert_int_equal(world->parcel[0].sent, world->parcel[0].bytes.length);
}

static void what_a_run_needs_stays_beyond_the_limit(void **state)
{
	World *world = *state;

	world->cache = 0;
	attach(world);
	runs(world, 1, "abc", "cat a b c | wc -c", "300000\n");
	settle(world);
	assert_false(is_cached(world, 'a') || is_cached(world, 'b') || is_cached(world, 'c'));
}

static void go_and_come_back(World *world)
{
	close(world->fd);
	world->fd = -1;
	wait_until(is_gone(world->agent));
	start_agent(world);
	attach(world);
}

static void what_is_cached_outlives_the_agent(void **state)
{
	World *world = *state;

	runs(world, 1, "a", "wc -c <a", "100000\n");
	settle(world);
	go_and_come_back(world);
	runs(world, 2, "a", "wc -c <a", "100000\n");
	assert_int_equal(world->parcel[0].sent, world->parcel[0].bytes.length);
}

/* What was written last may be lost then, under the right name and of the right size. */
static void what_is_cached_does_not_outlive_the_machine(void **state)
{
	World *world = *state;
	char path[128];
	int fd;

	runs(world, 1, "a", "wc -c <a", "100000\n");
	snprintf(path, sizeof path, "%s/cache/boot", world->dir);
	fd = open(path, O_WRONLY | O_TRUNC);
	assert_int_equal(write(fd, "another", 7), 7);
	close(fd);
	settle(world);
	go_and_come_back(world);
	assert_false(is_cached(world, 'a'));
	runs(world, 2, "a", "wc -c <a", "100000\n");
	assert_int_equal(world->parcel[0].sent, 2 * world->parcel[0].bytes.length);
}

static void a_cache_that_was_emptied_is_filled_again(void **state)
{
	World *world = *state;

	runs(world, 1, "a", "wc -c <a", "100000\n");
	settle(world);
	unlink(cache_path(world, 'a', ""));
	runs(world, 2, "a", "wc -c <a", "100000\n");
}

/* --- returning ------------------------------------------------------------------------------------ */

static void what_is_returned_comes_as_a_third_stream(void **state)
{
	World *world = *state;
	Seen *seen;

	order(world, 1, "a", "mkdir d; mv a d/x; seq 200000 >d/y; exit 5", "d/*");
	seen = wait_ended(world, 1);
	assert_int_equal(seen->end.ended.code, 5);
	assert_true(seen->output[2].length > 1300000);
	assert_memory_equal(seen->output[2].data, PARCEL_MAGIC, PARCEL_MAGIC_LENGTH);
	assert_int_equal(seen->output[2].data[seen->output[2].length - 1], PARCEL_END);
	/* Kept, as the other two are, until it is committed. */
	seen->ended = false;
	for (int i = 0; i < WIRE_STREAMS; i++)
		buf_clear(&seen->output[i]);
	attach(world);
	take_up(world, 1);
	wait_ended(world, 1);
	say(world, &(Message){ .type = WIRE_RELEASE, .run = { 1, 1 } });
	settle(world);
}

static void nothing_is_left_of_what_a_released_run_returns(void **state)
{
	World *world = *state;
	char path[128];

	order(world, 1, "", "trap '' TERM; head -c 30000000 /dev/zero >x; echo on; until [ -e gone ]; do sleep 0.01; done", "x");
	HEAR_UNTIL(world, world->run[1].output[0].length > 0);
	say(world, &(Message){ .type = WIRE_RELEASE, .run = { 1, 1 } });
	runs(world, 2, "", "true", "");
	snprintf(path, sizeof path, "%s/spool/1.1.return", world->dir);
	wait_until(access(path, F_OK) < 0);
	snprintf(path, sizeof path, "%s/scratch/1.1", world->dir);
	wait_until(access(path, F_OK) < 0);
}

#define ON_AN_AGENT(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_AN_AGENT(a_parcel_is_fetched_once_for_many_runs),
		ON_AN_AGENT(others_go_ahead_of_a_run_that_waits_for_its_files),
		ON_AN_AGENT(fetching_goes_on_where_the_link_broke),
		ON_AN_AGENT(a_run_whose_files_are_gone_is_given_back),
		ON_AN_AGENT(a_full_disk_costs_nothing_while_nobody_is_there),
		ON_AN_AGENT(files_that_are_there_again_are_asked_for_again),
		ON_AN_AGENT(a_run_that_waits_can_be_cancelled_and_recalled),
		ON_AN_AGENT(what_came_of_a_recalled_runs_files_is_not_sent_again),
		ON_AN_AGENT(a_part_that_was_removed_is_sent_from_its_beginning),
		ON_AN_AGENT(pieces_that_do_not_follow_on_are_ignored),
		ON_AN_AGENT(a_parcel_that_is_none_ends_the_run),
		ON_AN_AGENT(a_task_cannot_change_what_is_cached),
		ON_AN_AGENT(the_least_recently_used_go_first),
		ON_AN_AGENT(what_a_run_needs_stays_beyond_the_limit),
		ON_AN_AGENT(what_is_cached_outlives_the_agent),
		ON_AN_AGENT(what_is_cached_does_not_outlive_the_machine),
		ON_AN_AGENT(a_cache_that_was_emptied_is_filled_again),
		ON_AN_AGENT(what_is_returned_comes_as_a_third_stream),
		ON_AN_AGENT(nothing_is_left_of_what_a_released_run_returns),
	};

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
