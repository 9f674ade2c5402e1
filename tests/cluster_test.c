/* cluster_test.c - what was committed is there again after the end of the process, and only that. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/nodes.h"
#include "store/queues.h"
#include "stage.h"

static void run_sql(const Stage *stage, const char *sql)
{
	Buf path = BUF_INIT;
	Db *db;
	Err err;

	buf_addf(&path, "%s/wulfs.db", stage->directory);
	db = db_open(buf_text(&path), &err);
	assert_non_null(db);
	assert_int_equal(db_exec(db, sql, &err), 0);
	db_close(db);
	buf_release(&path);
}

static void shell(const Stage *stage, const char *line)
{
	Buf command = BUF_INIT;

	buf_addf(&command, "cd %s && { %s; }", stage->directory, line);
	assert_int_equal(system(buf_text(&command)), 0);
	buf_release(&command);
}

static void a_copied_state_is_another_once(void **state)
{
	Stage *stage = *state;
	char *first = mem_copy_text(cluster_uuid(stage->cluster)), *second;

	open_again(stage);
	assert_string_equal(cluster_uuid(stage->cluster), first);
	assert_null(cluster_former(stage->cluster));

	close_cluster(stage);
	shell(stage, "cp -p wulfs.db copy && mv copy wulfs.db");
	open_cluster(stage);
	assert_string_equal(cluster_former(stage->cluster), first);
	assert_string_not_equal(cluster_uuid(stage->cluster), first);
	second = mem_copy_text(cluster_uuid(stage->cluster));
	open_again(stage);
	assert_string_equal(cluster_uuid(stage->cluster), second);
	assert_null(cluster_former(stage->cluster));
	free(first);
	free(second);
}

static void a_state_of_another_machine_is_another(void **state)
{
	Stage *stage = *state;
	StatePlace place = state_place(&stage->state);
	char *first = mem_copy_text(cluster_uuid(stage->cluster));

	if (!place.machine[0])
		skip();
	close_cluster(stage);
	run_sql(stage, "UPDATE meta SET value = 'cafe' WHERE key = 'machine'");
	open_cluster(stage);
	assert_string_equal(cluster_former(stage->cluster), first);
	free(first);
}

static void a_state_that_is_moved_or_of_an_earlier_wulfs_is_the_same(void **state)
{
	Stage *stage = *state;
	char *first = mem_copy_text(cluster_uuid(stage->cluster));

	close_cluster(stage);
	shell(stage, "mkdir d && mv wulfs.db* d && mv d/* . && rmdir d");
	open_cluster(stage);
	assert_string_equal(cluster_uuid(stage->cluster), first);
	close_cluster(stage);
	run_sql(stage, "DELETE FROM meta WHERE key IN ('machine', 'inode', 'born')");
	open_cluster(stage);
	assert_string_equal(cluster_uuid(stage->cluster), first);
	assert_null(cluster_former(stage->cluster));
	free(first);
}

static void jobs_come_back_as_they_were(void **state)
{
	Stage *stage = *state;
	Task *task = submit(stage, "-c 2 -J sim --nice=7 --no-requeue ./sim 42");
	const Spec *spec;
	Err err;

	commit(stage);
	submit(stage, "never committed");
	open_again(stage);
	task = task_of(stage, JOB_ID_FIRST);
	assert_non_null(task);
	assert_null(task_of(stage, JOB_ID_FIRST + 1));
	assert_int_equal(task->job->slots, 2);
	assert_false(task->job->requeue);
	assert_string_equal(task->job->name->text, "sim");
	assert_string_equal(task->job->directory, "/home/me");
	assert_int_equal(task->now.priority, PRIORITY_DEFAULT - 7);
	assert_ptr_equal(cluster_next_pending(stage->cluster), task);
	spec = cluster_spec(stage->cluster, task->job, &err);
	assert_non_null(spec);
	assert_string_equal(spec->text, "-c 2 -J sim --nice=7 --no-requeue ./sim 42");
	assert_string_equal(spec->text + spec->command, "./sim 42");
}

static void a_finished_job_keeps_its_end_and_its_outputs(void **state)
{
	Stage *stage = *state;
	Task *task = submit(stage, "seq 3");
	Buf text = BUF_INIT;
	Err err;

	start(stage, task);
	print(stage, task, STREAM_STDOUT, "1\n2\n3\n", 6);
	print(stage, task, STREAM_STDERR, "\0", 1);
	finish(stage, task, TASK_FAILED, 9);
	commit(stage);
	open_again(stage);
	task = task_of(stage, JOB_ID_FIRST);
	assert_state(task, "FAILED");
	assert_int_equal(task->now.exit, 9);
	assert_int_equal(task->now.started, 1000);
	assert_int_equal(task->now.ended, 3000);
	assert_int_equal(task->now.size[STREAM_STDOUT], 6);
	assert_int_equal(task->now.size[STREAM_STDERR], 1);
	assert_int_equal(cluster_read_output(stage->cluster, task, STREAM_STDOUT, &text, &err), 0);
	assert_int_equal(cluster_read_output(stage->cluster, task, STREAM_STDERR, &text, &err), 0);
	assert_int_equal(text.length, 7);
	assert_memory_equal(text.data, "1\n2\n3\n\0", 7);
	assert_int_equal(stage->node->failed, 1);
	buf_release(&text);
}

static void a_running_job_is_still_on_its_node(void **state)
{
	Stage *stage = *state;
	Task *task = submit(stage, "true");

	start(stage, task);
	commit(stage);
	open_again(stage);
	task = task_of(stage, JOB_ID_FIRST);
	assert_state(task, "RUNNING");
	assert_true(task->now.placed);
	assert_ptr_equal(task->now.node, stage->node);
	assert_int_equal(task->now.run, 1);
	assert_int_equal(stage->node->running, 1);
	assert_ptr_equal(TAILQ_FIRST(&stage->node->tasks), task);
}

/* A large output that comes, with all of it synced: what a restart must not fetch again. */
static Task *run_with_large_output(Stage *stage)
{
	static const char block[OUTPUT_SMALL + 1];
	Task *task = submit(stage, "true");

	start(stage, task);
	print(stage, task, STREAM_STDOUT, block, sizeof block);
	output_synced(task->output[STREAM_STDOUT], sizeof block);
	task_output_kept(stage->cluster, task);
	commit(stage);
	return task;
}

