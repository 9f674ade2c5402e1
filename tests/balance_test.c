/* balance_test.c - work that waits on a busy node goes to an idle one, and to no other end.
 *
 * The last test is a property over random clusters: real dispatch and balance, and nodes that are simulated to the
 * message. Without faults every job must end, and no node be sent a byte twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "node/balance.h"
#include "node/dispatch.h"
#include "stage.h"

enum { FILES = 4, RUNS_MAX = 64, WORLDS = 300, TICKS_MAX = 20000, DELAY = 2 };

typedef struct Run {                    /* what a node was sent, and the mount's side of it */
	Task *task;
	uint32_t number;
	unsigned files;                 /* a bit for each that it needs */
	int asked_back;                 /* ticks until the node hears of the recall; 0: none is under way */
	int left;                       /* ticks it runs; 0: not started */
	bool recalled;
} Run;

typedef struct Machine {
	Node *node;
	Run run[RUNS_MAX];              /* in the order they were sent */
	size_t count;
	uint32_t have[FILES];
	uint64_t sent[FILES];
	uint32_t speed;                 /* bytes a tick */
} Machine;

typedef struct World {
	Stage *stage;
	Machine machine[4];
	size_t machines;
	uint32_t size[FILES];
	unsigned random;
	size_t recalls;
} World;

static unsigned below(World *world, unsigned n)
{
	world->random = world->random * 1103515245 + 12345;
	return (world->random >> 16) % n;
}

static Machine *machine_of(World *world, const Node *node)
{
	for (size_t i = 0; i < world->machines; i++)
		if (world->machine[i].node == node)
			return &world->machine[i];
	return NULL;
}

static Run *run_of(World *world, const Task *task)
{
	Machine *machine = machine_of(world, task->now.node);

	for (size_t i = 0; i < machine->count; i++)
		if (machine->run[i].task == task && machine->run[i].number == task->now.run)
			return &machine->run[i];
	return NULL;
}

static RecallStep step(void *arg, const Task *task)
{
	Run *run = run_of(arg, task);

	return !run ? RECALL_IMPOSSIBLE : run->recalled ? RECALL_UNDER_WAY : RECALL_POSSIBLE;
}

static void recall(void *arg, Task *task)
{
	World *world = arg;
	Run *run = run_of(world, task);

	run->recalled = true;
	run->asked_back = DELAY;
	world->recalls++;
}

static void turn(World *world)
{
	const Recaller recaller = { step, recall, world };

	dispatch(world->stage->cluster);
	balance(world->stage->cluster, &recaller);
	commit(world->stage);
}

/* --- simulated nodes ------------------------------------------------------------------------------- */

static Machine *add_machine(World *world, const char *name, uint32_t slots, const char *features)
{
	Machine *machine = &world->machine[world->machines++];

	machine->node = cluster_add_node(world->stage->cluster, name, "test");
	machine->node->slots_default = machine->node->slots_ahead = slots;
	machine->node->up = true;
	machine->node->memory = 1000;
	machine->speed = 10;
	node_set_text(&machine->node->features, features);
	return machine;
}

static void send_new_runs(World *world, Machine *machine)
{
	Task *task;

	TAILQ_FOREACH(task, &machine->node->tasks, on_node)
		if (!run_of(world, task)) {
			assert_true(machine->count < RUNS_MAX);
			machine->run[machine->count++] = (Run){ .task = task, .number = task->now.run,
								.files = (unsigned)task->job->retries };
		}
}

static void forget(Machine *machine, size_t i)
{
	memmove(&machine->run[i], &machine->run[i + 1], (--machine->count - i) * sizeof *machine->run);
}

static bool has_files(const World *world, const Machine *machine, const Run *run)
{
	for (int f = 0; f < FILES; f++)
		if (run->files & 1u << f && machine->have[f] < world->size[f])
			return false;
	return true;
}

/* Files come in the order of the runs that need them; what came so far stays. */
static void fetch(const World *world, Machine *machine)
{
	uint32_t left = machine->speed;

	for (size_t i = 0; i < machine->count; i++)
		for (int f = 0; f < FILES; f++) {
			uint32_t missing = world->size[f] - machine->have[f], n = missing < left ? missing : left;

			if (!(machine->run[i].files & 1u << f))
				continue;
			machine->have[f] += n;
			machine->sent[f] += n;
			left -= n;
		}
}

static void start_ready(World *world, Machine *machine)
{
	for (size_t i = 0; i < machine->count; i++) {
		Run *run = &machine->run[i];

		if (run->left || !has_files(world, machine, run) ||
		    machine->node->slots_running + run->task->now.slots > node_slots(machine->node))
			continue;
		run->left = 1 + (int)below(world, 20);
		task_start(world->stage->cluster, run->task, 1000);
	}
}

static void pass_time(World *world, Machine *machine)
{
	for (size_t i = machine->count; i-- > 0;) {
		Run *run = &machine->run[i];

		if (run->asked_back && --run->asked_back == 0 && !run->left) {
			task_recall(world->stage->cluster, run->task);
			forget(machine, i);
		} else if (run->left && --run->left == 0) {
			finish(world->stage, run->task, TASK_COMPLETED, 0);
			forget(machine, i);
		}
	}
}

