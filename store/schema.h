/* schema.h - the tables of the database. */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include "store/db.h"

/* Make the tables in an empty database, bring older ones up to date. ENOTSUP: a newer wulfs wrote it. */
int schema_prepare(Db *db, Err *err);

#endif
