/* records.c - rows in, rows out. All SQL but the tables' own (schema.c) stands here. */
#include "store/records.h"

#include "store/depend.h"
#include "store/job.h"
#include "store/output.h"
#include "store/schema.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- the tables' rows -------------------------------------------------------------------------- */

#define COLUMN(kind, Row, member) { #member, kind, offsetof(Row, member) }
#define INTEGER(Row, member) COLUMN(COLUMN_INTEGER, Row, member)
#define TEXT(Row, member) COLUMN(COLUMN_TEXT, Row, member)
#define TABLE(name, columns) { name, columns, sizeof (columns) / sizeof *(columns) }

static const Column job_columns[] = {
	INTEGER(JobRow, id), TEXT(JobRow, name), INTEGER(JobRow, slots), INTEGER(JobRow, requeue), INTEGER(JobRow, priority),
	TEXT(JobRow, reason), INTEGER(JobRow, submitted), TEXT(JobRow, directory), INTEGER(JobRow, tasks),
	INTEGER(JobRow, memory), INTEGER(JobRow, retries), INTEGER(JobRow, exclusive), INTEGER(JobRow, begins),
	TEXT(JobRow, array), TEXT(JobRow, dependency), INTEGER(JobRow, kill), TEXT(JobRow, rest_state),
	INTEGER(JobRow, rest_ended), COLUMN(COLUMN_BLOB, JobRow, spec),
};

static const Column task_columns[] = {
	INTEGER(TaskRow, id), TEXT(TaskRow, state), TEXT(TaskRow, reason), TEXT(TaskRow, node), INTEGER(TaskRow, priority),
	INTEGER(TaskRow, cancelled), INTEGER(TaskRow, placed), INTEGER(TaskRow, run), INTEGER(TaskRow, restarts),
	INTEGER(TaskRow, retried), INTEGER(TaskRow, slots), INTEGER(TaskRow, lost), INTEGER(TaskRow, started),
	INTEGER(TaskRow, ended), INTEGER(TaskRow, exit), INTEGER(TaskRow, stdout_size), INTEGER(TaskRow, stderr_size),
	{ "stdout", COLUMN_BLOB, offsetof(TaskRow, out) }, { "stderr", COLUMN_BLOB, offsetof(TaskRow, error) },
};

static const Column node_columns[] = {
	INTEGER(NodeRow, id), TEXT(NodeRow, name), TEXT(NodeRow, source), INTEGER(NodeRow, slots), TEXT(NodeRow, features),
	TEXT(NodeRow, drain), TEXT(NodeRow, instance), INTEGER(NodeRow, completed), INTEGER(NodeRow, failed),
	INTEGER(NodeRow, job_ms), TEXT(NodeRow, user), TEXT(NodeRow, host), TEXT(NodeRow, places), INTEGER(NodeRow, port),
	INTEGER(NodeRow, standing),
};

static const Column run_columns[] = {
	INTEGER(RunRow, task), INTEGER(RunRow, number), TEXT(RunRow, node), TEXT(RunRow, outcome), INTEGER(RunRow, started),
	INTEGER(RunRow, ended), INTEGER(RunRow, exit), INTEGER(RunRow, user_us), INTEGER(RunRow, system_us),
	INTEGER(RunRow, memory),
};

typedef enum Noun { JOB, TASK, NODE, RUN, NOUNS } Noun;

static const Table tables[NOUNS] = {
	[JOB] = TABLE("job", job_columns), [TASK] = TABLE("task", task_columns),
	[NODE] = TABLE("node", node_columns), [RUN] = TABLE("run", run_columns),
};

/* --- statements -------------------------------------------------------------------------------- */

typedef enum Statement {
	BEGIN, COMMIT,
	PUT_REST, DROP_NODE, PUT_DRAFT, DROP_DRAFT,
	FORGET_JOB, FORGET_TASK, FORGET_RUNS,
	PUT_META, GET_META,
	GET_SPEC, GET_STDOUT, GET_STDERR,
	STATEMENTS
} Statement;

