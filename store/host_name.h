/* host_name.h - the name of a node that is reached over SSH: [USER@]HOST[:PORT], an IPv6 address with a port in
 * brackets, as ssh(1) has it. */
#ifndef STORE_HOST_NAME_H
#define STORE_HOST_NAME_H

#include "store/base/err.h"

#include <stdbool.h>

typedef struct HostName {       /* taken apart */
	char *user, *host, *port;       /* user and port may be NULL; host without brackets */
} HostName;

void host_name_split(HostName *name, const char *text);
void host_name_release(HostName *name);

/* Check that text is such a name, and neither an option nor shell text: ssh hands it to ProxyCommand's shell. */
int host_name_check(const char *text, Err *err);

/* The host of text alone. The caller's to free. */
char *host_name_host(const char *text);

bool host_name_is_port(const char *text);       /* 1 to 65535 */

#endif
