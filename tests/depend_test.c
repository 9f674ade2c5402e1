/* depend_test.c - jobs that wait for others, for their hour, for each other; on a node that is there at once. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "node/dispatch.h"
#include "store/base/clock.h"
#include "store/depend.h"
#include "store/dependents.h"
#include "store/job.h"
#include "store/queues.h"
#include "stage.h"

static const char *told(Stage *stage, const char *line)
{
	static Err err;
	Spec *spec = spec_parse(line, strlen(line), &err);

	if (spec && cluster_submit(stage->cluster, spec, NULL, &err))
		return "accepted";
	spec_free(spec);
	return err.text;
}

static bool is_placed(Stage *stage, const Task *task)
{
	dispatch(stage->cluster);
	return task->now.placed;
}

static const char *verdict(Stage *stage, const Task *task)
{
	static const char *const words[] = { "waits", "met", "never" };
	int64_t when = INT64_MAX;

	return words[dependents_judge(stage->cluster, task, clock_wall_ms(), &when)];
}

/* Row: how the other ended; column: what is made of it. */
static void each_word_means_what_sbatch_says(void **state)
{
	static const struct {
		const char *line, *pending, *running, *good, *bad;
	} rows[] = {
		{ "-d after:10000001 true",      "waits", "met",   "met",   "met" },
		{ "-d afterany:10000001 true",   "waits", "waits", "met",   "met" },
		{ "-d afterok:10000001 true",    "waits", "waits", "met",   "never" },
		{ "-d afternotok:10000001 true", "waits", "waits", "never", "met" },
		{ "-d aftercorr:10000001 true",  "waits", "waits", "met",   "never" },
		{ "-d afterok:first true",       "waits", "waits", "met",   "never" },
		{ "-J first -d singleton true",  "waits", "waits", "met",   "met" },
		{ "-d afterok:10000001?afternotok:10000001 true", "waits", "waits", "met", "met" },
		{ "-d afterok:10000001,afternotok:10000001 true", "waits", "waits", "never", "never" },
	};
	Stage *stage = *state;

	for (size_t i = 0; i < 2 * sizeof rows / sizeof *rows; i++) {
		bool good = i % 2;
		Task *first, *second;
		const char *line = rows[i / 2].line;

		stage_tear_down(state);
		stage_set_up(state);
		stage = *state;
		first = submit(stage, "-J first true");
		second = submit(stage, line);
		assert_string_equal(verdict(stage, second), rows[i / 2].pending);
		start(stage, first);
		assert_string_equal(verdict(stage, second), rows[i / 2].running);
		finish(stage, first, good ? TASK_COMPLETED : TASK_FAILED, !good);
		assert_string_equal(verdict(stage, second), good ? rows[i / 2].good : rows[i / 2].bad);
	}
}

static void a_chain_runs_link_by_link(void **state)
{
	Stage *stage = *state;
	Task *a = submit(stage, "-J a true"), *b = submit(stage, "-J b -d afterok:a true"), *c = submit(stage, "-d afterok:b true");

	assert_true(is_placed(stage, a));
	assert_false(b->now.placed || c->now.placed);
	finish(stage, a, TASK_COMPLETED, 0);
	assert_true(is_placed(stage, b));
	assert_false(c->now.placed);
	commit(stage);
	open_again(stage);
	stage->node->up = true;
	b = task_of(stage, JOB_ID_FIRST + 1);
	c = task_of(stage, JOB_ID_FIRST + 2);
	assert_false(is_placed(stage, c));
	task_start(stage->cluster, b, 1000);
	finish(stage, b, TASK_COMPLETED, 0);
	assert_true(is_placed(stage, c));
}

static void what_never_comes_stays_pending_or_is_given_up_if_asked(void **state)
{
	Stage *stage = *state;
	Task *a = submit(stage, "-J a false"), *stays = submit(stage, "-d afterok:a true"),
	     *goes = submit(stage, "-d afterok:a --kill-on-invalid-dep=yes true");

	start(stage, a);
	dispatch(stage->cluster);
	finish(stage, a, TASK_FAILED, 1);
	dispatch(stage->cluster);
	assert_state(stays, "PENDING");
	assert_string_equal(verdict(stage, stays), "never");
	assert_state(goes, "CANCELLED");
	assert_reason(goes, "DependencyNeverSatisfied");
}

static void a_job_others_depend_on_is_not_forgotten(void **state)
{
	Stage *stage = *state;
	Task *a = submit(stage, "-J a true"), *b = submit(stage, "-d afterok:a -H true");
	Job *job = a->job;
	Err err;

	start(stage, a);
	finish(stage, a, TASK_COMPLETED, 0);
	commit(stage);
	assert_int_equal(cluster_forget(stage->cluster, job, &err), -1);
	assert_int_equal(err.number, EBUSY);
	task_cancel(stage->cluster, b);
	commit(stage);
	assert_int_equal(cluster_forget(stage->cluster, job, &err), 0);
	commit(stage);
	open_again(stage);      /* the one that is finished may name what is gone */
	assert_state(task_of(stage, JOB_ID_FIRST + 1), "CANCELLED");
}