/* Returns how many ticks it took until nothing was left to do. */
static int play(World *world)
{
	int ticks;

	for (ticks = 0; cluster_unfinished(world->stage->cluster) && ticks < TICKS_MAX; ticks++) {
		turn(world);
		for (size_t i = 0; i < world->machines; i++) {
			send_new_runs(world, &world->machine[i]);
			fetch(world, &world->machine[i]);
			start_ready(world, &world->machine[i]);
			pass_time(world, &world->machine[i]);
		}
	}
	return ticks;
}

/* --retries carries which files the job needs: none of them fails. */
static Task *submit_with_files(World *world, const char *line, unsigned files)
{
	Task *task = submit(world->stage, line);

	task->job->retries = (uint16_t)files;
	return task;
}

static void begin(World *world, Stage *stage)
{
	*world = (World){ .stage = stage, .size = { 100, 100, 100, 100 } };
	stage->node->up = false;
}

/* --- cases ----------------------------------------------------------------------------------------- */

static void jobs_bound_to_a_node_stay_there(void **state)
{
	World world;
	Machine *bound;

	begin(&world, *state);
	bound = add_machine(&world, "bound", 2, "big");
	add_machine(&world, "idle", 2, "");
	for (unsigned f = 0; f < FILES; f++)
		submit_with_files(&world, f % 2 ? "-w bound true" : "-C big true", 1u << f);
	assert_true(play(&world) < 200);
	assert_int_equal(world.recalls, 0);
	for (int f = 0; f < FILES; f++)
		assert_int_equal(bound->sent[f], 100);
}

static void jobs_too_large_for_the_idle_node_stay(void **state)
{
	World world;

	begin(&world, *state);
	add_machine(&world, "large", 2, "");
	add_machine(&world, "small", 1, "");
	for (unsigned f = 0; f < FILES; f++)
		submit_with_files(&world, "-c 2 true", 1u << f);
	assert_true(play(&world) < 200);
	assert_int_equal(world.recalls, 0);
}

static void jobs_that_ask_for_more_memory_than_the_idle_node_has_stay(void **state)
{
	World world;

	begin(&world, *state);
	add_machine(&world, "large", 2, "");
	add_machine(&world, "small", 2, "")->node->memory = 10;
	for (unsigned f = 0; f < FILES; f++)
		submit_with_files(&world, "true", 1u << f)->job->memory = 20;
	assert_true(play(&world) < 200);
	assert_int_equal(world.recalls, 0);
}

static void only_as_many_are_recalled_as_find_room(void **state)
{
	World world;
	Machine *idle;

	begin(&world, *state);
	add_machine(&world, "busy", 4, "");
	for (int i = 0; i < 8; i++)
		submit_with_files(&world, "true", 1);
	turn(&world);
	send_new_runs(&world, &world.machine[0]);
	idle = add_machine(&world, "idle", 3, "");
	for (int i = 0; i < 10; i++)
		turn(&world);           /* the answers are not here yet */
	assert_int_equal(world.recalls, 3);
	assert_true(play(&world) < 200);
	assert_int_equal(idle->sent[0], 100);
}

static void add_random_machines(World *world)
{
	static const char *const names[] = { "a", "b", "c", "d" }, *const features[] = { "", "big", "fast", "big,fast" };
	size_t n = 2 + below(world, 3);

	for (size_t i = 0; i < n; i++) {
		Machine *machine = add_machine(world, names[i], 1 + below(world, 4), i ? features[below(world, 4)] : "big,fast");

		machine->speed = 1 + below(world, 50);
		machine->node->memory = 100 + below(world, 900);
	}
	world->machine[0].node->slots_default = 4;      /* so that there is one for every job */
	world->machine[0].node->memory = 1000;
}

static void submit_randomly(World *world)
{
	static const char *const lines[] = { "true", "true", "-w a true", "-C big true", "-C fast true", "-x b true", "-c 2 true",
					     "-c 4 true", "--exclusive true", "-w a,b true" };
	Task *task = submit_with_files(world, lines[below(world, sizeof lines / sizeof *lines)], below(world, 1u << FILES));

	task->job->memory = below(world, 3) ? 0 : below(world, 500);
}

static void without_faults_all_ends_and_no_byte_is_sent_twice(void **state)
{
	for (unsigned seed = 1; seed <= WORLDS; seed++) {
		World world;
		void *stage = NULL;

		stage_set_up(&stage);
		begin(&world, stage);
		world.random = seed;
		for (int f = 0; f < FILES; f++)
			world.size[f] = below(&world, 500);
		add_random_machines(&world);
		for (unsigned i = 0, n = 1 + below(&world, 30); i < n; i++)
			submit_randomly(&world);
		if (play(&world) == TICKS_MAX)
			fail_msg("seed %u: %zu jobs never end", seed, cluster_unfinished(world.stage->cluster));
		for (size_t m = 0; m < world.machines; m++)
			for (int f = 0; f < FILES; f++)
				if (world.machine[m].sent[f] > world.size[f])
					fail_msg("seed %u: a byte was sent twice", seed);
		if (world.recalls > 100)
			fail_msg("seed %u: %zu recalls for some 30 jobs", seed, world.recalls);
		stage_tear_down(&stage);
	}
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		staged_test(jobs_bound_to_a_node_stay_there),
		staged_test(jobs_too_large_for_the_idle_node_stay),
		staged_test(jobs_that_ask_for_more_memory_than_the_idle_node_has_stay),
		staged_test(only_as_many_are_recalled_as_find_room),
		cmocka_unit_test(without_faults_all_ends_and_no_byte_is_sent_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