static const char *const texts[STATEMENTS] = {
	[BEGIN] = "BEGIN IMMEDIATE",
	[COMMIT] = "COMMIT",
	[PUT_REST] = "UPDATE job SET priority = ?, reason = ?, rest_state = ?, rest_ended = ? WHERE id = ?",
	[DROP_NODE] = "DELETE FROM node WHERE id = ?",
	[PUT_DRAFT] = "REPLACE INTO draft VALUES (?,?,?)",
	[DROP_DRAFT] = "DELETE FROM draft WHERE id = ?",
	[FORGET_JOB] = "DELETE FROM job WHERE id = ?",
	[FORGET_TASK] = "DELETE FROM task WHERE id BETWEEN ? AND ?",
	[FORGET_RUNS] = "DELETE FROM run WHERE task BETWEEN ? AND ?",
	[PUT_META] = "REPLACE INTO meta VALUES (?,?)",
	[GET_META] = "SELECT value FROM meta WHERE key = ?",
	[GET_SPEC] = "SELECT spec FROM job WHERE id = ?",
	[GET_STDOUT] = "SELECT stdout FROM task WHERE id = ?",
	[GET_STDERR] = "SELECT stderr FROM task WHERE id = ?",
};

struct Records {
	Db *db;
	Query *query[STATEMENTS], *put[NOUNS];
};

Records *records_open(const char *path, Err *err)
{
	Records *records = mem_new_zeroed(sizeof *records);

	records->db = db_open(path, err);
	if (!records->db || schema_prepare(records->db, err) < 0)
		goto fail;
	for (Statement i = 0; i < STATEMENTS; i++) {
		records->query[i] = db_prepare(records->db, texts[i], err);
		if (!records->query[i])
			goto fail;
	}
	for (Noun noun = 0; noun < NOUNS; noun++) {
		records->put[noun] = db_prepare_put(records->db, noun == JOB ? "INSERT" : "REPLACE", &tables[noun], err);
		if (!records->put[noun])
			goto fail;
	}
	return records;
fail:
	records_close(records);
	return NULL;
}

void records_close(Records *records)
{
	if (!records)
		return;
	db_close(records->db);
	free(records);
}

void records_hurry(Records *records)
{
	db_hurry(records->db);
}

int records_begin(Records *records, Err *err)
{
	return query_run(records->query[BEGIN], err, "");
}

int records_commit(Records *records, Err *err)
{
	return query_run(records->query[COMMIT], err, "");
}

void records_rollback(Records *records)
{
	db_exec(records->db, "ROLLBACK", NULL);         /* fails if sqlite rolled back by itself: as wanted */
}

static int put(Records *records, Noun noun, const void *row, Err *err)
{
	return query_put(records->put[noun], &tables[noun], row, err);
}

int records_add_job(Records *records, const Job *job, Err *err)
{
	const Facts *facts = &job->task.now;
	Buf depends = BUF_INIT;
	JobRow row = {
		.id = (int64_t)job->id, .name = job->name->text, .slots = job->slots, .requeue = job->requeue,
		.priority = facts->priority, .reason = reason_name(facts->reason), .submitted = job->submitted,
		.directory = job->directory, .spec = { job->spec->text, job->spec->length }, .tasks = job_tasks(job),
		.memory = (int64_t)job->memory, .retries = job->retries, .exclusive = job->exclusive, .begins = job->begins,
		.array = job->array ? job->array->text : NULL, .kill = job->depends && job->depends->kill,
	};
	int rc;

	if (job->depends)
		depends_show(job->depends, &depends);
	row.dependency = depends.data;
	rc = put(records, JOB, &row, err);
	buf_release(&depends);
	return rc;
}

int records_put_rest(Records *records, const Job *job, Err *err)
{
	const Facts *now = &job->task.now;

	return query_run(records->query[PUT_REST], err, "ittii", (int64_t)now->priority, reason_name(now->reason),
			 task_state_name(now->state), now->ended, (int64_t)job->id);
}

/* What the row keeps of one stream: the bytes of a small one that is finished, else how much is on disk of
 * the newest run's. */
static int64_t keep(const Task *task, Stream stream, bool starts_over, Blob *bytes)
{
	const Output *output = starts_over ? NULL : task->output[stream];
	const Buf *small = output ? output_small(output) : NULL;

	if (!task_is_finished(task))
		return output ? (int64_t)output_kept(output) : 0;
	if (small && small->length)
		*bytes = (Blob){ small->data, small->length };
	return (int64_t)task->now.size[stream];
}