static void a_large_output_goes_on_where_it_was_synced(void **state)
{
	Stage *stage = *state;
	Task *task = run_with_large_output(stage);

	print(stage, task, STREAM_STDOUT, "not synced", 10);
	commit(stage);
	open_again(stage);
	task = task_of(stage, JOB_ID_FIRST);
	assert_int_equal(output_size(task->output[STREAM_STDOUT]), OUTPUT_SMALL + 1);
}

static void a_new_run_begins_with_empty_outputs_even_after_a_restart(void **state)
{
	Stage *stage = *state;
	Task *task = run_with_large_output(stage);

	task_lose(stage->cluster, task);
	task_place(stage->cluster, task, stage->node);
	commit(stage);
	open_again(stage);
	task = task_of(stage, JOB_ID_FIRST);
	assert_int_equal(task->now.run, 2);
	assert_int_equal(output_size(task->output[STREAM_STDOUT]), 0);
}

static void ids_are_never_used_again(void **state)
{
	Stage *stage = *state;
	Task *task = submit(stage, "true");
	Err err;

	task_cancel(stage->cluster, task);
	commit(stage);
	assert_int_equal(cluster_forget(stage->cluster, task->job, &err), 0);
	commit(stage);
	open_again(stage);
	assert_null(cluster_newest(stage->cluster));
	assert_int_equal(submit(stage, "true")->id, JOB_ID_FIRST + 1);
}

