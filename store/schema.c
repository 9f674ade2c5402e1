/* schema.c - the tables, and how an older database becomes today's.
 *
 * Each migration brings the schema from its index to the next version (PRAGMA user_version). They are
 * never edited once released; a change is a new one at the end. */
#include "store/schema.h"

#include <errno.h>
#include <stdio.h>

/* jobs as jobs/ shows them: an array by the state that its user should hear of first, and why. */
#define JOBS_VIEW \
	"CREATE VIEW jobs AS" \
	" WITH own AS (SELECT job.id AS job, count(task.id) AS tasks, sum(state = 'RUNNING') AS running," \
	"  sum(state = 'PENDING') AS pending, sum(state = 'FAILED') AS failed, sum(state = 'TIMEOUT') AS timeout," \
	"  sum(state = 'OUT_OF_MEMORY') AS memory, sum(state = 'NODE_FAIL') AS node, sum(state = 'CANCELLED') AS cancelled," \
	"  min(nullif(started, 0)) AS started, max(nullif(ended, 0)) AS ended, max(exit) AS exit" \
	"  FROM job LEFT JOIN task ON task.id BETWEEN job.id AND job.id + job.tasks - 1 WHERE array IS NOT NULL GROUP BY job.id)," \
	" rest AS (SELECT id, CASE WHEN job.tasks > own.tasks THEN coalesce(rest_state, 'PENDING') ELSE '' END AS state," \
	"  CASE WHEN job.tasks > own.tasks THEN nullif(rest_ended, 0) END AS ended FROM job JOIN own ON own.job = job.id)," \
	" whole AS (SELECT own.job, CASE WHEN running THEN 'RUNNING' WHEN pending OR rest.state = 'PENDING' THEN 'PENDING'" \
	"  WHEN failed THEN 'FAILED' WHEN timeout THEN 'TIMEOUT' WHEN memory THEN 'OUT_OF_MEMORY' WHEN node THEN 'NODE_FAIL'" \
	"  WHEN cancelled OR rest.state = 'CANCELLED' THEN 'CANCELLED' ELSE 'COMPLETED' END AS state, started," \
	"  max(coalesce(own.ended, 0), coalesce(rest.ended, 0)) AS ended, CASE WHEN rest.state = '' THEN exit ELSE 255 END AS exit" \
	"  FROM own JOIN rest ON rest.id = own.job)" \
	" SELECT job.id AS id, name, tasks, coalesce(whole.state, task.state, 'PENDING') AS state," \
	" coalesce(task.reason, (SELECT t.reason FROM task AS t WHERE array IS NOT NULL AND" \
	"  t.id BETWEEN job.id AND job.id + tasks - 1 AND t.state = whole.state LIMIT 1), job.reason) AS reason," \
	" node, coalesce(task.priority, job.priority) AS priority, datetime(submitted / 1000, 'unixepoch') AS submitted," \
	" datetime(nullif(coalesce(whole.started, task.started), 0) / 1000, 'unixepoch') AS started," \
	" datetime(nullif(coalesce(whole.ended, task.ended), 0) / 1000, 'unixepoch') AS ended," \
	" CASE WHEN array IS NULL THEN task.exit WHEN whole.state NOT IN ('RUNNING', 'PENDING') THEN whole.exit END AS exit," \
	" array, dependency, directory, CAST(spec AS TEXT) AS spec" \
	" FROM job LEFT JOIN task ON task.id = job.id AND array IS NULL LEFT JOIN whole ON whole.job = job.id;"

static const char *const migrations[] = {
	/* 1 */
	"CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;"

	/* One row a submission. A task's row comes when something happens to it; until then priority and reason say all
	 * there is. The tasks of an array have rows when something has happened to them alone; rest_state and rest_ended
	 * are of all the others (NULL: pending). */
	"CREATE TABLE job (id INTEGER PRIMARY KEY, name TEXT, slots INTEGER, requeue INTEGER, priority INTEGER,"
	" reason TEXT, submitted INTEGER, directory TEXT, tasks INTEGER, memory INTEGER, retries INTEGER,"
	" exclusive INTEGER, begins INTEGER, array TEXT, dependency TEXT, kill INTEGER, rest_state TEXT,"
	" rest_ended INTEGER, spec BLOB);"

	"CREATE TABLE task (id INTEGER PRIMARY KEY, state TEXT, reason TEXT, node TEXT, priority INTEGER,"
	" cancelled INTEGER, placed INTEGER, run INTEGER, restarts INTEGER, retried INTEGER, slots INTEGER, lost INTEGER,"
	" started INTEGER, ended INTEGER, exit INTEGER, stdout_size INTEGER, stderr_size INTEGER, stdout BLOB, stderr BLOB);"

	/* One row an attempt that is over. */
	"CREATE TABLE run (task INTEGER, number INTEGER, node TEXT, outcome TEXT, started INTEGER, ended INTEGER,"
	" exit INTEGER, user_us INTEGER, system_us INTEGER, memory INTEGER, PRIMARY KEY (task, number)) WITHOUT ROWID;"

	/* host, places, port: of a machine that announced itself. standing: 1 used, 2 hidden, by the owner's word */
	"CREATE TABLE node (id INTEGER PRIMARY KEY, name TEXT UNIQUE, source TEXT, slots INTEGER, features TEXT,"
	" drain TEXT, instance TEXT, completed INTEGER, failed INTEGER, job_ms INTEGER, user TEXT, host TEXT,"
	" places TEXT, port INTEGER, standing INTEGER);"

	"CREATE TABLE draft (id INTEGER PRIMARY KEY, directory TEXT, spec BLOB);"

	JOBS_VIEW

	"CREATE VIEW tasks AS SELECT id, state, reason, node, run AS attempt, restarts, exit, stdout_size, stderr_size"
	" FROM task;"

	"CREATE VIEW runs AS SELECT task, number AS attempt, node, outcome, nullif(started, 0) / 1000.0 AS started,"
	" nullif(ended, 0) / 1000.0 AS ended, exit, user_us / 1e6 AS user_seconds, system_us / 1e6 AS system_seconds, memory"
	" FROM run;"

	"CREATE VIEW nodes AS SELECT name, source, slots, features, drain, completed, failed, job_ms / 1000.0 AS job_seconds"
	" FROM node;",
};

enum { VERSION = sizeof migrations / sizeof *migrations };

static int version_of(Db *db, int64_t *version, Err *err)
{
	Query *query = db_prepare(db, "PRAGMA user_version", err);

	if (!query)
		return -1;
	query_start(query, "");
	if (query_next(query, err) != 1)
		return -1;
	query_columns(query, "i", version);
	query_stop(query);
	return 0;
}

static int migrate(Db *db, int64_t from, Err *err)
{
	char done[64];

	snprintf(done, sizeof done, "PRAGMA user_version=%d; COMMIT", (int)from + 1);
	if (db_exec(db, "BEGIN IMMEDIATE", err) < 0 || db_exec(db, migrations[from], err) < 0 || db_exec(db, done, err) < 0) {
		db_exec(db, "ROLLBACK", NULL);
		return -1;
	}
	return 0;
}

int schema_prepare(Db *db, Err *err)
{
	int64_t version;

	if (version_of(db, &version, err) < 0)
		return -1;
	if (version > VERSION)
		return err_set(err, ENOTSUP, "the state was written by a newer wulfs (schema %lld, this one knows %d); "
			       "use that one, or another state with -o state=DIR", (long long)version, VERSION);
	for (; version < VERSION; version++)
		if (migrate(db, version, err) < 0)
			return -1;
	return 0;
}
