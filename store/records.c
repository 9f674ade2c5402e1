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

typedef enum Statement {
	BEGIN, COMMIT,
	ADD_JOB, PUT_REST, PUT_TASK, ADD_RUN, PUT_NODE, DROP_NODE, PUT_DRAFT, DROP_DRAFT,
	FORGET_JOB, FORGET_TASK, FORGET_RUNS,
	PUT_META, GET_META,
	GET_SPEC, GET_STDOUT, GET_STDERR,
	STATEMENTS
} Statement;

static const char *const texts[STATEMENTS] = {
	[BEGIN] = "BEGIN IMMEDIATE",
	[COMMIT] = "COMMIT",
	[ADD_JOB] = "INSERT INTO job VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
	[PUT_REST] = "UPDATE job SET priority = ?, reason = ?, rest_state = ?, rest_ended = ? WHERE id = ?",
	[PUT_TASK] = "REPLACE INTO task VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
	[ADD_RUN] = "REPLACE INTO run VALUES (?,?,?,?,?,?,?,?,?,?)",
	[PUT_NODE] = "REPLACE INTO node VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
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
	Query *query[STATEMENTS];
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

int records_add_job(Records *records, const Job *job, Err *err)
{
	const Facts *facts = &job->task.now;

	Buf depends = BUF_INIT;
	int rc;

	if (job->depends)
		depends_show(job->depends, &depends);
	rc = query_run(records->query[ADD_JOB], err, "itiiititb" "iiiiittiti", (int64_t)job->id, job->name->text,
		       (int64_t)job->slots, (int64_t)job->requeue, (int64_t)facts->priority,
		       reason_name(facts->reason), job->submitted, job->directory,
		       job->spec->text, job->spec->length,
		       (int64_t)job_tasks(job), (int64_t)job->memory, (int64_t)job->retries, (int64_t)job->exclusive,
		       job->begins, job->array ? job->array->text : NULL, depends.data,
		       (int64_t)(job->depends && job->depends->kill), NULL, (int64_t)0);
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
typedef struct Kept {
	int64_t size;
	const void *bytes;
	size_t length;
} Kept;

static Kept what_to_keep(const Task *task, Stream stream, bool starts_over)
{
	const Output *output = starts_over ? NULL : task->output[stream];
	const Buf *small = output ? output_small(output) : NULL;

	if (!task_is_finished(task))
		return (Kept){ output ? (int64_t)output_kept(output) : 0, NULL, 0 };
	return (Kept){ (int64_t)task->now.size[stream], small && small->length ? small->data : NULL,
		       small ? small->length : 0 };
}

int records_put_task(Records *records, const Task *task, bool starts_over, Err *err)
{
	const Facts *now = &task->now;
	Kept out = what_to_keep(task, STREAM_STDOUT, starts_over), error = what_to_keep(task, STREAM_STDERR, starts_over);

	return query_run(records->query[PUT_TASK], err, "itttiiiiiiiiiiibbii", (int64_t)task->id,
			 task_state_name(now->state), reason_name(now->reason), now->node ? now->node->name : NULL,
			 (int64_t)now->priority, (int64_t)now->cancelled, (int64_t)now->placed, (int64_t)now->run,
			 (int64_t)now->restarts, (int64_t)now->lost, now->started, now->ended, (int64_t)now->exit,
			 out.size, error.size, out.bytes, out.length, error.bytes, error.length,
			 (int64_t)now->retried, (int64_t)now->slots);
}

int records_add_run(Records *records, const Task *task, const RunRecord *run, Err *err)
{
	return query_run(records->query[ADD_RUN], err, "iittiiiiii", (int64_t)task->id, (int64_t)run->number,
			 run->node, run->outcome, run->started, run->ended, (int64_t)run->exit,
			 run->usage.user_us, run->usage.system_us, (int64_t)run->usage.memory);
}

int records_put_node(Records *records, const Node *node, Err *err)
{
	if (node->gone && !node->kept)
		return query_run(records->query[DROP_NODE], err, "i", (int64_t)node->id);
	return query_run(records->query[PUT_NODE], err, "ittitttiiitttii", (int64_t)node->id, node->name, node->source,
			 (int64_t)node->slots_wanted, node->features, node->drain, node->instance,
			 (int64_t)node->completed, (int64_t)node->failed, node->job_ms, node->user,
			 node->host, node->places, (int64_t)node->port, (int64_t)node->standing);
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
	Query *query = db_prepare(records->db, "SELECT id, name, source, slots, features, drain, instance, completed,"
				  " failed, job_ms, user, host, places, port, standing FROM node ORDER BY id", err);
	int rc;

	if (!query)
		return -1;
	query_start(query, "");
	while ((rc = query_next(query, err)) == 1) {
		NodeRow row;

		query_columns(query, "ittitttiiitttii", &row.id, &row.name, &row.source, &row.slots, &row.features,
			      &row.drain, &row.instance, &row.completed, &row.failed, &row.job_ms, &row.user,
			      &row.host, &row.places, &row.port, &row.standing);
		take(arg, &row);
	}
	return rc;
}

int records_each_job(Records *records, void (*take)(void *arg, const JobRow *job, const TaskRow *task), void *arg, Err *err)
{
	Query *query = db_prepare(records->db,
		"SELECT job.id, name, job.slots, requeue, job.priority, job.reason, submitted, directory, state, task.reason,"
		" node, task.priority, cancelled, placed, run, restarts, lost, started, ended, exit, stdout_size,"
		" stderr_size, memory, retries, exclusive, begins, array, dependency, kill, rest_state, rest_ended,"
		" task.id, retried, task.slots FROM job LEFT JOIN task ON task.id BETWEEN job.id AND job.id + job.tasks - 1"
		" ORDER BY job.id, task.id", err);
	int rc;

	if (!query)
		return -1;
	query_start(query, "");
	while ((rc = query_next(query, err)) == 1) {
		JobRow job;
		TaskRow task = { .size = { 0 } };      /* what was returned is told by its directory */

		query_columns(query, "itiiititttt" "iiiiiiiiiii" "iiiittitiiii", &job.id, &job.name, &job.slots, &job.requeue,
			      &job.priority, &job.reason, &job.submitted, &job.directory, &task.state, &task.reason,
			      &task.node, &task.priority, &task.cancelled, &task.placed, &task.run, &task.restarts,
			      &task.lost, &task.started, &task.ended, &task.exit, &task.size[STREAM_STDOUT],
			      &task.size[STREAM_STDERR], &job.memory, &job.retries, &job.exclusive, &job.begins,
			      &job.array, &job.dependency, &job.kill, &job.rest_state, &job.rest_ended, &task.id,
			      &task.retried, &task.slots);
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