static void what_is_not_known_cannot_be_waited_for(void **state)
{
	Stage *stage = *state;

	assert_string_equal(told(stage, "-d afterok:10000009 true"), "--dependency: \"10000009\": no such job is known");
	assert_string_equal(told(stage, "-d afterok:nobody true"), "--dependency: \"nobody\": no such job is known");
	submit(stage, "-a 0-3 true");
	assert_string_equal(told(stage, "-d afterok:10000001_7 true"), "--dependency: \"10000001_7\": no such job is known");
	assert_string_equal(told(stage, "-d afterok:10000001_3 true"), "accepted");
}

static void jobs_of_one_name_go_one_at_a_time(void **state)
{
	Stage *stage = *state;
	Task *first = submit(stage, "-J s -d singleton true"), *second = submit(stage, "-J s -d singleton true");

	dispatch(stage->cluster);
	assert_true(first->now.placed);
	assert_false(second->now.placed);
	task_start(stage->cluster, first, 1000);
	finish(stage, first, TASK_FAILED, 1);
	assert_true(is_placed(stage, second));
}

static void many_of_one_name_follow_each_other(void **state)
{
	enum { JOBS = 20000 };
	Stage *stage = *state;
	static Task *task[JOBS];
	bool failed = false;
	Err err;

	for (int i = 0; i < JOBS; i++)
		task[i] = submit(stage, "-J s -d singleton true");
	task_cancel(stage->cluster, task[2]);
	dispatch(stage->cluster);
	commit(stage);
	for (int i = 0; i < JOBS; i++) {
		if (i == 2)
			continue;
		assert_true(task[i]->now.placed);
		task_start(stage->cluster, task[i], 1000);
		finish(stage, task[i], TASK_COMPLETED, 0);
		dispatch(stage->cluster);
		assert_int_equal(stage->node->slots_placed, i + 1 < JOBS);
		if (i == 10 && !failed) {       /* a failed turn brings one back that others had passed */
			commit_on_a_full_disk(stage);
			dispatch(stage->cluster);
			assert_false(task[11]->now.placed);
			assert_state(task[10], "PENDING");
			assert_true(task[10]->now.placed);
			failed = true;
			i--;
			continue;
		}
		if (i < 20 || i % 1000 == 0)
			commit(stage);
		if (i == 15)
			assert_int_equal(cluster_forget(stage->cluster, task[14]->job, &err), 0);
		if (i == 16)
			assert_int_equal(cluster_forget(stage->cluster, task[16]->job, &err), 0);
	}
	assert_int_equal(cluster_unfinished(stage->cluster), 0);
}

static void nothing_begins_before_its_hour(void **state)
{
	Stage *stage = *state;
	Task *task = submit(stage, "--begin=now+1hour true");

	assert_false(is_placed(stage, task));
	assert_int_equal(cluster_next_due(stage->cluster), task->job->begins);
	task->job->begins = clock_wall_ms();
	cluster_settle(stage->cluster, INT64_MAX - 1);
	assert_true(is_placed(stage, task));
}

static void minutes_are_waited_after_the_start(void **state)
{
	Stage *stage = *state;
	Task *first = submit(stage, "-J a true"), *later = submit(stage, "-d after:a+5 true");

	start(stage, first);
	first->now.started = clock_wall_ms();
	assert_false(is_placed(stage, later));
	assert_int_equal(cluster_next_due(stage->cluster), first->now.started + 300000);
	first->now.started -= 300000;
	cluster_settle(stage->cluster, INT64_MAX - 1);
	assert_true(is_placed(stage, later));
}

static void a_start_that_is_still_to_come_is_not_waited_for(void **state)
{
	Stage *stage = *state;
	Task *first = submit(stage, "-J a true"), *later = submit(stage, "-d after:a true"), *minutes = submit(stage, "-d after:a+5 true");

	start(stage, first);
	first->now.started = clock_wall_ms() + 3600000;      /* written down before the clock was set back */
	dispatch(stage->cluster);
	assert_true(is_placed(stage, later));
	finish(stage, later, TASK_COMPLETED, 0);
	assert_true(is_placed(stage, minutes));
}

static void arrays_that_go_in_pairs_do_not_wait_for_all(void **state)
{
	Stage *stage = *state;
	Job *first = submit(stage, "-a 0-2 true")->job, *second = submit(stage, "-a 0-3 -d aftercorr:10000001 true")->job;
	Task *one;

	stage->node->slots_default = 8;
	dispatch(stage->cluster);
	assert_int_equal(second->array->placed, 0);
	one = array_own(first->array, 1);
	task_start(stage->cluster, one, 1000);
	finish(stage, one, TASK_COMPLETED, 0);
	dispatch(stage->cluster);
	assert_int_equal(second->array->placed, 1);
	assert_true(array_own(second->array, 1)->now.placed);
	one = array_own(first->array, 0);
	task_start(stage->cluster, one, 1000);
	finish(stage, one, TASK_FAILED, 1);
	dispatch(stage->cluster);
	assert_string_equal(verdict(stage, array_own(second->array, 0)), "never");
	commit(stage);
	open_again(stage);
	first = cluster_job(stage->cluster, JOB_ID_FIRST);
	second = cluster_job(stage->cluster, JOB_ID_FIRST + 3);
	assert_true(array_own(second->array, 1)->now.placed);
	one = array_own(first->array, 2);
	task_start(stage->cluster, one, 1000);
	finish(stage, one, TASK_COMPLETED, 0);
	dispatch(stage->cluster);
	assert_true(array_own(second->array, 2)->now.placed);
	assert_false(job_task(second, 3)->now.placed);          /* without a partner: waits for all, and one failed */
	assert_string_equal(verdict(stage, job_task(second, 3)), "never");
}

