/* link.h - frames over one file descriptor, on the owner thread.
 *
 * To the owner every node is just a descriptor that an agent sits behind. A link reads, cuts frames and
 * hands them on; sends are gathered and go out with link_flush, once a turn. It knows nothing of tasks. */
#ifndef NODE_WORKER_LINK_H
#define NODE_WORKER_LINK_H

#include "node/wire/wire.h"

#include <uv.h>

typedef struct Link Link;

typedef struct LinkOwner {
	/* A frame came. False: cannot be taken now; it is handed on again after link_resume, nothing
	 * else is read before. */
	bool (*frame)(void *arg, const Message *message);
	/* The link is of no more use: the other side is gone, or sent what it may not. The owner frees it. */
	void (*broken)(void *arg, const Err *why);
	void *arg;
} LinkOwner;

Link *link_new(uv_loop_t *loop, int fd, LinkOwner owner);      /* fd is the link's from now on */
void link_free(Link *link);

void link_send(Link *link, const Message *message);
void link_flush(Link *link);
size_t link_pending(const Link *link);          /* bytes gathered that the kernel has not taken */
void link_resume(Link *link);

/* From now on read at most every so many milliseconds (0: as soon as something comes), so that what a busy
 * node sends meanwhile is one turn's work and one commit. */
void link_pace(Link *link, unsigned milliseconds);

#endif
