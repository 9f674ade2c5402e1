/* staging.h - runs whose files have to be packed before they can be sent.
 *
 * What --transfer names is read when its run is about to be sent, in libuv's pool. A path is packed once for all
 * runs that began to wait before its packing did, and not read at all if it has not changed since it was packed
 * last. A run's parcels are held until it has started, is over, or is somewhere else. */
#ifndef NODE_FILES_STAGING_H
#define NODE_FILES_STAGING_H

#include "node/files/parcel_store.h"
#include "node/turn.h"

typedef struct Staging Staging;

/* staged: the run of a task that was asked for is packed, or cannot be, or was hurried. */
Staging *staging_new(Turn *turn, void (*staged)(void *arg, Task *task), void *arg, Err *err);
void staging_free(Staging *staging);            /* what is being packed ends by itself */
Parcels *staging_parcels(Staging *staging);

void staging_ask(Staging *staging, const Task *task, const Spec *spec);

/* Call staged soon, whether it is packed or not: the run is not to be sent after all. */
void staging_hurry(Staging *staging, const Task *task);

/* It is being sent now. And: can it be told for certain that it never was, whoever the node's agent is? */
void staging_sent(Staging *staging, const Task *task);
bool staging_never_sent(const Staging *staging, const Task *task);

/* Is the task's run packed? Appends its parcels, as they stand in RUN, to list. -1 with err: it cannot be. */
typedef enum Packed { PACKED_NEVER = -1, PACKED_NOT_YET, PACKED } Packed;
Packed staging_list(Staging *staging, const Task *task, Buf *list, Err *err);

void staging_task_changed(Staging *staging, const Task *task);         /* after each commit */
void staging_tidy(Staging *staging);                                    /* after each turn */

#endif
