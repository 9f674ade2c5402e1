/* publish.h - one DNS-SD service, said on every network this machine is on until it is told to stop. */
#ifndef NODE_ANNOUNCE_PUBLISH_H
#define NODE_ANNOUNCE_PUBLISH_H

#include "store/base/err.h"

#include <stddef.h>

typedef struct Service {
	const char *type;               /* "_wulfs._tcp"; its name is that of the host */
	unsigned port;
	const char *const *txt;         /* "KEY=VALUE", to NULL */
} Service;

/* Announce it, call ready once with the name that it got, and go on until SIGTERM, SIGINT or SIGHUP: then say
 * goodbye and return 0. -1 with a sentence. */
int publish(const Service *service, void (*ready)(void *arg, const char *name), void *arg, Err *err);

#endif
