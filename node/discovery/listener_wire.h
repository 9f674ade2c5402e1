/* listener_wire.h - what the process that listens to the network (listener.h) tells the mount (listener_process.h), in frames
 * on a pipe.
 *
 * What it passes on was sent by anybody, and whoever sends it may have found a way to make that process say
 * what he likes. So every length is checked on this side, too, and a frame that makes no sense ends the process
 * that sent it, never the mount. Knows neither avahi nor libuv. */
#ifndef NODE_DISCOVERY_LISTENER_WIRE_H
#define NODE_DISCOVERY_LISTENER_WIRE_H

#include "node/discovery/announcements.h"
#include "store/base/buf.h"
#include "store/base/err.h"

enum {
	HEARSAY_TXT_MAX = 32,           /* strings of one announcement that are looked at */
	HEARSAY_TEXT = 320,             /* bytes of a sentence or a host name, with their NUL */
	HEARSAY_FRAME_MAX = 16 * 1024,
};

typedef enum HearsayKind {
	HEARSAY_SAID,                   /* announcement `number` says this */
	HEARSAY_UNSAID,                 /* it is said no more */
	HEARSAY_STATE,                  /* listening works (on), or does not: text says why */
	HEARSAY_CROWDED,                /* something was left out: text says what */
	HEARSAY_KINDS
} HearsayKind;

typedef struct Hearsay {
	HearsayKind kind;
	uint64_t number;
	bool on;
	bool wulfs;
	unsigned port;
	char host[HEARSAY_TEXT], place[PLACE_TEXT], text[HEARSAY_TEXT];
	TxtString txt[HEARSAY_TXT_MAX];
	size_t txt_count;
} Hearsay;

/* Append it as one frame. Texts that are too long are cut. */
void hearsay_put(Buf *out, const Hearsay *hearsay);

/* The frame at the front of bytes; its txt points into bytes. Returns its whole size, 0 if it is not all there
 * yet, -1 with EPROTO if it makes no sense. */
long hearsay_take(const char *bytes, size_t n, Hearsay *hearsay, Err *err);

#endif
