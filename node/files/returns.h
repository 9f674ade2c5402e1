/* returns.h - what --return brought is unpacked, in libuv's pool, before its task may finish. */
#ifndef NODE_FILES_RETURNS_H
#define NODE_FILES_RETURNS_H

#include "node/turn.h"

typedef struct Returns Returns;

/* done: called after returns_whole said false, when it is worth asking again. */
Returns *returns_new(Turn *turn, void (*done)(void *arg, Task *task), void *arg);
void returns_free(Returns *returns);            /* what is under way ends by itself */

/* Is what the task returned in its place, or is there nothing? Starts what is needed if not. A full disk is
 * waited for; a parcel that is none is left out, and the task's stderr says so. */
bool returns_whole(Returns *returns, Task *task);

void returns_tidy(Returns *returns);            /* after each turn: what was discarded is removed */

#endif
