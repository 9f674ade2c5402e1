/* describe.h - what this machine says of itself. All of it can be read by anybody who has an account here. */
#ifndef NODE_ANNOUNCE_DESCRIBE_H
#define NODE_ANNOUNCE_DESCRIBE_H

#include "store/base/buf.h"

enum { HOST_KEYS_MAX = 4 };     /* that are announced: more fingerprints do not fit in a string of a TXT record */

/* What sshd's configuration says, as far as it can be read; else what sshd does by itself. */
typedef struct SshServer {
	unsigned port;
	char *keys[HOST_KEYS_MAX];      /* files of public keys */
	size_t count;
} SshServer;

/* path: normally /etc/ssh/sshd_config. */
void ssh_server_read(SshServer *server, const char *path);
void ssh_server_release(SshServer *server);

/* "SHA256:..." of each public key, commas between; nothing if none can be read. */
void describe_fingerprints(const SshServer *server, Buf *list);

#endif
