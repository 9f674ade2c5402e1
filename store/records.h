/* records.h - the rows: what the database's tables hold of the nouns, and how they are written and read.
 *
 * The tables are the truth and are meant to be read: `sqlite3 STATE/wulfs.db 'SELECT * FROM jobs'`. The
 * views jobs, tasks, runs and nodes carry plain names. Only the cluster calls these, inside its turn. */
#ifndef STORE_RECORDS_H
#define STORE_RECORDS_H

#include "store/base/buf.h"
#include "store/db.h"
#include "store/model.h"
#include "store/state.h"
#include "store/task.h"

typedef struct Records Records;

/* One finished or lost attempt. */
typedef struct RunRecord {
	uint32_t number;
	const char *node, *outcome;     /* outcome: a task state, or "LOST", "REQUEUED" */
	int64_t started, ended;
	uint8_t exit;
	Usage usage;
} RunRecord;

/* Open the database, make or migrate its tables. ENOTSUP: written by a newer wulfs. */
Records *records_open(const char *path, Err *err);
void records_close(Records *records);
void records_hurry(Records *records);   /* from now on nobody waits for other programs' locks (db_hurry) */

int records_begin(Records *records, Err *err);
int records_commit(Records *records, Err *err);
void records_rollback(Records *records);

/* --- writing, between begin and commit --------------------------------------------------------- */

int records_add_job(Records *records, const Job *job, Err *err);
/* starts_over: what its last run wrote is not its output any more. */
int records_put_task(Records *records, const Task *task, bool starts_over, Err *err);
int records_put_rest(Records *records, const Job *job, Err *err);       /* of an array: what its rest is now */
int records_add_run(Records *records, const Task *task, const RunRecord *run, Err *err);
int records_put_node(Records *records, const Node *node, Err *err);     /* or drop it, if it is gone and not kept */
int records_put_draft(Records *records, uint64_t draft, const char *text, size_t n, const char *directory, Err *err);
int records_drop_draft(Records *records, uint64_t draft, Err *err);
int records_forget(Records *records, uint64_t job, uint32_t tasks, Err *err);
int records_put_number(Records *records, const char *key, int64_t value, Err *err);

/* --- reading ------------------------------------------------------------------------------------ */

int64_t records_number(Records *records, const char *key, int64_t otherwise);

/* Made at the first call, and anew when the database is not in the place where it was; the caller's. was: the one
 * before, "" if it is the same. */
char *records_uuid(Records *records, const StatePlace *place, char *was, size_t size, Err *err);
int records_text(Records *records, uint64_t job, Buf *text, Err *err);          /* the spec as submitted */
int records_output(Records *records, uint64_t task, Stream stream, Buf *text, Err *err);

/* Rows as the tables have them: each member is the column of its name (records.c). Handed to the cluster one by one at
 * start; texts live until the callback returns, and blobs are not read then. */
typedef struct JobRow {
	int64_t id, slots, requeue, priority, submitted, tasks, memory, retries, exclusive, begins, kill, rest_ended;
	const char *name, *directory, *reason, *array, *dependency, *rest_state;
	Blob spec;
} JobRow;

typedef struct TaskRow {        /* one of the job's; state NULL: it has no row, nothing happened yet */
	int64_t id, priority, cancelled, placed, run, restarts, retried, slots, lost, started, ended, exit;
	int64_t stdout_size, stderr_size;       /* bytes, whole if finished, else what is known to be on disk */
	const char *state, *reason, *node;
	Blob out, error;        /* columns stdout and stderr */
} TaskRow;

typedef struct NodeRow {
	int64_t id, slots, completed, failed, job_ms, port, standing;
	const char *name, *source, *features, *drain, *instance, *user, *host, *places;
} NodeRow;

typedef struct RunRow {
	int64_t task, number, started, ended, exit, user_us, system_us, memory;
	const char *node, *outcome;
} RunRow;

int records_each_node(Records *records, void (*take)(void *arg, const NodeRow *row), void *arg, Err *err);
/* Once for each task that has a row, or once with task->state NULL if none has. */
int records_each_job(Records *records, void (*take)(void *arg, const JobRow *job, const TaskRow *task), void *arg, Err *err);
int records_each_draft(Records *records,
		       void (*take)(void *arg, uint64_t draft, const char *text, size_t n, const char *directory),
		       void *arg, Err *err);

#endif
