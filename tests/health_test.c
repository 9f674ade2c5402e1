/* health_test.c - a node that fails or loses everything is drained; one that is unlucky is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "node/worker/health.h"
#include "store/base/clock.h"
#include "stage.h"

static const Ending good = { .state = TASK_COMPLETED, .started = 1000, .ended = 1010 };
static const Ending bad = { .state = TASK_FAILED, .exit = 1, .started = 1000, .ended = 1010 };

static Node *add_other(Stage *stage)
{
	Node *other = cluster_add_node(stage->cluster, "other", "test");

	other->slots_default = 2;
	other->up = true;
	return other;
}

/* It was a while ago that the other node did well: now is later than that. */
static void does_well(Node *node)
{
	node->did_well = clock_mono_ms() + 1000;
}

static bool fails(Stage *stage, Task *task)
{
	health_note_end(stage->cluster, stage->node, task, &bad);
	return stage->node->drain;
}

static bool is_lost(Stage *stage, Task *task, bool alone)
{
	start(stage, task);
	health_note_loss(stage->cluster, stage->node, task, alone);
	task_lose(stage->cluster, task);
	return stage->node->drain;
}

static void twenty_jobs_that_fail_at_once_drain_their_node(void **state)
{
	Stage *stage = *state;

	does_well(add_other(stage));
	for (int i = 0; i < 19; i++)
		assert_false(fails(stage, submit(stage, "false")));
	assert_true(fails(stage, submit(stage, "false")));
	assert_non_null(strstr(stage->node->drain, "20 jobs in a row failed here at once"));
	assert_non_null(strstr(stage->node->drain, "echo resume > nodes/local/ctl"));
}

static void jobs_that_fail_everywhere_drain_no_node(void **state)
{
	Stage *stage = *state;

	add_other(stage);
	for (int i = 0; i < 100; i++)
		assert_false(fails(stage, submit(stage, "false")));
}

static void an_array_that_fails_is_one_job(void **state)
{
	Stage *stage = *state;
	Task *array = submit(stage, "--array=1-100 false");

	does_well(add_other(stage));
	for (uint32_t i = 0; i < 100; i++)
		assert_false(fails(stage, cluster_own_task(stage->cluster, array->job, i)));
	assert_null(stage->node->drain);
}

static void arrays_side_by_side_are_a_job_each(void **state)
{
	Stage *stage = *state;
	Task *a = submit(stage, "--array=1-100 false"), *b = submit(stage, "--array=1-100 false");

	does_well(add_other(stage));
	for (uint32_t i = 0; i < 100; i++) {
		assert_false(fails(stage, cluster_own_task(stage->cluster, a->job, i)));
		assert_false(fails(stage, cluster_own_task(stage->cluster, b->job, i)));
	}
}

static void an_array_that_does_well_elsewhere_drains_the_node(void **state)
{
	Stage *stage = *state;
	Job *array = submit(stage, "--array=1-100 true")->job;
	Node *other = add_other(stage);
	bool drained = false;

	does_well(other);
	for (uint32_t i = 0; i < 50 && !drained; i++) {
		Task *there = cluster_own_task(stage->cluster, array, 99 - i);

		drained = fails(stage, cluster_own_task(stage->cluster, array, i));
		start_on(stage, there, other);
		finish(stage, there, TASK_COMPLETED, 0);
	}
	assert_true(drained);
}

static void a_node_that_loses_one_job_after_the_other_is_drained(void **state)
{
	Stage *stage = *state;

	add_other(stage);
	for (int i = 0; i < 4; i++)
		assert_false(is_lost(stage, submit(stage, "true"), true));
	assert_true(is_lost(stage, submit(stage, "true"), true));
	assert_non_null(strstr(stage->node->drain, "it lost what it ran, 5 times in a row"));
}

static void a_crash_is_one_loss_however_much_ran(void **state)
{
	Stage *stage = *state;

	add_other(stage);
	for (int i = 0; i < 64; i++)
		assert_false(is_lost(stage, submit(stage, "true"), false));
	assert_int_equal(stage->node->losses, 1);
}

static void a_node_that_no_other_stands_in_for_is_not_drained(void **state)
{
	Stage *stage = *state;

	add_other(stage);
	for (int i = 0; i < 20; i++)
		assert_false(is_lost(stage, submit(stage, i % 2 ? "-w local true" : "-c 8 true"), true));
}

static void a_task_that_is_lost_again_is_to_blame_itself(void **state)
{
	Stage *stage = *state;
	Task *task = submit(stage, "true");

	add_other(stage);
	for (int i = 0; i < 4; i++)
		assert_false(is_lost(stage, task, true));
	assert_int_equal(stage->node->losses, 1);
}

static void losses_are_forgotten_when_something_ends(void **state)
{
	Stage *stage = *state;

	add_other(stage);
	for (int i = 0; i < 20; i++) {
		assert_false(is_lost(stage, submit(stage, "true"), true));
		health_note_end(stage->cluster, stage->node, submit(stage, "true"), &good);
		assert_null(stage->node->drain);
	}
}

static void losses_of_another_hour_are_forgotten(void **state)
{
	Stage *stage = *state;

	add_other(stage);
	for (int i = 0; i < 20; i++) {
		assert_false(is_lost(stage, submit(stage, "true"), true));
		stage->node->losing_since -= 4 * 60 * 1000;
	}
}

static void a_process_that_cannot_be_killed_drains_its_node(void **state)
{
	Stage *stage = *state;

	health_note_stuck(stage->cluster, stage->node, 12, 4711, "root");
	assert_string_equal(stage->node->drain, "process 4711 of user root, left by job 12, cannot be killed; end it there, "
			    "then echo resume > nodes/local/ctl");
	health_note_stuck(stage->cluster, stage->node, 13, 4712, "root");
	assert_non_null(strstr(stage->node->drain, "job 12"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		staged_test(twenty_jobs_that_fail_at_once_drain_their_node),
		staged_test(jobs_that_fail_everywhere_drain_no_node),
		staged_test(an_array_that_fails_is_one_job),
		staged_test(arrays_side_by_side_are_a_job_each),
		staged_test(an_array_that_does_well_elsewhere_drains_the_node),
		staged_test(a_node_that_loses_one_job_after_the_other_is_drained),
		staged_test(a_crash_is_one_loss_however_much_ran),
		staged_test(a_node_that_no_other_stands_in_for_is_not_drained),
		staged_test(a_task_that_is_lost_again_is_to_blame_itself),
		staged_test(losses_are_forgotten_when_something_ends),
		staged_test(losses_of_another_hour_are_forgotten),
		staged_test(a_process_that_cannot_be_killed_drains_its_node),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
