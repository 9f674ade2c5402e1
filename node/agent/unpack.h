/* unpack.h - parcels become a task's files, before it starts. */
#ifndef NODE_AGENT_UNPACK_H
#define NODE_AGENT_UNPACK_H

#include "node/wire/wire.h"

/* Unpack the list of a RUN's parcels, found in the cache of DIR, into the open directory. That may take long:
 * it stops when the agent goes, or has sent a CANCEL. -1 with err: the directory is not whole, and the
 * caller's to remove. */
int unpack_into(int directory, Slice parcels, const char *dir, int agent, Err *err);

/* Is the runner wanted no more? For whatever takes long: true if the agent is gone, or says CANCEL next. */
bool unpack_is_called_off(int agent);

#endif
