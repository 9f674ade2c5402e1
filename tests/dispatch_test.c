/* dispatch_test.c - which waiting task goes to which node. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "node/dispatch.h"
#include "store/base/clock.h"
#include "store/dependents.h"
#include "store/queues.h"
#include "stage.h"

static Node *add_node(Stage *stage, const char *name, uint32_t slots)
{
	Node *node = cluster_add_node(stage->cluster, name, "test");

	node->slots_default = slots;
	node->up = true;
	return node;
}

static const char *place_of(const Task *task)
{
	return task->now.placed ? task->now.node->name : "nowhere";
}

#define assert_on(task, name) assert_string_equal(place_of(task), name)

static void tasks_fill_the_slots_in_order(void **state)
{
	Stage *stage = *state;
	Task *first = submit(stage, "true"), *second = submit(stage, "true"), *third = submit(stage, "true");

	dispatch(stage->cluster);
	assert_on(first, "local");
	assert_on(second, "local");
	assert_on(third, "nowhere");
	finish(stage, first, TASK_COMPLETED, 0);
	dispatch(stage->cluster);
	assert_on(third, "local");
}

static void a_little_more_than_the_slots_is_sent_ahead(void **state)
{
	Stage *stage = *state;

	stage->node->slots_ahead = 3;
	for (int i = 0; i < 10; i++)
		submit(stage, "true");
	dispatch(stage->cluster);
	assert_int_equal(stage->node->slots_placed, 5);
}

static void the_emptier_node_comes_first(void **state)
{
	Stage *stage = *state;
	Task *task[6];

	add_node(stage, "big", 4);
	for (int i = 0; i < 6; i++)
		task[i] = submit(stage, "true");
	dispatch(stage->cluster);
	assert_int_equal(stage->node->slots_placed, 2);
	assert_int_equal(cluster_node(stage->cluster, "big")->slots_placed, 4);
	assert_on(task[0], "local");
	assert_on(task[1], "big");
}

static void a_wide_task_is_not_overtaken(void **state)
{
	Stage *stage = *state;
	Task *runs = submit(stage, "true"), *wide = submit(stage, "-c 2 true"), *small = submit(stage, "true");

	dispatch(stage->cluster);
	assert_on(runs, "local");
	assert_on(wide, "nowhere");
	assert_on(small, "nowhere");
	finish(stage, runs, TASK_COMPLETED, 0);
	dispatch(stage->cluster);
	assert_on(wide, "local");
	assert_on(small, "nowhere");
}

static void one_too_wide_for_all_nodes_holds_nobody_up(void **state)
{
	Stage *stage = *state;
	Task *wide = submit(stage, "-c 3 true"), *small = submit(stage, "true");

	dispatch(stage->cluster);
	assert_on(wide, "nowhere");
	assert_on(small, "local");
	add_node(stage, "wide", 3);
	cluster_reconsider(stage->cluster);
	dispatch(stage->cluster);
	assert_on(wide, "wide");
}

static void priority_goes_before_order(void **state)
{
	Stage *stage = *state;
	Task *nice = submit(stage, "--nice true"), *plain = submit(stage, "true"), *held = submit(stage, "-H true");

	stage->node->slots_default = 1;
	dispatch(stage->cluster);
	assert_on(plain, "local");
	assert_on(nice, "nowhere");
	assert_on(held, "nowhere");
}

static void nothing_goes_to_a_node_that_is_drained_or_down(void **state)
{
	Stage *stage = *state;
	Task *task = submit(stage, "true");

	stage->node->up = false;
	dispatch(stage->cluster);
	assert_on(task, "nowhere");
	stage->node->up = true;
	node_set_text(&stage->node->drain, "new disk");
	dispatch(stage->cluster);
	assert_on(task, "nowhere");
	node_set_text(&stage->node->drain, NULL);
	dispatch(stage->cluster);
	assert_on(task, "local");
}

static void memory_that_is_asked_for_is_counted(void **state)
{
	Stage *stage = *state;
	Task *first = submit(stage, "true"), *second = submit(stage, "true"), *huge = submit(stage, "true"),
	     *small = submit(stage, "true");

	stage->node->memory = 1000;
	stage->node->slots_default = 8;
	first->job->memory = 600;
	second->job->memory = 500;
	huge->job->memory = 1001;
	dispatch(stage->cluster);
	assert_on(first, "local");
	assert_on(second, "nowhere");
	assert_on(small, "nowhere");            /* does not overtake, or large ones would wait for ever */
	finish(stage, first, TASK_COMPLETED, 0);
	dispatch(stage->cluster);
	assert_on(second, "local");
	assert_on(huge, "nowhere");             /* no node has that much: out of the way */
	assert_on(small, "local");
}

