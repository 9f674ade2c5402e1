/* child.h - programs that a connection's thread runs: ssh -G, a ProxyCommand.
 *
 * libuv's processes belong to the owner thread; these belong to the thread that starts them. Each has a
 * process group of its own, so that what it starts in turn ends with it. */
#ifndef NODE_CHILD_H
#define NODE_CHILD_H

#include "store/base/err.h"

#include <sys/types.h>

/* Start argv (found in PATH) with these three descriptors, which stay the caller's, as its stdin, stdout
 * and stderr (-1: /dev/null). -1 with err: it cannot be started. */
pid_t child_start(char *const *argv, const int stdio[3], Err *err);

/* Wait a moment for it to end by itself, then SIGTERM, then SIGKILL. Returns its wait status. */
int child_end(pid_t pid);

/* A pipe whose writers never wait: what does not fit in it is lost. For a stderr that nobody reads in time. */
int child_pipe(int ends[2]);

#endif