static void only_the_finished_can_be_forgotten(void **state)
{
	Stage *stage = *state;
	Task *task = submit(stage, "true");
	Err err;

	assert_int_equal(cluster_forget(stage->cluster, task->job, &err), -1);
	assert_int_equal(err.number, EBUSY);
	commit(stage);
	assert_int_equal(cluster_forget(stage->cluster, task->job, &err), -1);
	start(stage, task);
	commit(stage);
	assert_int_equal(cluster_forget(stage->cluster, task->job, &err), -1);
	finish(stage, task, TASK_COMPLETED, 0);
	commit(stage);
	assert_int_equal(cluster_forget(stage->cluster, task->job, &err), 0);
	assert_true(cluster_is_lazy(stage->cluster));
	assert_null(task_of(stage, JOB_ID_FIRST));
	commit(stage);
	assert_int_equal(ask(stage, "SELECT (SELECT count(*) FROM job) + (SELECT count(*) FROM task)"
				    " + (SELECT count(*) FROM run)"), 0);
}

static void jobs_are_found_in_order_whatever_was_forgotten(void **state)
{
	Stage *stage = *state;
	Job *job;
	Err err;

	for (int i = 0; i < 500; i++)
		task_cancel(stage->cluster, submit(stage, "true"));
	commit(stage);
	for (uint64_t id = JOB_ID_FIRST; id < JOB_ID_FIRST + 500; id++)
		if (id % 7)
			assert_int_equal(cluster_forget(stage->cluster, cluster_job(stage->cluster, id), &err), 0);
	commit(stage);
	job = cluster_job_after(stage->cluster, 0);
	for (uint64_t id = JOB_ID_FIRST; id < JOB_ID_FIRST + 500; id++) {
		if (id % 7) {
			assert_null(cluster_job(stage->cluster, id));
			continue;
		}
		assert_int_equal(job->id, id);
		job = cluster_job_after(stage->cluster, id);
	}
	assert_null(job);
}

static void a_name_means_its_newest_job(void **state)
{
	Stage *stage = *state;
	Task *old = submit(stage, "-J sim true"), *new = submit(stage, "-J sim true");
	Err err;

	submit(stage, "/opt/bin/other --x | y");
	assert_ptr_equal(cluster_named(stage->cluster, "sim"), new->job);
	assert_non_null(cluster_named(stage->cluster, "other"));
	task_cancel(stage->cluster, new);
	commit(stage);
	assert_int_equal(cluster_forget(stage->cluster, new->job, &err), 0);
	assert_ptr_equal(cluster_named(stage->cluster, "sim"), old->job);
}

static void a_long_spec_is_read_back(void **state)
{
	Stage *stage = *state;
	char line[4000] = "echo ";
	const Spec *spec;
	Task *task;
	Err err;

	memset(line + 5, 'x', sizeof line - 6);
	task = submit(stage, line);
	commit(stage);
	assert_null(task->job->spec);
	spec = cluster_spec(stage->cluster, task->job, &err);
	assert_non_null(spec);
	assert_string_equal(spec->text, line);
}

static void a_draft_found_at_start_is_held(void **state)
{
	static const char script[] = "#!/bin/sh\necho one\n";
	Stage *stage = *state;
	uint64_t draft = 0;
	Task *task;

	cluster_draft(stage->cluster, &draft, "#!/bin/sh\n", 10, NULL);
	assert_int_not_equal(draft, 0);
	commit(stage);
	cluster_draft(stage->cluster, &draft, script, sizeof script - 1, "/home/me");
	commit(stage);
	assert_null(cluster_newest(stage->cluster));
	open_again(stage);
	commit(stage);
	task = task_of(stage, JOB_ID_FIRST);
	assert_state(task, "PENDING");
	assert_reason(task, "JobHeldUnfinishedWrite");
	assert_string_equal(task->job->directory, "/home/me");
	assert_null(cluster_next_pending(stage->cluster));
	assert_int_equal(ask(stage, "SELECT count(*) FROM draft"), 0);
	open_again(stage);
	assert_null(task_of(stage, JOB_ID_FIRST + 1));
	assert_reason(task_of(stage, JOB_ID_FIRST), "JobHeldUnfinishedWrite");
}

