/* agent_filter.h - the user's ssh-agent, seen through a sieve.
 *
 * libssh offers a server every key the agent has, in the agent's order, and waits for the agent for ever.
 * A sieve stands between the two: the keys configured for the host come first, the others are left out where
 * IdentitiesOnly says so, and a signature may take a limited time. It sees public keys and requests only,
 * never a secret. libssh's talk with an agent is a blocking call, so the sieve is a thread of its own for the
 * time of the login; it shares nothing but the socketpair. */
#ifndef NODE_SSH_AGENT_FILTER_H
#define NODE_SSH_AGENT_FILTER_H

#include "node/ssh/config.h"
#include "store/base/buf.h"

typedef struct Keyring {
	int fd;                 /* what libssh is given, and closes; -1: no key to offer */
	TextList keys;          /* public keys that will be offered, base64 */
	Buf words;              /* the same for people: their comments */
} Keyring;

/* Ask the agent at path what it has. configured: public keys (base64), best first. An agent that is not
 * there or does not answer has no keys; why: what is wrong with it, or empty. */
void keyring_open(Keyring *keyring, const char *path, const TextList *configured, bool only, Wait *wait, Err *why);

bool keyring_has(const Keyring *keyring, const char *base64);
void keyring_release(Keyring *keyring);         /* fd is whose it became */

#endif
