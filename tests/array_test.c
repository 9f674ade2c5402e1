/* array_test.c - array jobs: alike tasks cost nothing, each keeps its own end, and a turn that failed leaves
 * no trace. */
#include <errno.h>
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "node/dispatch.h"
#include "store/job.h"
#include "store/queues.h"
#include "store/submit.h"
#include "deadline.h"
#include "stage.h"

static Task *own(Stage *stage, Job *job, uint32_t ordinal)
{
	return cluster_own_task(stage->cluster, job, ordinal);
}

static void run_one(Stage *stage, Job *job, uint32_t ordinal, TaskState state, uint8_t code)
{
	Task *task = own(stage, job, ordinal);

	start(stage, task);
	finish(stage, task, state, code);
}

static void an_array_takes_as_many_ids_as_it_has_tasks(void **state)
{
	Stage *stage = *state;
	Job *array = submit(stage, "-a 0-15:4 true")->job, *next = submit(stage, "true")->job;

	assert_int_equal(job_tasks(array), 4);
	assert_int_equal(next->id, array->id + 4);
	assert_ptr_equal(cluster_job_of(stage->cluster, array->id + 3), array);
	assert_null(cluster_job(stage->cluster, array->id + 3));
	assert_ptr_equal(cluster_job_of(stage->cluster, next->id), next);
	assert_null(cluster_job_of(stage->cluster, next->id + 1));
	assert_int_equal(cluster_count(stage->cluster, TASK_PENDING), 5);
}

static void tasks_are_placed_in_order(void **state)
{
	Stage *stage = *state;
	Job *job = submit(stage, "-a 5-9 true")->job;

	dispatch(stage->cluster);
	assert_true(job_task(job, 0)->now.placed);
	assert_true(job_task(job, 1)->now.placed);
	assert_true(task_is_rest(job_task(job, 2)));
	assert_int_equal(task_index(job_task(job, 1)), 6);
	assert_int_equal(job->array->rest, 3);
	run_one(stage, job, 3, TASK_COMPLETED, 0);      /* one out of order */
	task_start(stage->cluster, job_task(job, 0), 1000);
	finish(stage, job_task(job, 0), TASK_COMPLETED, 0);
	task_start(stage->cluster, job_task(job, 1), 1000);
	finish(stage, job_task(job, 1), TASK_COMPLETED, 0);
	dispatch(stage->cluster);
	assert_true(job_task(job, 2)->now.placed);
	assert_true(job_task(job, 4)->now.placed);
	assert_int_equal(job->array->rest, 0);
	assert_null(cluster_next_pending(stage->cluster));
}

static void its_state_is_that_of_all_tasks_together(void **state)
{
	Stage *stage = *state;
	Job *job = submit(stage, "-a 0-3 true")->job;

	assert_int_equal(job_state(job), TASK_PENDING);
	start(stage, own(stage, job, 0));
	assert_int_equal(job_state(job), TASK_RUNNING);
	finish(stage, own(stage, job, 0), TASK_COMPLETED, 0);
	assert_int_equal(job_state(job), TASK_PENDING);
	run_one(stage, job, 1, TASK_FAILED, 3);
	run_one(stage, job, 2, TASK_FAILED, 7);
	assert_false(job_is_finished(job));
	run_one(stage, job, 3, TASK_TIMEOUT, 143);
	assert_true(job_is_finished(job));
	assert_int_equal(job_state(job), TASK_FAILED);
	assert_int_equal(job_exit(job), 143);
	commit(stage);
	assert_int_equal(ask(stage, "SELECT state = 'FAILED' AND exit = 143 AND started = datetime(1, 'unixepoch')"
				    " AND ended = datetime(3, 'unixepoch') FROM jobs"), 1);
}

