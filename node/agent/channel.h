/* channel.h - a stream socket that carries frames, with what came in and what is to go out.
 * Used for the link to the mount and, on both sides, between agent and runner. Never blocks.
 *
 * One fill and one flush a turn of the loop move as much as the kernel takes. A frame taken stays
 * where it is, and its Slices stay good, until the next fill. */
#ifndef NODE_AGENT_CHANNEL_H
#define NODE_AGENT_CHANNEL_H

#include "node/wire/wire.h"

typedef struct Channel {
	int fd;
	Buf in;
	size_t taken;           /* bytes of in that were frames already taken */
	Buf out;
	size_t sent;            /* bytes of out the kernel has */
} Channel;

void channel_init(Channel *channel, int fd);
void channel_release(Channel *channel);         /* closes the socket */

/* Read what there is. -1: the other side is gone. */
int channel_fill(Channel *channel);

/* The next whole frame: 1 and message (and its bytes in frame, unless that is NULL), 0 if there is
 * none yet, -1 with err if what came is no frame. */
int channel_take(Channel *channel, Message *message, Slice *frame, Err *err);

/* Undo the last take: its frame comes again. */
void channel_untake(Channel *channel, Slice frame);

/* Write what there is. -1: the other side is gone. */
int channel_flush(Channel *channel);

/* Bytes that wait to be written. */
size_t channel_pending(const Channel *channel);

#endif
