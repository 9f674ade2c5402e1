/* avahi_loop.h - avahi's idea of a main loop, on libuv's. For listener.c only. */
#ifndef NODE_DISCOVERY_AVAHI_LOOP_H
#define NODE_DISCOVERY_AVAHI_LOOP_H

#include <avahi-common/watch.h>
#include <uv.h>

enum {
	/* Anybody on the network can send as much as it takes, and a packet costs avahi more the more it knows
	 * already. A socket is attended to for so long out of so long, and then left alone; what comes in beyond
	 * that the kernel drops. */
	ATTENTION_MS = 5,
	WINDOW_MS = 50,
};

typedef struct AvahiLoop AvahiLoop;

AvahiLoop *avahi_loop_new(uv_loop_t *loop);
void avahi_loop_free(AvahiLoop *avahi); /* after whoever uses it is gone */

const AvahiPoll *avahi_loop_poll(AvahiLoop *avahi);

#endif