static void everything_is_there_after_a_restart(void **state)
{
	Stage *stage = *state;
	Job *job = submit(stage, "-J sweep -a 0-9%3 --retries=2 --exclusive --begin=2020-01-01 ./sim")->job;

	run_one(stage, job, 0, TASK_COMPLETED, 0);
	run_one(stage, job, 7, TASK_FAILED, 9);
	start(stage, own(stage, job, 1));
	task_set_priority(stage->cluster, &job->task, 77);
	commit(stage);
	assert_int_equal(ask(stage, "SELECT count(*) FROM task"), 3);
	open_again(stage);
	job = cluster_job(stage->cluster, JOB_ID_FIRST);
	assert_int_equal(job_tasks(job), 10);
	assert_int_equal(job->array->limit, 3);
	assert_int_equal(job->retries, 2);
	assert_true(job->exclusive);
	assert_true(job->begins > 0);
	assert_int_equal(job->array->rest, 7);
	assert_state(job_task(job, 0), "COMPLETED");
	assert_state(job_task(job, 7), "FAILED");
	assert_int_equal(job_task(job, 7)->now.exit, 9);
	assert_state(job_task(job, 1), "RUNNING");
	assert_int_equal(job_task(job, 1)->now.slots, 2);
	assert_int_equal(job_task(job, 4)->now.priority, 77);
	assert_int_equal(job_task(job, 0)->now.priority, PRIORITY_DEFAULT);
	assert_int_equal(job_count(job, TASK_PENDING), 7);
	assert_int_equal(cluster_count(stage->cluster, TASK_PENDING), 7);
	assert_int_equal(ask(stage, "SELECT state = 'RUNNING' FROM jobs"), 1);
}

static void cancelling_the_rest_is_one_row(void **state)
{
	Stage *stage = *state;
	Job *job = submit(stage, "-a 0-9 true")->job;

	run_one(stage, job, 0, TASK_COMPLETED, 0);
	task_cancel(stage->cluster, &job->task);
	assert_int_equal(cluster_count(stage->cluster, TASK_CANCELLED), 9);
	assert_true(job_is_finished(job));
	commit(stage);
	open_again(stage);
	job = cluster_job(stage->cluster, JOB_ID_FIRST);
	assert_true(job_is_finished(job));
	assert_int_equal(job_count(job, TASK_CANCELLED), 9);
	assert_int_equal(job_exit(job), EXIT_NONE);
	assert_int_equal(job_task(job, 5)->now.exit, EXIT_NONE);
	assert_int_equal(ask(stage, "SELECT count(*) FROM task"), 1);
	assert_int_equal(ask(stage, "SELECT state = 'CANCELLED' AND exit = 255 AND ended > started FROM jobs"), 1);
}

static void what_never_ran_has_an_empty_output(void **state)
{
	Stage *stage = *state;
	Job *ran = submit(stage, "-a 0-1 true")->job, *never = submit(stage, "-a 0-1 true")->job;
	Buf text = BUF_INIT;
	Err err = { 0 };

	start(stage, own(stage, ran, 0));
	print(stage, own(stage, ran, 0), STREAM_STDOUT, "zero", 4);
	finish(stage, own(stage, ran, 0), TASK_COMPLETED, 0);
	task_cancel(stage->cluster, &ran->task);
	task_cancel(stage->cluster, &never->task);
	commit(stage);
	assert_int_equal(cluster_read_output(stage->cluster, job_task(ran, 1), STREAM_STDOUT, &text, &err), 0);
	assert_int_equal(cluster_read_output(stage->cluster, job_task(never, 0), STREAM_STDOUT, &text, &err), 0);
	assert_int_equal(text.length, 0);       /* nor what its neighbour wrote */
	buf_release(&text);
}

static void a_turn_that_failed_leaves_no_trace(void **state)
{
	Stage *stage = *state;
	Job *job = submit(stage, "-a 0-3 true")->job;

	commit(stage);
	dispatch(stage->cluster);
	assert_int_equal(job->array->rest, 2);
	commit_on_a_full_disk(stage);
	assert_int_equal(job->array->rest, 4);
	assert_int_equal(job->array->placed, 0);
	assert_int_equal(job_count(job, TASK_PENDING), 4);
	assert_int_equal(stage->node->slots_placed, 0);
	assert_ptr_equal(cluster_next_pending(stage->cluster), &job->task);
	dispatch(stage->cluster);
	assert_true(job_task(job, 0)->now.placed);
	assert_true(job_task(job, 1)->now.placed);
	commit(stage);
	task_cancel(stage->cluster, &job->task);
	commit_on_a_full_disk(stage);
	assert_int_equal(job_count(job, TASK_PENDING), 4);
	submit(stage, "-a 0-99 true");
	commit_on_a_full_disk(stage);
	assert_null(cluster_job(stage->cluster, JOB_ID_FIRST + 4));
	assert_int_equal(submit(stage, "true")->id, JOB_ID_FIRST + 4);
}