static void partners_that_ended_before_count_too(void **state)
{
	Stage *stage = *state;
	Job *first = submit(stage, "-a 0-1 true")->job, *second;

	start(stage, cluster_own_task(stage->cluster, first, 0));
	finish(stage, array_own(first->array, 0), TASK_COMPLETED, 0);
	commit(stage);
	second = submit(stage, "-a 0-1 -d aftercorr:10000001 true")->job;
	commit_on_a_full_disk(stage);
	second = submit(stage, "-a 0-1 -d aftercorr:10000001 true")->job;
	dispatch(stage->cluster);
	assert_true(array_own(second->array, 0)->now.placed);
	assert_true(task_is_rest(job_task(second, 1)));
}

static void a_partner_that_ended_is_told_again_after_a_turn_that_failed(void **state)
{
	Stage *stage = *state;
	Job *first = submit(stage, "-a 0-1 true")->job, *second = submit(stage, "-a 0-1 -d aftercorr:10000001 true")->job;

	start(stage, cluster_own_task(stage->cluster, first, 0));
	finish(stage, array_own(first->array, 0), TASK_COMPLETED, 0);
	commit(stage);
	dispatch(stage->cluster);
	assert_true(array_own(second->array, 0)->now.placed);
	commit_on_a_full_disk(stage);
	assert_true(task_is_rest(job_task(second, 0)));
	dispatch(stage->cluster);
	assert_true(job_task(second, 0)->now.placed);
	assert_true(task_is_rest(job_task(second, 1)));
}

static void one_task_of_an_array_can_be_waited_for(void **state)
{
	Stage *stage = *state;
	Job *first = submit(stage, "-a 4-6 true")->job;
	Task *by_index = submit(stage, "-d afterok:10000001_5 true"), *by_id = submit(stage, "-d afterok:10000002 true");
	Job *array = submit(stage, "-a 4-6 -d aftercorr:10000001_5 true")->job;
	Task *one = cluster_own_task(stage->cluster, first, 1);

	assert_string_equal(verdict(stage, by_id), "waits");
	start(stage, one);
	finish(stage, one, TASK_COMPLETED, 0);
	assert_string_equal(verdict(stage, by_index), "met");
	assert_string_equal(verdict(stage, by_id), "met");
	assert_string_equal(verdict(stage, cluster_own_task(stage->cluster, array, 0)), "met");
	assert_string_equal(told(stage, "-d afterok:10000002_5 true"), "--dependency: \"10000002_5\": no such job is known");
	assert_string_equal(told(stage, "-d afterok:10000009 true"), "--dependency: \"10000009\": no such job is known");
	commit(stage);
	open_again(stage);
	assert_string_equal(verdict(stage, task_of(stage, JOB_ID_FIRST + 4)), "met");
}

static void a_turn_that_failed_satisfied_nobody(void **state)
{
	Stage *stage = *state;
	Task *a = submit(stage, "-J a true"), *b = submit(stage, "-d afterok:a true");

	start(stage, a);
	dispatch(stage->cluster);
	commit(stage);
	finish(stage, a, TASK_COMPLETED, 0);
	assert_true(is_placed(stage, b));
	commit_on_a_full_disk(stage);
	assert_state(a, "RUNNING");
	assert_false(is_placed(stage, b));
	finish(stage, a, TASK_COMPLETED, 0);
	assert_true(is_placed(stage, b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		staged_test(each_word_means_what_sbatch_says),
		staged_test(a_chain_runs_link_by_link),
		staged_test(what_never_comes_stays_pending_or_is_given_up_if_asked),
		staged_test(a_job_others_depend_on_is_not_forgotten),
		staged_test(what_is_not_known_cannot_be_waited_for),
		staged_test(jobs_of_one_name_go_one_at_a_time),
		staged_test(many_of_one_name_follow_each_other),
		staged_test(nothing_begins_before_its_hour),
		staged_test(minutes_are_waited_after_the_start),
		staged_test(a_start_that_is_still_to_come_is_not_waited_for),
		staged_test(arrays_that_go_in_pairs_do_not_wait_for_all),
		staged_test(partners_that_ended_before_count_too),
		staged_test(a_partner_that_ended_is_told_again_after_a_turn_that_failed),
		staged_test(one_task_of_an_array_can_be_waited_for),
		staged_test(a_turn_that_failed_satisfied_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
