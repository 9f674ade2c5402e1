/* config.h - who we are to a host, and how to get there: what ssh(1) would do with the same name.
 *
 * The answer is ssh's own (ssh -G): then Match, Include, canonical names, %-tokens, system-wide files and
 * whatever the next release brings mean the same here as on the command line. libssh's reader of
 * ssh_config is no substitute: version 0.10 skips HostKeyAlias, IdentitiesOnly and several files. */
#ifndef NODE_SSH_CONFIG_H
#define NODE_SSH_CONFIG_H

#include "node/ssh/connection.h"
#include "node/ssh/deadline.h"

#include <stddef.h>

typedef struct TextList {
	char **texts;
	size_t count;
} TextList;

typedef struct SshHost {
	char *host;             /* to connect to */
	unsigned port;
	char *user;
	char *known_as;         /* its name in known_hosts files */
	char *proxy;            /* command for sh -c that connects its stdin and stdout to the host; NULL: none */
	char *agent;            /* socket of the ssh-agent; NULL: none */
	bool identities_only;   /* of the agent's keys only those in identities */
	TextList identities;    /* files of private keys; some may not be there */
	TextList known_hosts;   /* files */
	char *bind;             /* address to come from; NULL: any */
	int family;             /* AF_INET, AF_INET6 or AF_UNSPEC */
	char *revoked;          /* file of keys that no host may have; NULL: none */
	/* algorithms, commas between, best first; NULL: ssh -G does not say */
	char *ciphers, *key_exchanges, *macs, *host_keys, *public_keys;
} SshHost;

/* Fill host in. -1 with a sentence; host is to be released either way. */
int ssh_host_read(SshHost *host, const SshSettings *settings, const SshTarget *target, Wait *wait, Err *err);
void ssh_host_release(SshHost *host);

#endif