static void no_more_run_at_a_time_than_were_asked_for(void **state)
{
	Stage *stage = *state;
	Job *job = submit(stage, "-a 0-9%2 true")->job;
	Task *other = submit(stage, "true");

	stage->node->slots_default = 8;
	dispatch(stage->cluster);
	assert_int_equal(job->array->placed, 2);
	assert_true(other->now.placed);                 /* others are not held up */
	task_start(stage->cluster, job_task(job, 0), 1000);
	finish(stage, job_task(job, 0), TASK_COMPLETED, 0);
	dispatch(stage->cluster);
	assert_int_equal(job->array->placed, 2);
	assert_true(job_task(job, 2)->now.placed);
}

static void tasks_of_their_own_keep_to_the_limit_and_hold_nobody_up(void **state)
{
	Stage *stage = *state;
	Job *job = submit(stage, "-a 0-199%2 true")->job;
	Task *other = submit(stage, "true");

	for (uint32_t i = 0; i < 100; i++)
		own(stage, job, i);
	stage->node->slots_default = 8;
	dispatch(stage->cluster);
	assert_int_equal(job->array->placed, 2);
	assert_true(other->now.placed);
	commit_on_a_full_disk(stage);
	job = submit(stage, "-a 0-199%2 true")->job;
	for (uint32_t i = 0; i < 100; i++)
		own(stage, job, i);
	dispatch(stage->cluster);
	commit(stage);
	/* Whatever becomes of those that are next, somebody is. */
	for (uint32_t i = 0; i < 200; i++) {
		Task *next = cluster_next_pending(stage->cluster), *task = own(stage, job, i);

		if (i == 50)
			task_hold(stage->cluster, own(stage, job, 60), true);
		if (i == 70 && next)
			task_hold(stage->cluster, next, true);
		if (i == 90)
			task_set_priority(stage->cluster, own(stage, job, 95), 7);
		if (task->now.reason == REASON_HELD)
			task_hold(stage->cluster, task, false);
		dispatch(stage->cluster);
		if (!task->now.placed)
			continue;
		assert_true(job->array->placed <= 2);
		task_start(stage->cluster, task, 1000);
		finish(stage, task, TASK_COMPLETED, 0);
		dispatch(stage->cluster);
		commit(stage);
	}
	while (job->array->placed) {
		Task *task = TAILQ_FIRST(&stage->node->tasks);

		task_start(stage->cluster, task, 1000);
		finish(stage, task, TASK_COMPLETED, 0);
		dispatch(stage->cluster);
	}
	assert_int_equal(job_count(job, TASK_COMPLETED), 200);
}

static void outputs_follow_each_other_up_to_the_first_unfinished(void **state)
{
	Stage *stage = *state;
	Job *job = submit(stage, "-a 0-3 true")->job;
	Task *second;

	start(stage, own(stage, job, 0));
	print(stage, own(stage, job, 0), STREAM_STDOUT, "zero\n", 5);
	finish(stage, own(stage, job, 0), TASK_COMPLETED, 0);
	second = own(stage, job, 1);
	start(stage, second);
	print(stage, second, STREAM_STDOUT, "on", 2);
	start(stage, own(stage, job, 2));
	print(stage, own(stage, job, 2), STREAM_STDOUT, "two\n", 4);
	finish(stage, own(stage, job, 2), TASK_COMPLETED, 0);
	commit(stage);
	assert_int_equal(job_output_length(job, STREAM_STDOUT), 7);
	print(stage, second, STREAM_STDOUT, "e\n", 2);
	finish(stage, second, TASK_COMPLETED, 0);
	commit(stage);
	assert_int_equal(job_output_length(job, STREAM_STDOUT), 13);
	assert_int_equal(job_output_length(job, STREAM_STDERR), 0);
}

