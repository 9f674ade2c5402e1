/* db.h - sqlite, fenced in. SQL goes in, typed columns come out; no other file includes sqlite3.h.
 *
 * One connection, WAL, synchronous=FULL: what was committed survives a power cut. Statements are
 * prepared once and live until db_close. Errors carry an errno: ENOSPC for a full disk, EAGAIN while another
 * program holds the lock of who writes, EIO else. */
#ifndef STORE_DB_H
#define STORE_DB_H

#include "store/base/err.h"

#include <stddef.h>
#include <stdint.h>

typedef struct Db Db;
typedef struct Query Query;

Db *db_open(const char *path, Err *err);
void db_close(Db *db);

/* Another program's lock is waited for: five seconds at first, after this 50 ms, and not at all until it was free. */
void db_hurry(Db *db);

int db_exec(Db *db, const char *sql, Err *err);         /* any number of statements, no rows */
Query *db_prepare(Db *db, const char *sql, Err *err);

/* Arguments by type letters: i int64_t; t const char * (NULL binds NULL); b const void *, size_t
 * (NULL binds NULL). The bytes must stay until the call returns. */
int query_run(Query *query, Err *err, const char *types, ...);

/* The same for a query with rows: start, then query_next until it returns 0 (no more) or -1. */
void query_start(Query *query, const char *types, ...);
int query_next(Query *query, Err *err);

/* Read the row's columns from the first on: i int64_t *; t const char ** (NULL for NULL); b const void
 * **, size_t *. Texts and bytes live until the next query_next. query_stop ends a query early. */
void query_columns(Query *query, const char *types, ...);
void query_stop(Query *query);

/* --- rows as structs ---------------------------------------------------------------------------- */

/* What a column's member is: int64_t; const char *, where NULL is NULL; or a Blob, of which NULL bytes are NULL. */
typedef enum ColumnKind { COLUMN_INTEGER, COLUMN_TEXT, COLUMN_BLOB } ColumnKind;

typedef struct Blob {
	const void *bytes;
	size_t length;
} Blob;

typedef struct Column {
	const char *name;
	ColumnKind kind;
	size_t offset;          /* in the row's struct */
} Column;

typedef struct Table {
	const char *name;
	const Column *columns;
	size_t count;
} Table;

/* `verb INTO name (columns) VALUES (?,...)`; query_put binds row to it and runs it. */
Query *db_prepare_put(Db *db, const char *verb, const Table *table, Err *err);
int query_put(Query *query, const Table *table, const void *row, Err *err);

/* `SELECT columns of the tables` and rest, which begins with FROM; without the blobs, which are read one by one.
 * query_row reads the row's columns into one struct a table; texts live until the next query_next. */
Query *db_prepare_get(Db *db, const Table *const *tables, size_t n, const char *rest, Err *err);
void query_row(Query *query, const Table *const *tables, size_t n, void *const *rows);

#endif