static void a_dropped_draft_is_gone(void **state)
{
	Stage *stage = *state;
	uint64_t draft = 0;

	cluster_draft(stage->cluster, &draft, NULL, 0, NULL);
	cluster_draft(stage->cluster, &draft, "#!/bin/sh\n", 10, NULL);
	commit(stage);
	cluster_draft(stage->cluster, &draft, NULL, 0, NULL);
	assert_int_equal(draft, 0);
	commit(stage);
	open_again(stage);
	assert_null(cluster_newest(stage->cluster));
}

static void nodes_keep_what_was_said_of_them(void **state)
{
	Stage *stage = *state;

	node_set_text(&stage->node->drain, "new disk");
	stage->node->slots_wanted = 7;
	cluster_node_changed(stage->cluster, stage->node);
	commit(stage);
	open_again(stage);
	assert_string_equal(stage->node->drain, "new disk");
	assert_int_equal(node_slots(stage->node), 7);
	assert_int_equal(node_state(stage->node), NODE_DRAINED);
}

static void the_state_keeps_its_name(void **state)
{
	Stage *stage = *state;
	char *uuid = mem_copy_text(cluster_uuid(stage->cluster));

	assert_int_equal(strlen(uuid), 32);
	open_again(stage);
	assert_string_equal(cluster_uuid(stage->cluster), uuid);
	free(uuid);
}

static void a_full_disk_can_be_probed(void **state)
{
	Stage *stage = *state;
	Err err;

	fill_disk(true);
	assert_int_equal(cluster_probe(stage->cluster, &err), -1);
	fill_disk(false);
	assert_int_equal(cluster_probe(stage->cluster, &err), 0);
}

static void a_newer_state_is_refused(void **state)
{
	Stage *stage = *state;
	char *path = state_path(&stage->state, "wulfs.db");
	Err err;
	Db *db = db_open(path, &err);

	assert_int_equal(db_exec(db, "PRAGMA user_version = 1000", &err), 0);
	db_close(db);
	free(path);
	assert_null(cluster_open(&stage->state, &err));
	assert_int_equal(err.number, ENOTSUP);
	assert_non_null(strstr(err.text, "newer wulfs"));
}

static void an_announced_node_that_was_freed_is_not_found(void **state)
{
	Stage *stage = *state;
	char name[16];

	for (int round = 0; round < 3; round++)
		for (int i = 0; i < 100; i++) {
			Node *node;

			snprintf(name, sizeof name, "fake%d", i);
			assert_null(cluster_node(stage->cluster, name));
			node = cluster_show_node(stage->cluster, name, "fake.local");
			assert_ptr_equal(cluster_node(stage->cluster, name), node);
			cluster_shelve_node(stage->cluster, node);
			assert_true(cluster_discard_node(stage->cluster, node));
			assert_null(cluster_node(stage->cluster, name));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		staged_test(a_copied_state_is_another_once),
		staged_test(a_state_of_another_machine_is_another),
		staged_test(a_state_that_is_moved_or_of_an_earlier_wulfs_is_the_same),
		staged_test(jobs_come_back_as_they_were),
		staged_test(a_finished_job_keeps_its_end_and_its_outputs),
		staged_test(a_running_job_is_still_on_its_node),
		staged_test(a_large_output_goes_on_where_it_was_synced),
		staged_test(a_new_run_begins_with_empty_outputs_even_after_a_restart),
		staged_test(ids_are_never_used_again),
		staged_test(only_the_finished_can_be_forgotten),
		staged_test(jobs_are_found_in_order_whatever_was_forgotten),
		staged_test(a_name_means_its_newest_job),
		staged_test(a_long_spec_is_read_back),
		staged_test(a_draft_found_at_start_is_held),
		staged_test(a_dropped_draft_is_gone),
		staged_test(nodes_keep_what_was_said_of_them),
		staged_test(an_announced_node_that_was_freed_is_not_found),
		staged_test(the_state_keeps_its_name),
		staged_test(a_full_disk_can_be_probed),
		staged_test(a_newer_state_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
