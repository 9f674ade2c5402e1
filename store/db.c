/* db.c - the only file that knows sqlite. */
#include "store/db.h"

#include "store/base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <unistd.h>

struct Query {
	Db *db;
	sqlite3_stmt *statement;
	SLIST_ENTRY(Query) next;
};

enum { PATIENCE_MS = 5000, HURRY_MS = 50 };

struct Db {
	sqlite3 *handle;
	SLIST_HEAD(, Query) queries;
	int patience_ms;        /* for a lock that another program holds */
	bool locked;            /* by another program, when last asked: do not wait for it again */
};

/* sqlite's file format, "WAL-Index": byte 120 of the -shm file is the lock of who writes. */
static bool is_writer(const char *lock, const struct stat *index, int *pid)
{
	unsigned long long inode;
	long long first, last;

	return sscanf(lock, "%*s POSIX %*s WRITE %d %*x:%*x:%llu %lld %lld", pid, &inode, &first, &last) == 4 &&
	       inode == index->st_ino && first <= 120 && last >= 120 && *pid != getpid();
}

/* proc(5), locks. 0: not seen, as in another container. */
static int writing_process(Db *db)
{
	Buf path = BUF_INIT;
	FILE *locks = fopen("/proc/locks", "re");
	struct stat index;
	char line[256];
	int pid, found = 0;

	buf_addf(&path, "%s-shm", sqlite3_db_filename(db->handle, "main"));
	if (locks && stat(buf_text(&path), &index) == 0)
		while (!found && fgets(line, sizeof line, locks))
			if (is_writer(line, &index, &pid))
				found = pid;
	if (locks)
		fclose(locks);
	buf_release(&path);
	return found;
}

/* Nobody is to wait for the same lock twice, so from now on it is only tried. */
static int refuse_locked(Db *db, Err *err)
{
	int pid = writing_process(db);

	db->locked = true;
	sqlite3_busy_timeout(db->handle, 0);
	if (pid)
		return err_set(err, EAGAIN, "the state's database is locked by process %d; end that one, or its transaction", pid);
	return err_set(err, EAGAIN, "the state's database is locked by another program; end that one, or its transaction");
}

static void is_free(Db *db)
{
	if (db->locked)
		sqlite3_busy_timeout(db->handle, db->patience_ms);
	db->locked = false;
}

static int refuse(Db *db, Err *err)
{
	int code = sqlite3_errcode(db->handle) & 0xff;
	int number = code == SQLITE_FULL ? ENOSPC : EIO;

	if (code == SQLITE_BUSY)
		return refuse_locked(db, err);
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
	db->patience_ms = PATIENCE_MS;
	/* sqlite gives its other files the mode of this one: the owner's alone. */
	close(open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600));
	if (sqlite3_open_v2(path, &db->handle, flags, NULL) != SQLITE_OK ||
	    sqlite3_busy_timeout(db->handle, db->patience_ms) != SQLITE_OK ||
	    db_exec(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=OFF;"
			"PRAGMA cache_size=-8192; PRAGMA journal_size_limit=16777216", err) < 0) {
		refuse(db, err);
		db_close(db);
		return NULL;
	}
	return db;
}

void db_hurry(Db *db)
{
	db->patience_ms = HURRY_MS;
	sqlite3_busy_timeout(db->handle, db->patience_ms);
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

static int run(Query *query, Err *err)
{
	int code = sqlite3_step(query->statement);

	if (code != SQLITE_DONE && code != SQLITE_ROW)
		refuse(query->db, err);
	else
		is_free(query->db);
	sqlite3_reset(query->statement);
	return code == SQLITE_DONE || code == SQLITE_ROW ? 0 : -1;
}

int query_run(Query *query, Err *err, const char *types, ...)
{
	va_list args;

	va_start(args, types);
	bind(query, types, args);
	va_end(args);
	return run(query, err);
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

/* --- rows as structs --------------------------------------------------------------------------- */

Query *db_prepare_put(Db *db, const char *verb, const Table *table, Err *err)
{
	Buf sql = BUF_INIT;
	Query *query;

	buf_addf(&sql, "%s INTO %s (", verb, table->name);
	for (size_t i = 0; i < table->count; i++)
		buf_addf(&sql, "%s%s", i ? ", " : "", table->columns[i].name);
	buf_add_text(&sql, ") VALUES (");
	for (size_t i = 0; i < table->count; i++)
		buf_add_text(&sql, i ? ", ?" : "?");
	buf_add_char(&sql, ')');
	query = db_prepare(db, buf_text(&sql), err);
	buf_release(&sql);
	return query;
}

static void bind_member(sqlite3_stmt *statement, int column, ColumnKind kind, const void *member)
{
	const Blob *blob = member;

	switch (kind) {
	case COLUMN_INTEGER:
		sqlite3_bind_int64(statement, column, *(const int64_t *)member);
		break;
	case COLUMN_TEXT:
		sqlite3_bind_text(statement, column, *(const char *const *)member, -1, SQLITE_STATIC);
		break;
	case COLUMN_BLOB:
		sqlite3_bind_blob64(statement, column, blob->bytes, blob->length, SQLITE_STATIC);
		break;
	}
}

int query_put(Query *query, const Table *table, const void *row, Err *err)
{
	for (size_t i = 0; i < table->count; i++)
		bind_member(query->statement, (int)i + 1, table->columns[i].kind, (const char *)row + table->columns[i].offset);
	return run(query, err);
}

Query *db_prepare_get(Db *db, const Table *const *tables, size_t n, const char *rest, Err *err)
{
	Buf sql = BUF_INIT;
	Query *query;

	for (size_t t = 0; t < n; t++)
		for (size_t i = 0; i < tables[t]->count; i++)
			if (tables[t]->columns[i].kind != COLUMN_BLOB)
				buf_addf(&sql, "%s%s.%s", sql.length ? ", " : "SELECT ", tables[t]->name, tables[t]->columns[i].name);
	buf_addf(&sql, " %s", rest);
	query = db_prepare(db, buf_text(&sql), err);
	buf_release(&sql);
	return query;
}

static void read_member(sqlite3_stmt *statement, int column, ColumnKind kind, void *member)
{
	if (kind == COLUMN_INTEGER)
		*(int64_t *)member = sqlite3_column_int64(statement, column);
	else
		*(const char **)member = (const char *)sqlite3_column_text(statement, column);
}

void query_row(Query *query, const Table *const *tables, size_t n, void *const *rows)
{
	int column = 0;

	for (size_t t = 0; t < n; t++)
		for (size_t i = 0; i < tables[t]->count; i++) {
			const Column *member = &tables[t]->columns[i];

			if (member->kind != COLUMN_BLOB)
				read_member(query->statement, column++, member->kind, (char *)rows[t] + member->offset);
		}
}
