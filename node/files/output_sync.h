/* output_sync.h - large outputs brought to the disk.
 *
 * A large output is synced in libuv's pool, never on the owner thread, and only then does the database say
 * so: while its run goes on every few MiB, so that a restart need not fetch all of it again, and whole
 * before its task may finish; so is what --return brought, unpacked (returns.h). */
#ifndef NODE_FILES_OUTPUT_SYNC_H
#define NODE_FILES_OUTPUT_SYNC_H

#include "node/turn.h"

typedef struct Keep Keep;

/* whole: called after keep_whole said false, when it is worth asking again. */
Keep *keep_new(Turn *turn, void (*whole)(void *arg, Task *task), void *arg);
void keep_free(Keep *keep);             /* syncs under way end by themselves */

void keep_progress(Keep *keep, Task *task);     /* more has come: sync if it is much */

/* Are all outputs of the task where they must be before it may finish? Starts what is needed if not. */
bool keep_whole(Keep *keep, Task *task);

void keep_tidy(Keep *keep);                     /* after each turn */

#endif
