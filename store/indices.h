/* indices.h - which tasks an array job has: sbatch(1)'s --array=0-15:4,20%2, understood.
 *
 * A set of indices, in rising order, each once. Its members are counted from 0: that place is the task's
 * ordinal, and the task's id is the job's plus its ordinal. */
#ifndef STORE_INDICES_H
#define STORE_INDICES_H

#include "store/base/buf.h"
#include "store/base/err.h"

#include <stdbool.h>
#include <stdint.h>

enum { INDEX_MAX = 4000000 };           /* what slurm.conf(5) lets MaxArraySize be */

typedef struct IndexRange {
	uint32_t first, step, count;
	uint32_t before;        /* members in the ranges before it */
} IndexRange;

typedef struct Indices {
	IndexRange *ranges;
	size_t length;
	uint32_t count;         /* members in all */
} Indices;

/* Understand "0-15:4,20"; with limit not NULL also "%N" behind a range, N tasks at a time (0: not given). On
 * success set is the caller's to indices_release. EINVAL says which piece is wrong. */
int indices_parse(const char *text, Indices *set, uint32_t *limit, Err *err);
void indices_release(Indices *set);

uint32_t indices_at(const Indices *set, uint32_t ordinal);              /* ordinal < count */
bool indices_find(const Indices *set, uint32_t index, uint32_t *ordinal);       /* false: it is not in there */

/* Those from the ordinal on, as squeue(1) shows them: "4-15". */
void indices_show(const Indices *set, uint32_t ordinal, Buf *out);

#endif