static void an_exclusive_job_has_its_node_for_itself(void **state)
{
	Stage *stage = *state;
	Task *first = submit(stage, "true"), *alone = submit(stage, "--exclusive true"), *after = submit(stage, "true");

	dispatch(stage->cluster);
	assert_on(first, "local");
	assert_on(alone, "nowhere");
	assert_on(after, "nowhere");
	finish(stage, first, TASK_COMPLETED, 0);
	dispatch(stage->cluster);
	assert_on(alone, "local");
	assert_on(after, "nowhere");
	assert_int_equal(alone->now.slots, 2);
	stage->node->slots_default = 8;         /* nobody moves in */
	dispatch(stage->cluster);
	assert_on(after, "nowhere");
	finish(stage, alone, TASK_COMPLETED, 0);
	dispatch(stage->cluster);
	assert_on(after, "local");
	assert_int_equal(stage->node->slots_placed, 1);
}

/* Who wants what was just refused is not looked at again; who wants something else is. */
static void those_that_want_a_full_node_let_all_others_pass(void **state)
{
	Stage *stage = *state;
	Task *picky[10], *other, *wide, *plain;

	add_node(stage, "big", 4);
	for (int i = 0; i < 10; i++)
		picky[i] = submit(stage, "-w local true");
	wide = submit(stage, "-w local -c 3 true");
	other = submit(stage, "-w big,nowhere true");
	plain = submit(stage, "true");
	dispatch(stage->cluster);
	assert_on(picky[0], "local");
	assert_on(picky[1], "local");
	for (int i = 2; i < 10; i++)
		assert_on(picky[i], "nowhere");
	assert_on(wide, "nowhere");
	assert_on(other, "big");
	assert_on(plain, "big");
	finish(stage, picky[1], TASK_COMPLETED, 0);
	dispatch(stage->cluster);
	assert_on(picky[2], "local");
	assert_on(picky[3], "nowhere");
	stage->node->slots_default = 4;
	cluster_reconsider(stage->cluster);
	finish(stage, picky[0], TASK_COMPLETED, 0);
	finish(stage, picky[2], TASK_COMPLETED, 0);
	for (int i = 3; i < 10; i++)
		finish(stage, picky[i], TASK_CANCELLED, 0);
	dispatch(stage->cluster);
	assert_on(wide, "local");
}

static void a_node_that_was_removed_is_named_in_vain(void **state)
{
	Stage *stage = *state;
	Task *task = submit(stage, "-w other,big true");

	cluster_remove_node(stage->cluster, add_node(stage, "big", 4));
	dispatch(stage->cluster);
	assert_on(task, "nowhere");
	add_node(stage, "big", 4);
	cluster_reconsider(stage->cluster);
	dispatch(stage->cluster);
	assert_on(task, "big");
}

static void lose_on(Stage *stage, Task *task, const char *name)
{
	assert_on(task, name);
	task_lose(stage->cluster, task);
}

static void a_task_that_was_lost_goes_to_another_node(void **state)
{
	Stage *stage = *state;
	Task *task = submit(stage, "true");

	dispatch(stage->cluster);
	add_node(stage, "other", 1);
	lose_on(stage, task, "local");
	dispatch(stage->cluster);
	lose_on(stage, task, "other");
	dispatch(stage->cluster);
	assert_on(task, "local");
}

/* As if so many seconds had passed. */
static void wait_s(Stage *stage, Task *task, unsigned seconds)
{
	task->now.lost_at -= seconds;
	cluster_settle(stage->cluster, clock_wall_ms() + 100000);
	dispatch(stage->cluster);
}

static void a_task_that_only_one_node_may_run_is_tried_again_there_ever_later(void **state)
{
	Stage *stage = *state;
	Task *task = submit(stage, "-w local true");
	static const unsigned pause[] = { 2, 6, 18, 54 };

	add_node(stage, "other", 1);
	dispatch(stage->cluster);
	for (size_t i = 0; i < 4; i++) {
		lose_on(stage, task, "local");
		dispatch(stage->cluster);
		assert_on(task, "nowhere");
		wait_s(stage, task, pause[i] - 2);
		assert_on(task, "nowhere");
		wait_s(stage, task, 2);
	}
	lose_on(stage, task, "local");
	assert_state(task, "NODE_FAIL");
}

static void others_go_ahead_of_a_task_that_was_lost(void **state)
{
	Stage *stage = *state;
	Task *lost = submit(stage, "true"), *next;

	dispatch(stage->cluster);
	lose_on(stage, lost, "local");
	next = submit(stage, "true");
	dispatch(stage->cluster);
	assert_on(lost, "nowhere");
	assert_on(next, "local");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		staged_test(tasks_fill_the_slots_in_order),
		staged_test(memory_that_is_asked_for_is_counted),
		staged_test(an_exclusive_job_has_its_node_for_itself),
		staged_test(a_little_more_than_the_slots_is_sent_ahead),
		staged_test(the_emptier_node_comes_first),
		staged_test(a_wide_task_is_not_overtaken),
		staged_test(one_too_wide_for_all_nodes_holds_nobody_up),
		staged_test(priority_goes_before_order),
		staged_test(nothing_goes_to_a_node_that_is_drained_or_down),
		staged_test(those_that_want_a_full_node_let_all_others_pass),
		staged_test(a_node_that_was_removed_is_named_in_vain),
		staged_test(a_task_that_was_lost_goes_to_another_node),
		staged_test(a_task_that_only_one_node_may_run_is_tried_again_there_ever_later),
		staged_test(others_go_ahead_of_a_task_that_was_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
