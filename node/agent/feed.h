/* feed.h - the runner's end of a task's stdin: what came for it and it has not read yet, at most FEED_WINDOW.
 *
 * More is asked for as room comes free, in large steps. A task that closes its stdin, or never reads it,
 * costs the pipe and the window, once. Never blocks. */
#ifndef NODE_AGENT_FEED_H
#define NODE_AGENT_FEED_H

#include "node/wire/wire.h"

enum { FEED_WINDOW = 256 * 1024 };

typedef struct Feed {
	int fd;                 /* into the pipe; -1: closed, nothing is wanted any more */
	Buf waiting;
	size_t given;           /* bytes of waiting that the pipe has */
	uint64_t came;          /* offset after the last byte that came */
	uint64_t asked;         /* so far was asked for */
	bool last;              /* nothing comes after that */
} Feed;

#define FEED_NONE ((Feed){ .fd = -1 })

void feed_open(Feed *feed, int fd);     /* fd is the feed's from now on */
void feed_close(Feed *feed);

/* Bytes came; those that do not follow on are dropped, as is all when it is closed. */
void feed_take(Feed *feed, const Message *input);

/* Write what the pipe takes now; close it after the last byte, or when nobody reads it any more. */
void feed_give(Feed *feed);
bool feed_is_full_handed(const Feed *feed);     /* something waits for the pipe */

/* So far more is wanted now; 0: no more than was asked for already. To be asked for then. */
uint64_t feed_ask(Feed *feed);

#endif