int records_put_task(Records *records, const Task *task, bool starts_over, Err *err)
{
	const Facts *now = &task->now;
	TaskRow row = {
		.id = (int64_t)task->id, .state = task_state_name(now->state), .reason = reason_name(now->reason),
		.node = now->node ? now->node->name : NULL, .priority = now->priority, .cancelled = now->cancelled,
		.placed = now->placed, .run = now->run, .restarts = now->restarts, .retried = now->retried,
		.slots = now->slots, .lost = now->lost, .started = now->started, .ended = now->ended, .exit = now->exit,
	};

	row.stdout_size = keep(task, STREAM_STDOUT, starts_over, &row.out);
	row.stderr_size = keep(task, STREAM_STDERR, starts_over, &row.error);
	return put(records, TASK, &row, err);
}

int records_add_run(Records *records, const Task *task, const RunRecord *run, Err *err)
{
	return put(records, RUN, &(RunRow){
		.task = (int64_t)task->id, .number = run->number, .node = run->node, .outcome = run->outcome,
		.started = run->started, .ended = run->ended, .exit = run->exit, .user_us = run->usage.user_us,
		.system_us = run->usage.system_us, .memory = (int64_t)run->usage.memory }, err);
}

int records_put_node(Records *records, const Node *node, Err *err)
{
	if (node->gone && !node->kept)
		return query_run(records->query[DROP_NODE], err, "i", (int64_t)node->id);
	return put(records, NODE, &(NodeRow){
		.id = node->id, .name = node->name, .source = node->source, .slots = node->slots_wanted,
		.features = node->features, .drain = node->drain, .instance = node->instance,
		.completed = (int64_t)node->completed, .failed = (int64_t)node->failed, .job_ms = node->job_ms,
		.user = node->user, .host = node->host, .places = node->places, .port = node->port,
		.standing = node->standing }, err);
}

int records_put_draft(Records *records, uint64_t draft, const char *text, size_t n, const char *directory, Err *err)
{
	return query_run(records->query[PUT_DRAFT], err, "itb", (int64_t)draft, directory, text, n);
}

int records_drop_draft(Records *records, uint64_t draft, Err *err)
{
	return query_run(records->query[DROP_DRAFT], err, "i", (int64_t)draft);
}

int records_forget(Records *records, uint64_t job, uint32_t tasks, Err *err)
{
	int64_t first = (int64_t)job, last = first + tasks - 1;

	if (query_run(records->query[FORGET_JOB], err, "i", first) < 0 ||
	    query_run(records->query[FORGET_TASK], err, "ii", first, last) < 0)
		return -1;
	return query_run(records->query[FORGET_RUNS], err, "ii", first, last);
}

int records_put_number(Records *records, const char *key, int64_t value, Err *err)
{
	return query_run(records->query[PUT_META], err, "ti", key, value);
}

int64_t records_number(Records *records, const char *key, int64_t otherwise)
{
	Query *query = records->query[GET_META];
	int64_t value = otherwise;

	query_start(query, "t", key);
	if (query_next(query, NULL) == 1)
		query_columns(query, "i", &value);
	query_stop(query);
	return value;
}

/* "" if there is none. */
static char *text_of(Records *records, const char *key)
{
	Query *query = records->query[GET_META];
	const char *found = NULL;
	char *text;

	query_start(query, "t", key);
	if (query_next(query, NULL) == 1)
		query_columns(query, "t", &found);
	text = mem_copy_text(found ? found : "");
	query_stop(query);
	return text;
}

static bool differs(int64_t a, int64_t b)
{
	return a && b && a != b;
}

/* What was not known then, or is not now, does not count. */
static bool is_elsewhere(Records *records, const StatePlace *place)
{
	char *machine = text_of(records, "machine");
	bool moved = machine[0] && place->machine[0] && strcmp(machine, place->machine) != 0;

	free(machine);
	return moved || differs(records_number(records, "inode", 0), place->inode) ||
	       differs(records_number(records, "born", 0), place->born);
}

/* Nothing to write: a mount is possible on a full disk. */
static bool is_settled(Records *records, const StatePlace *place)
{
	char *machine = text_of(records, "machine"), *uuid = text_of(records, "uuid");
	bool settled = uuid[0] && strcmp(machine, place->machine) == 0 &&
		       records_number(records, "inode", 0) == place->inode &&
		       records_number(records, "born", 0) == place->born;

	free(machine);
	free(uuid);
	return settled;
}

