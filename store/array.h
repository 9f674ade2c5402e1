/* array.h - the tasks of an array job (sbatch --array).
 *
 * Most of an array is alike most of the time: pending, or all cancelled at once. So a task gets a Task of
 * its own only when something happens to it alone; job->task stands for all the others, the rest. A
 * million pending tasks are one row and a few kilobytes. */
#ifndef STORE_ARRAY_H
#define STORE_ARRAY_H

#include "store/indices.h"
#include "store/model.h"
#include "store/pending.h"

enum { ARRAY_PAGE = 1024 };

struct Array {
	char *text;                     /* as it was asked for, "0-15:4%2" */
	Indices indices;
	uint32_t limit;                 /* so many placed at a time; 0: any number */
	Task ***pages;                  /* of ARRAY_PAGE tasks, by ordinal; NULL: all of them of the rest */
	uint32_t rest;                  /* tasks that have none of their own */
	uint32_t rest_first;            /* every ordinal below has its own */
	uint32_t touched;               /* own ones changed in this turn */
	uint32_t placed;
	Pending limited;                /* QUEUE_LIMITED; cluster_admit */
	uint32_t in_state[TASK_STATES];
	uint32_t exits[256];            /* finished tasks by their exit */
	int64_t started, ended;         /* the first start, the last end; 0: none yet */
	struct { uint32_t tasks; uint64_t size; } whole[STREAMS];       /* outputs of so many tasks, from the first on, are final */
};

/* text was checked when the spec was read. */
Array *array_new(const char *text);
void array_free(Array *array);

/* The task of its own that the ordinal has, or NULL. */
Task *array_own(const Array *array, uint32_t ordinal);
void array_set_own(Array *array, uint32_t ordinal, Task *task);         /* NULL: back to the rest */

/* The first own task from ordinal on, which moves to it; NULL: there is none. */
Task *array_next_own(const Array *array, uint32_t *ordinal);

bool array_is_busy(const Array *array);         /* as many of its tasks are placed as may be at a time */

uint32_t array_first_of_rest(Array *array);     /* lowest ordinal without its own; rest > 0 */

#endif
