/* stage.h - a cluster on a state directory of its own, for the tests that need one, and what a user would
 * do to it in a word each. For a test program to include once, after cmocka.h. */
#ifndef TESTS_STAGE_H
#define TESTS_STAGE_H

#include "store/cluster.h"
#include "store/commit.h"
#include "store/db.h"
#include "store/nodes.h"
#include "store/open.h"
#include "store/output.h"
#include "store/submit.h"
#include "store/task.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define UNUSED __attribute__((unused))

typedef struct Stage {
	char directory[64];
	State state;
	Cluster *cluster;
	Node *node;             /* one with two slots, up */
} Stage;

static void open_cluster(Stage *stage)
{
	Err err = { 0 };

	if (state_open(&stage->state, stage->directory, &err) < 0)
		fail_msg("%s", err.text);
	stage->cluster = cluster_open(&stage->state, &err);
	if (!stage->cluster)
		fail_msg("%s", err.text);
	stage->node = cluster_node(stage->cluster, "local");
	if (!stage->node)
		stage->node = cluster_add_node(stage->cluster, "local", "local");
	stage->node->slots_default = 2;
	stage->node->up = true;
}

static void close_cluster(Stage *stage)
{
	cluster_close(stage->cluster);
	state_close(&stage->state);
}

/* As after a kill -9: what was not committed is gone. */
UNUSED static void open_again(Stage *stage)
{
	close_cluster(stage);
	open_cluster(stage);
}

static int stage_set_up(void **state)
{
	Stage *stage = mem_new_zeroed(sizeof *stage);

	strcpy(stage->directory, "/tmp/wulfs-stage-XXXXXX");
	if (!mkdtemp(stage->directory))
		return -1;
	open_cluster(stage);
	*state = stage;
	return 0;
}

static int stage_tear_down(void **state)
{
	Stage *stage = *state;
	char line[128];

	close_cluster(stage);
	snprintf(line, sizeof line, "rm -r %s", stage->directory);
	if (system(line) != 0)
		return -1;
	free(stage);
	return 0;
}

#define staged_test(test) cmocka_unit_test_setup_teardown(test, stage_set_up, stage_tear_down)

UNUSED static Task *submit(Stage *stage, const char *line)
{
	Err err = { 0 };
	Spec *spec = spec_parse(line, strlen(line), &err);
	Job *job = spec ? cluster_submit(stage->cluster, spec, "/home/me", &err) : NULL;

	if (!job)
		fail_msg("%s", err.text);
	return &job->task;
}

UNUSED static Task *task_of(Stage *stage, uint64_t id)
{
	Job *job = cluster_job(stage->cluster, id);

	return job ? &job->task : NULL;
}

UNUSED static void commit(Stage *stage)
{
	Err err = { 0 };

	if (cluster_commit(stage->cluster, &err) < 0)
		fail_msg("%s", err.text);
}

/* A disk that takes nothing: no file of ours may grow, or be written at all. */
UNUSED static void fill_disk(bool full)
{
	struct rlimit limit;

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = full ? 0 : limit.rlim_max;
	setrlimit(RLIMIT_FSIZE, &limit);
}

UNUSED static void commit_on_a_full_disk(Stage *stage)
{
	Err err = { 0 };

	fill_disk(true);
	assert_int_equal(cluster_commit(stage->cluster, &err), -1);
	fill_disk(false);
	assert_true(err.number > 0 && err.text[0]);
}

UNUSED static void start_on(Stage *stage, Task *task, Node *node)
{
	task_place(stage->cluster, task, node);
	task_start(stage->cluster, task, 1000);
}

UNUSED static void start(Stage *stage, Task *task)
{
	start_on(stage, task, stage->node);
}

UNUSED static void finish(Stage *stage, Task *task, TaskState state, uint8_t code)
{
	task_finish(stage->cluster, task, &(Ending){ .state = state, .exit = code, .started = 1000, .ended = 3000 });
}

UNUSED static void print(Stage *stage, Task *task, Stream stream, const char *bytes, size_t n)
{
	Err err = { 0 };

	if (!task->output[stream])
		task->output[stream] = output_new(&stage->state, task->id, stream);
	if (output_append(task->output[stream], bytes, n, &err) < 0)
		fail_msg("%s", err.text);
	task_output_grew(stage->cluster, task);
}

/* The first column of the first row, as a number; what somebody with the sqlite3 shell would see. */
UNUSED static int64_t ask(Stage *stage, const char *sql)
{
	char *path = state_path(&stage->state, "wulfs.db");
	Err err = { 0 };
	Db *db = db_open(path, &err);
	Query *query = db ? db_prepare(db, sql, &err) : NULL;
	int64_t value = -1;

	if (!query)
		fail_msg("%s", err.text);
	query_start(query, "");
	if (query_next(query, &err) == 1)
		query_columns(query, "i", &value);
	query_stop(query);
	db_close(db);
	free(path);
	return value;
}

#define assert_state(task, wanted) assert_string_equal(task_state_name((task)->now.state), wanted)
#define assert_reason(task, wanted) assert_string_equal(reason_name((task)->now.reason), wanted)

#endif
