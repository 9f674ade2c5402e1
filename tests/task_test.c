/* task_test.c - how a task changes: each verb, what it does to the node's counts and to the queue, and that
 * a turn that could not be written has not happened. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "stage.h"

#include "store/base/clock.h"
#include "store/queues.h"

static void assert_idle(const Node *node)
{
	assert_int_equal(node->slots_placed, 0);
	assert_int_equal(node->slots_running, 0);
	assert_int_equal(node->running, 0);
	assert_true(TAILQ_EMPTY(&node->tasks));
}

static void a_submitted_task_waits(void **state)
{
	Stage *stage = *state;
	Task *task = submit(stage, "true");

	assert_int_equal(task->id, JOB_ID_FIRST);
	assert_state(task, "PENDING");
	assert_reason(task, "None");
	assert_ptr_equal(cluster_next_pending(stage->cluster), task);
	assert_int_equal(cluster_unfinished(stage->cluster), 1);
}

static void a_placed_task_takes_slots_and_leaves_the_queue(void **state)
{
	Stage *stage = *state;
	Task *task = submit(stage, "-c 2 true");

	task_place(stage->cluster, task, stage->node);
	assert_state(task, "PENDING");
	assert_int_equal(task->now.run, 1);
	assert_null(cluster_next_pending(stage->cluster));
	assert_int_equal(stage->node->slots_placed, 2);
	assert_int_equal(stage->node->slots_running, 0);

	task_start(stage->cluster, task, 1000);
	assert_state(task, "RUNNING");
	assert_int_equal(stage->node->slots_running, 2);
	assert_int_equal(stage->node->running, 1);
	assert_int_equal(node_state(stage->node), NODE_ALLOCATED);

	finish(stage, task, TASK_COMPLETED, 0);
	assert_idle(stage->node);
	commit(stage);
	assert_state(task, "COMPLETED");
	assert_int_equal(stage->node->completed, 1);
	assert_int_equal(stage->node->job_ms, 2000);
	assert_int_equal(cluster_unfinished(stage->cluster), 0);
}

static void a_recalled_run_gives_its_number_back(void **state)
{
	Stage *stage = *state;
	Task *task = submit(stage, "true");

	task_place(stage->cluster, task, stage->node);
	task_recall(stage->cluster, task);
	assert_int_equal(task->now.run, 0);
	assert_int_equal(task->now.restarts, 0);
	assert_idle(stage->node);
	assert_ptr_equal(cluster_next_pending(stage->cluster), task);
}

static void a_lost_run_starts_over(void **state)
{
	Stage *stage = *state;
	Task *task = submit(stage, "true");

	start(stage, task);
	print(stage, task, STREAM_STDOUT, "half", 4);
	commit(stage);
	task_lose(stage->cluster, task);
	commit(stage);
	assert_state(task, "PENDING");
	assert_int_equal(task->now.restarts, 1);
	assert_int_equal(task->now.started, 0);
	assert_null(task->output[STREAM_STDOUT]);
	assert_idle(stage->node);
	assert_int_equal(ask(stage, "SELECT count(*) FROM runs WHERE outcome = 'LOST' AND attempt = 1"), 1);

	task_place(stage->cluster, task, stage->node);
	assert_int_equal(task->now.run, 2);
}

static void a_task_lost_too_often_is_node_fail(void **state)
{
	Stage *stage = *state;
	Task *task = submit(stage, "true");

	for (int i = 1; i < RUNS_LOST_MAX; i++) {
		start(stage, task);
		task_lose(stage->cluster, task);
		assert_state(task, "PENDING");
	}
	start(stage, task);
	task_lose(stage->cluster, task);
	assert_state(task, "NODE_FAIL");
	assert_reason(task, "NodeDown");
	assert_int_equal(task->now.exit, EXIT_NONE);
	commit(stage);
	assert_int_equal(stage->node->failed, 1);
}

static void without_requeue_a_lost_task_never_starts_twice(void **state)
{
	Stage *stage = *state;
	Task *task = submit(stage, "--no-requeue true");

	start(stage, task);
	task_lose(stage->cluster, task);
	assert_state(task, "NODE_FAIL");
}

static void a_cancelled_task_that_is_lost_is_cancelled(void **state)
{
	Stage *stage = *state;
	Task *task = submit(stage, "true");

	start(stage, task);
	task_cancel(stage->cluster, task);
	assert_state(task, "RUNNING");
	task_lose(stage->cluster, task);
	assert_state(task, "CANCELLED");
}

static void cancelling_what_waits_ends_it_at_once(void **state)
{
	Stage *stage = *state;
	Task *task = submit(stage, "true");

	task_cancel(stage->cluster, task);
	assert_state(task, "CANCELLED");
	assert_int_equal(task->now.exit, EXIT_NONE);
	assert_int_equal(task->now.started, 0);
	assert_null(cluster_next_pending(stage->cluster));
}

static void a_held_task_is_out_of_the_queue_until_released(void **state)
{
	Stage *stage = *state;
	Task *task = submit(stage, "-H true");

	assert_reason(task, "JobHeldUser");
	assert_null(cluster_next_pending(stage->cluster));
	task_hold(stage->cluster, task, false);
	assert_ptr_equal(cluster_next_pending(stage->cluster), task);
	task_hold(stage->cluster, task, true);
	assert_null(cluster_next_pending(stage->cluster));
}

static void priority_reorders_the_queue(void **state)
{
	Stage *stage = *state;
	Task *first = submit(stage, "true"), *second = submit(stage, "true"), *nice = submit(stage, "--nice=1 true");

	assert_ptr_equal(cluster_next_pending(stage->cluster), first);
	task_set_priority(stage->cluster, nice, PRIORITY_DEFAULT + 1);
	assert_ptr_equal(cluster_next_pending(stage->cluster), nice);
	task_hold(stage->cluster, nice, true);
	task_set_priority(stage->cluster, first, 0);
	assert_ptr_equal(cluster_next_pending(stage->cluster), second);
}

static void what_no_node_can_hold_stands_aside(void **state)
{
	Stage *stage = *state;
	Task *wide = submit(stage, "-c 64 true"), *small = submit(stage, "true");

	cluster_set_aside(stage->cluster, wide, QUEUE_ASIDE);
	assert_ptr_equal(cluster_next_pending(stage->cluster), small);
	cluster_reconsider(stage->cluster);
	assert_ptr_equal(cluster_next_pending(stage->cluster), wide);
	cluster_set_aside(stage->cluster, wide, QUEUE_ASIDE);
	task_cancel(stage->cluster, wide);
	assert_state(wide, "CANCELLED");
}

/* --- a turn that cannot be written ------------------------------------------------------------- */

