/* refusals.h - the last refused operations, as the root's `errors` file shows them. */
#ifndef FS_REFUSALS_H
#define FS_REFUSALS_H

#include "store/base/buf.h"
#include "store/base/err.h"

#include <stdint.h>

enum { REFUSALS_KEPT = 64, REFUSAL_LINE_MAX = 200 };

typedef struct Refusal {
	int64_t time;           /* ms since the epoch; 0: none here */
	char *path;
	char *line;             /* the line or directive that was refused; NULL: none */
	Err err;
	size_t column;          /* where err.at is within line, in bytes */
} Refusal;

typedef struct Refusals {
	Refusal ring[REFUSALS_KEPT];
	unsigned next;
} Refusals;

/* Remember one. text: what was refused, NULL or n bytes; err->at and err->length may point into it. */
void refusals_add(Refusals *refusals, const char *path, const char *text, size_t n, const Err *err);

/* Oldest first: "TIME PATH: SENTENCE", then the line, then a caret line under the word. */
void refusals_show(const Refusals *refusals, Buf *out);
int64_t refusals_changed(const Refusals *refusals);     /* ms since the epoch; 0: never */
void refusals_release(Refusals *refusals);

#endif
