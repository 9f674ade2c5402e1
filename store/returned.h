/* returned.h - what --return brought, as a tree in STATE/outputs/TASK.out.
 *
 * It is unpacked under another name (new.TASK) and gets its own when it is whole and on the disk, before the
 * task is finished. What is not wanted any more is renamed at once (trash.TASK.N) and removed in the background. */
#ifndef STORE_RETURNED_H
#define STORE_RETURNED_H

#include "store/base/parcel.h"
#include "store/state.h"

#include <sys/types.h>

/* What a mount that died left half done becomes trash. STATE/outputs is there. */
int returned_prepare(const State *state, Err *err);

/* outputs is STATE/outputs. These two take long, and may run beside the owner's thread. */
int returned_unpack(const char *outputs, uint64_t task, ParcelSource source, Err *err);
void returned_sweep(const char *outputs);               /* the trash */

void returned_discard(const State *state, uint64_t task);       /* absence is fine */
bool returned_has_trash(void);                          /* was anything discarded since the last call? */

/* The open tree, -1 with errno set: nothing was returned. */
/* Call visit for each task that has an out/. */
void returned_each(const State *state, void (*visit)(void *arg, uint64_t task), void *arg);

int returned_open(const State *state, uint64_t task);

#endif