static void a_refused_submission_leaves_nothing(void **state)
{
	Stage *stage = *state;
	Task *kept = submit(stage, "--job-name=kept true");

	commit(stage);
	submit(stage, "--job-name=gone true");
	submit(stage, "--job-name=kept true");
	commit_on_a_full_disk(stage);
	assert_null(task_of(stage, JOB_ID_FIRST + 1));
	assert_null(cluster_named(stage->cluster, "gone"));
	assert_ptr_equal(cluster_named(stage->cluster, "kept"), kept->job);
	assert_int_equal(cluster_count(stage->cluster, TASK_PENDING), 1);

	assert_int_equal(submit(stage, "true")->id, JOB_ID_FIRST + 1);
	commit(stage);
	assert_int_equal(ask(stage, "SELECT count(*) FROM jobs"), 2);
}

static void every_step_of_a_failed_turn_is_undone(void **state)
{
	Stage *stage = *state;
	Task *waits = submit(stage, "true"), *placed = submit(stage, "true"), *runs = submit(stage, "true");

	task_place(stage->cluster, placed, stage->node);
	start(stage, runs);
	commit(stage);

	task_cancel(stage->cluster, waits);
	task_start(stage->cluster, placed, 5);
	finish(stage, runs, TASK_FAILED, 3);
	commit_on_a_full_disk(stage);

	assert_state(waits, "PENDING");
	assert_ptr_equal(cluster_next_pending(stage->cluster), waits);
	assert_state(placed, "PENDING");
	assert_true(placed->now.placed);
	assert_state(runs, "RUNNING");
	assert_int_equal(stage->node->slots_placed, 2);
	assert_int_equal(stage->node->running, 1);
	assert_int_equal(stage->node->failed, 0);

	finish(stage, runs, TASK_COMPLETED, 0);
	commit(stage);
	assert_int_equal(stage->node->completed, 1);
	assert_int_equal(ask(stage, "SELECT count(*) FROM runs"), 1);
}

