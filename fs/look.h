/* look.h - what --transfer names, looked at on another thread while the write that names it waits.
 *
 * A look takes LOOK_MS at most. A filesystem that did not answer by then is not asked again for LOOK_PAUSE_MS: who
 * names something on it is refused at once. */
#ifndef FS_LOOK_H
#define FS_LOOK_H

#include "fs/fs.h"
#include "store/spec.h"

enum { LOOK_MS = 2000, LOOK_PAUSE_MS = 30000, LOOK_THREADS = 16 };

typedef struct Look Look;

Look *look_new(Fs *fs, const char *directory);          /* directory: the writer's, or NULL */
void look_add(Look *look, Spec *spec);                  /* takes the spec over */
bool look_is_empty(const Look *look);

/* done is called once, in a later turn, when all was looked at or it took too long. */
void look_start(Look *look, void (*done)(void *arg), void *arg);

/* Did it take too long? Then err says so. */
bool look_is_late(const Look *look, Err *err);

/* What came of a spec with that list: 0, or -1 with the reason, also if it was not among them. */
int look_result(const Look *look, const Spec *spec, Err *err);

void look_free(Look *look);     /* at any time; done is not called then. NULL is fine */

void looks_init(Fs *fs);
void looks_release(Fs *fs);

#endif
