/* depend.h - what a job waits for: sbatch(1)'s --dependency.
 *
 *   after:ID[+MINUTES]  it has begun, or was cancelled      afterany:ID    it has ended
 *   afterok:ID          it has ended, exit 0                afternotok:ID  it has ended otherwise
 *   aftercorr:ID        task by task, as afterok            singleton      no older job of this name is unfinished
 *
 * ID is a job's id or name, or ID_INDEX or its own id for one task of an array; several may follow one word with colons
 * between. Words have commas between: all must come true; or question marks: one of them. */
#ifndef STORE_DEPEND_H
#define STORE_DEPEND_H

#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/depend.h"

#include <stdbool.h>
#include <stdint.h>

typedef enum DependKind {
	DEPEND_AFTER, DEPEND_OK, DEPEND_ANY, DEPEND_NOT_OK, DEPEND_CORR, DEPEND_SINGLETON,
	DEPEND_KINDS
} DependKind;

typedef struct Depend {
	DependKind kind;
	uint32_t minutes;       /* after it began */
	uint64_t job;           /* 0: singleton */
	int64_t index;          /* of the one task of it that is meant; -1: the whole job */
} Depend;

typedef struct Depends {
	bool any;               /* one of them will do */
	bool kill;              /* --kill-on-invalid-dep */
	size_t count;
	Depend *items;
} Depends;

/* Is the text well formed? 0, or -1 with EINVAL. */
int depends_check(const char *text, Err *err);

/* Finds the job that a word names, and the task of it, and puts both into item, where the numbers in the word are
 * already. -1 with EINVAL: there is none. */
typedef struct DependResolver {
	int (*resolve)(void *arg, const char *word, Depend *item, Err *err);
	void *arg;
} DependResolver;

/* The same with its names looked up, the caller's to depends_free. NULL with EINVAL. */
Depends *depends_parse(const DependResolver *resolver, const char *text, Err *err);
Depends *depends_restore(const char *text);             /* what depends_show wrote; NULL: it was not that */
void depends_free(Depends *depends);
void depends_show(const Depends *depends, Buf *out);    /* as text, with ids */

#endif
