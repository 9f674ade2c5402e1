/* pending.h - the tasks that can be placed, best first: highest priority, then lowest id. A binary heap
 * in which every task knows its place, so that any of them can leave at once. */
#ifndef STORE_PENDING_H
#define STORE_PENDING_H

#include "store/model.h"

typedef struct Pending {
	Task **heap;
	size_t length, room;
} Pending;

void pending_add(Pending *pending, Task *task);
void pending_remove(Pending *pending, Task *task);
Task *pending_first(const Pending *pending);            /* NULL when empty */
void pending_release(Pending *pending);

#endif