static int put_place(Records *records, const StatePlace *place, Err *err)
{
	if (query_run(records->query[PUT_META], err, "tt", "machine", place->machine) < 0)
		return -1;
	return records_put_number(records, "inode", place->inode, err) < 0 ||
	       records_put_number(records, "born", place->born, err) < 0 ? -1 : 0;
}

static int settle_uuid(Records *records, const StatePlace *place, char *was, size_t size, Err *err)
{
	char *uuid;

	if (is_elsewhere(records, place)) {
		uuid = text_of(records, "uuid");
		snprintf(was, size, "%s", uuid);
		free(uuid);
		if (db_exec(records->db, "DELETE FROM meta WHERE key = 'uuid'", err) < 0)
			return -1;
	}
	if (db_exec(records->db, "INSERT OR IGNORE INTO meta VALUES ('uuid', lower(hex(randomblob(16))))", err) < 0)
		return -1;
	return put_place(records, place, err);
}

char *records_uuid(Records *records, const StatePlace *place, char *was, size_t size, Err *err)
{
	was[0] = '\0';
	if (is_settled(records, place))
		return text_of(records, "uuid");
	if (records_begin(records, err) < 0)
		return NULL;
	if (settle_uuid(records, place, was, size, err) == 0 && records_commit(records, err) == 0)
		return text_of(records, "uuid");
	records_rollback(records);
	return NULL;
}

static int read_blob(Query *query, int64_t id, Buf *text, Err *err)
{
	const void *bytes;
	size_t n;
	int rc;

	query_start(query, "i", id);
	rc = query_next(query, err);
	if (rc == 1) {
		query_columns(query, "b", &bytes, &n);
		buf_add(text, bytes, n);
	}
	query_stop(query);
	if (rc == 0)
		return err_set(err, EIO, "job %lld is not in the state's database", (long long)id);
	return rc < 0 ? -1 : 0;
}

int records_text(Records *records, uint64_t job, Buf *text, Err *err)
{
	return read_blob(records->query[GET_SPEC], (int64_t)job, text, err);
}

int records_output(Records *records, uint64_t task, Stream stream, Buf *text, Err *err)
{
	return read_blob(records->query[stream == STREAM_STDOUT ? GET_STDOUT : GET_STDERR], (int64_t)task, text, err);
}

int records_each_node(Records *records, void (*take)(void *arg, const NodeRow *row), void *arg, Err *err)
{
	static const Table *const nodes[] = { &tables[NODE] };
	Query *query = db_prepare_get(records->db, nodes, 1, "FROM node ORDER BY id", err);
	NodeRow row = { 0 };
	void *const rows[] = { &row };
	int rc;

	if (!query)
		return -1;
	query_start(query, "");
	while ((rc = query_next(query, err)) == 1) {
		query_row(query, nodes, 1, rows);
		take(arg, &row);
	}
	return rc;
}

int records_each_job(Records *records, void (*take)(void *arg, const JobRow *job, const TaskRow *task), void *arg, Err *err)
{
	static const Table *const both[] = { &tables[JOB], &tables[TASK] };
	Query *query = db_prepare_get(records->db, both, 2, "FROM job LEFT JOIN task"
				      " ON task.id BETWEEN job.id AND job.id + job.tasks - 1 ORDER BY job.id, task.id", err);
	JobRow job = { 0 };
	TaskRow task = { 0 };
	void *const rows[] = { &job, &task };
	int rc;

	if (!query)
		return -1;
	query_start(query, "");
	while ((rc = query_next(query, err)) == 1) {
		query_row(query, both, 2, rows);
		take(arg, &job, &task);
	}
	return rc;
}

int records_each_draft(Records *records,
		       void (*take)(void *arg, uint64_t draft, const char *text, size_t n, const char *directory),
		       void *arg, Err *err)
{
	Query *query = db_prepare(records->db, "SELECT id, directory, spec FROM draft ORDER BY id", err);
	int rc;

	if (!query)
		return -1;
	query_start(query, "");
	while ((rc = query_next(query, err)) == 1) {
		const char *directory;
		const void *text;
		int64_t id;
		size_t n;

		query_columns(query, "itb", &id, &directory, &text, &n);
		take(arg, (uint64_t)id, text, n, directory);
	}
	return rc;
}
