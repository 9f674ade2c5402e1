/* pending.c - the heap of tasks that wait to be placed. */
#include "store/pending.h"

#include "store/base/buf.h"

#include <stdlib.h>

static bool goes_before(const Task *a, const Task *b)
{
	if (a->now.priority != b->now.priority)
		return a->now.priority > b->now.priority;
	return a->id < b->id;
}

static void put(Pending *pending, size_t at, Task *task)
{
	pending->heap[at] = task;
	task->pending_at = at + 1;
}

static void move_up(Pending *pending, size_t at, Task *task)
{
	while (at > 0 && goes_before(task, pending->heap[(at - 1) / 2])) {
		put(pending, at, pending->heap[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
	put(pending, at, task);
}

static void move_down(Pending *pending, size_t at, Task *task)
{
	for (;;) {
		size_t child = 2 * at + 1;

		if (child >= pending->length)
			break;
		if (child + 1 < pending->length && goes_before(pending->heap[child + 1], pending->heap[child]))
			child++;
		if (!goes_before(pending->heap[child], task))
			break;
		put(pending, at, pending->heap[child]);
		at = child;
	}
	put(pending, at, task);
}

void pending_add(Pending *pending, Task *task)
{
	if (pending->length == pending->room) {
		pending->room = pending->room ? 2 * pending->room : 64;
		pending->heap = mem_resize(pending->heap, pending->room * sizeof *pending->heap);
	}
	move_up(pending, pending->length++, task);
}

void pending_remove(Pending *pending, Task *task)
{
	size_t at = task->pending_at - 1;
	Task *last = pending->heap[--pending->length];

	task->pending_at = 0;
	if (last == task)
		return;
	if (at > 0 && goes_before(last, pending->heap[(at - 1) / 2]))
		move_up(pending, at, last);
	else
		move_down(pending, at, last);
}

Task *pending_first(const Pending *pending)
{
	return pending->length ? pending->heap[0] : NULL;
}

void pending_release(Pending *pending)
{
	free(pending->heap);
	*pending = (Pending){ NULL, 0, 0 };
}