static void forgetting_an_array_leaves_no_row(void **state)
{
	Stage *stage = *state;
	Job *job = submit(stage, "-a 0-2 true")->job, *other = submit(stage, "true")->job;
	Err err;

	run_one(stage, job, 0, TASK_COMPLETED, 0);
	start(stage, &other->task);
	finish(stage, &other->task, TASK_COMPLETED, 0);
	commit(stage);
	assert_int_equal(cluster_forget(stage->cluster, job, &err), -1);
	assert_int_equal(err.number, EBUSY);
	task_cancel(stage->cluster, &job->task);
	commit(stage);
	assert_int_equal(cluster_forget(stage->cluster, job, &err), 0);
	commit(stage);
	assert_int_equal(ask(stage, "SELECT count(*) FROM job"), 1);
	assert_int_equal(ask(stage, "SELECT count(*) FROM task"), 1);
	assert_int_equal(ask(stage, "SELECT count(*) FROM run"), 1);
	assert_null(cluster_job_of(stage->cluster, JOB_ID_FIRST + 1));
}

static void a_million_pending_tasks_cost_little(void **state)
{
	Stage *stage = *state;
	size_t before = mallinfo2().uordblks;
	int64_t begun = now_ms();
	Job *job = submit(stage, "-a 1-1000000 ./sim")->job;

	commit(stage);
	assert_in_time(begun, 100);
	assert_true(mallinfo2().uordblks - before < 4 * 1024 * 1024 || mallinfo2().uordblks == 0);     /* a sanitizer's own malloc tells nothing */
	assert_int_equal(job_count(job, TASK_PENDING), 1000000);
	assert_int_equal(ask(stage, "SELECT count(*) FROM job"), 1);
	assert_int_equal(ask(stage, "SELECT count(*) FROM task"), 0);
	dispatch(stage->cluster);
	assert_int_equal(job->array->rest, 999998);
}

static void what_failed_is_tried_again_elsewhere(void **state)
{
	Stage *stage = *state;
	Task *task = submit(stage, "--retries=1 false");
	Ending bad = { .state = TASK_FAILED, .reason = REASON_EXIT, .exit = 1, .started = 1000, .ended = 2000 };
	Node *other = cluster_add_node(stage->cluster, "other", "test");

	other->slots_default = 1;
	other->up = true;
	start(stage, task);
	assert_true(task_may_retry(task, &bad));
	task_retry(stage->cluster, task, &bad);
	assert_state(task, "PENDING");
	assert_int_equal(task->now.restarts, 1);
	dispatch(stage->cluster);
	assert_ptr_equal(task->now.node, other);
	assert_false(task_may_retry(task, &bad));
	commit(stage);
	assert_int_equal(ask(stage, "SELECT count(*) FROM runs WHERE outcome = 'FAILED'"), 1);
	open_again(stage);
	assert_int_equal(task_of(stage, JOB_ID_FIRST)->now.retried, 1);
}

static void the_only_node_gets_what_failed_there_again(void **state)
{
	Stage *stage = *state;
	Task *task = submit(stage, "--retries=1 false");

	start(stage, task);
	task_retry(stage->cluster, task, &(Ending){ .state = TASK_FAILED, .reason = REASON_EXIT, .exit = 1, .started = 1000 });
	dispatch(stage->cluster);
	assert_true(task->now.placed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		staged_test(an_array_takes_as_many_ids_as_it_has_tasks),
		staged_test(tasks_are_placed_in_order),
		staged_test(its_state_is_that_of_all_tasks_together),
		staged_test(everything_is_there_after_a_restart),
		staged_test(cancelling_the_rest_is_one_row),
		staged_test(what_never_ran_has_an_empty_output),
		staged_test(a_turn_that_failed_leaves_no_trace),
		staged_test(no_more_run_at_a_time_than_were_asked_for),
		staged_test(tasks_of_their_own_keep_to_the_limit_and_hold_nobody_up),
		staged_test(outputs_follow_each_other_up_to_the_first_unfinished),
		staged_test(forgetting_an_array_leaves_no_row),
		staged_test(a_million_pending_tasks_cost_little),
		staged_test(what_failed_is_tried_again_elsewhere),
		staged_test(the_only_node_gets_what_failed_there_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
