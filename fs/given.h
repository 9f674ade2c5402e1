/* given.h - the result of one job as the input of another: taken from the state, not through the mount. */
#ifndef FS_GIVEN_H
#define FS_GIVEN_H

#include "fs/fs.h"

/* Open what path, below the mount point, shows of a finished result: its stdout, its stderr, or anything that it
 * returned. before: the job that wants it; names, and `last`, are those of older jobs then, as they were when it was submitted;
 * UINT64_MAX: of all. *by_name: it matters. A descriptor to read, the caller's to close; -1 with the reason. arg is the Fs. */
int given_open(void *arg, const char *path, uint64_t before, bool *by_name, Err *err);

#endif
