/* db.c - the only file that knows sqlite. */
#include "db.h"

#include "buf.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <unistd.h>

struct Query {
	Db *db;
	sqlite3_stmt *statement;
	SLIST_ENTRY(Query) next;
};

struct Db {
	sqlite3 *handle;
	SLIST_HEAD(, Query) queries;
};

static int refuse(Db *db, Err *err)
{
	int code = sqlite3_errcode(db->handle) & 0xff;
	int number = code == SQLITE_FULL ? ENOSPC : EIO;

	/* A full disk also shows as a short write or a WAL that cannot be extended. */
	if (code == SQLITE_IOERR && sqlite3_system_errno(db->handle) == ENOSPC)
		number = ENOSPC;
	return err_set(err, number, "the state's database: %s", sqlite3_errmsg(db->handle));
}

int db_exec(Db *db, const char *sql, Err *err)
{
	return sqlite3_exec(db->handle, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : refuse(db, err);
}

Db *db_open(const char *path, Err *err)
{
	Db *db = mem_new_zeroed(sizeof *db);
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;

	SLIST_INIT(&db->queries);
	/* sqlite gives its other files the mode of this one: the owner's alone. */
	close(open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600));
	/* busy_timeout: somebody may be reading with the sqlite3 shell while the WAL is reset. */
	if (sqlite3_open_v2(path, &db->handle, flags, NULL) != SQLITE_OK ||
	    db_exec(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=OFF;"
			"PRAGMA busy_timeout=5000; PRAGMA cache_size=-8192; PRAGMA journal_size_limit=16777216", err) < 0) {
		refuse(db, err);
		db_close(db);
		return NULL;
	}
	return db;
}

void db_close(Db *db)
{
	if (!db)
		return;
	while (!SLIST_EMPTY(&db->queries)) {
		Query *query = SLIST_FIRST(&db->queries);

		SLIST_REMOVE_HEAD(&db->queries, next);
		sqlite3_finalize(query->statement);
		free(query);
	}
	sqlite3_close(db->handle);
	free(db);
}

Query *db_prepare(Db *db, const char *sql, Err *err)
{
	Query *query = mem_new_zeroed(sizeof *query);

	query->db = db;
	if (sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &query->statement, NULL) != SQLITE_OK) {
		refuse(db, err);
		free(query);
		return NULL;
	}
	SLIST_INSERT_HEAD(&db->queries, query, next);
	return query;
}

static void bind(Query *query, const char *types, va_list args)
{
	sqlite3_stmt *statement = query->statement;

	for (int column = 1; *types; types++, column++) {
		if (*types == 'i') {
			sqlite3_bind_int64(statement, column, va_arg(args, int64_t));
		} else if (*types == 't') {
			sqlite3_bind_text(statement, column, va_arg(args, const char *), -1, SQLITE_STATIC);
		} else {
			const void *bytes = va_arg(args, const void *);

			sqlite3_bind_blob64(statement, column, bytes, va_arg(args, size_t), SQLITE_STATIC);
		}
	}
}

int query_run(Query *query, Err *err, const char *types, ...)
{
	va_list args;
	int code;

	va_start(args, types);
	bind(query, types, args);
	va_end(args);
	code = sqlite3_step(query->statement);
	if (code != SQLITE_DONE && code != SQLITE_ROW)
		refuse(query->db, err);
	sqlite3_reset(query->statement);
	return code == SQLITE_DONE || code == SQLITE_ROW ? 0 : -1;
}

void query_start(Query *query, const char *types, ...)
{
	va_list args;

	sqlite3_reset(query->statement);
	va_start(args, types);
	bind(query, types, args);
	va_end(args);
}

int query_next(Query *query, Err *err)
{
	int code = sqlite3_step(query->statement);

	if (code == SQLITE_ROW)
		return 1;
	if (code != SQLITE_DONE)
		refuse(query->db, err);
	sqlite3_reset(query->statement);
	return code == SQLITE_DONE ? 0 : -1;
}

void query_columns(Query *query, const char *types, ...)
{
	sqlite3_stmt *statement = query->statement;
	va_list args;

	va_start(args, types);
	for (int column = 0; *types; types++, column++) {
		if (*types == 'i') {
			*va_arg(args, int64_t *) = sqlite3_column_int64(statement, column);
		} else if (*types == 't') {
			*va_arg(args, const char **) = (const char *)sqlite3_column_text(statement, column);
		} else {
			*va_arg(args, const void **) = sqlite3_column_blob(statement, column);
			*va_arg(args, size_t *) = (size_t)sqlite3_column_bytes(statement, column);
		}
	}
	va_end(args);
}

void query_stop(Query *query)
{
	sqlite3_reset(query->statement);
}