static void an_undone_loss_keeps_the_output(void **state)
{
	Stage *stage = *state;
	Task *task = submit(stage, "true");

	start(stage, task);
	print(stage, task, STREAM_STDOUT, "half", 4);
	commit(stage);
	task_lose(stage->cluster, task);
	commit_on_a_full_disk(stage);
	assert_state(task, "RUNNING");
	assert_int_equal(task->now.restarts, 0);
	assert_int_equal(output_size(task->output[STREAM_STDOUT]), 4);
}

/* --- who watches ------------------------------------------------------------------------------- */

static Buf seen;

static void see(void *arg, Task *task, const Facts *before)
{
	(void)arg;
	buf_addf(&seen, "%llu %s %s\n", (unsigned long long)task->id, before ? task_state_name(before->state) : "-",
		 task_state_name(task->now.state));
}

static void watchers_see_what_was_committed_and_nothing_else(void **state)
{
	Stage *stage = *state;
	Task *task = submit(stage, "true");

	cluster_watch(stage->cluster, see, NULL);
	commit_on_a_full_disk(stage);
	assert_string_equal(buf_text(&seen), "");
	task = submit(stage, "true");
	commit(stage);
	start(stage, task);
	commit(stage);
	print(stage, task, STREAM_STDERR, "x", 1);
	commit(stage);
	finish(stage, task, TASK_COMPLETED, 0);
	commit(stage);
	assert_string_equal(buf_text(&seen), "10000001 - PENDING\n10000001 PENDING RUNNING\n"
					     "10000001 RUNNING RUNNING\n10000001 RUNNING COMPLETED\n");
	buf_release(&seen);
}

static void a_run_is_not_adopted_beyond_its_arrays_limit(void **state)
{
	Stage *stage = *state;
	Job *job = submit(stage, "--array=1-3%1 true")->job;
	Task *first = cluster_own_task(stage->cluster, job, 0), *second = cluster_own_task(stage->cluster, job, 1);

	start(stage, first);
	task_lose(stage->cluster, first);
	assert_true(task_can_be_adopted(first, stage->node, first->now.run));
	start(stage, second);
	assert_false(task_can_be_adopted(first, stage->node, first->now.run));
	finish(stage, second, TASK_COMPLETED, 0);
	assert_true(task_can_be_adopted(first, stage->node, first->now.run));
}

static void the_forward_clock_does_not_go_back(void **state)
{
	int64_t ahead = 0;

	(void)state;
	assert_int_equal(clock_forward(&ahead, 5000000, 100), 5000000);
	assert_int_equal(clock_forward(&ahead, 5000010, 110), 5000010);
	assert_int_equal(clock_forward(&ahead, 1000010, 120), 5000020);        /* set back by an hour */
	assert_int_equal(clock_forward(&ahead, 1000020, 130), 5000030);
	assert_int_equal(clock_forward(&ahead, 9000000, 140), 9000000);        /* set forward */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		staged_test(a_run_is_not_adopted_beyond_its_arrays_limit),
		cmocka_unit_test(the_forward_clock_does_not_go_back),
		staged_test(a_submitted_task_waits),
		staged_test(a_placed_task_takes_slots_and_leaves_the_queue),
		staged_test(a_recalled_run_gives_its_number_back),
		staged_test(a_lost_run_starts_over),
		staged_test(a_task_lost_too_often_is_node_fail),
		staged_test(without_requeue_a_lost_task_never_starts_twice),
		staged_test(a_cancelled_task_that_is_lost_is_cancelled),
		staged_test(cancelling_what_waits_ends_it_at_once),
		staged_test(a_held_task_is_out_of_the_queue_until_released),
		staged_test(priority_reorders_the_queue),
		staged_test(what_no_node_can_hold_stands_aside),
		staged_test(a_refused_submission_leaves_nothing),
		staged_test(every_step_of_a_failed_turn_is_undone),
		staged_test(an_undone_loss_keeps_the_output),
		staged_test(watchers_see_what_was_committed_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
