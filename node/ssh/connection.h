/* connection.h - nodes reached over SSH, each given to its owner as one file descriptor with the agent behind it.
 *
 * An Ssh is what all connections of a mount share: the settings, and a gate that lets a few connect at a
 * time (sshd drops connections at random when more than ten are not logged in yet). A SshLink is one
 * connection, or the attempt. Both belong to the owner thread.
 *
 * Each connection has one thread, one libssh session and one channel. The thread may block (name look-up,
 * key exchange, ssh-agent, ProxyJump); all that it shares with the owner is a socketpair, over which it
 * first sends reports of fixed size and then, once the agent answers, the agent's bytes. A closed end means
 * "give up" to the thread and "the node is gone" to the owner. A hostile or stuck server can hurt its own
 * thread only.
 *
 * The user's own SSH set-up decides who we are (config.h); never a password, no forwarding. Who they are:
 * known_hosts.h. How the agent gets there: deliver.h. */
#ifndef NODE_SSH_CONNECTION_H
#define NODE_SSH_CONNECTION_H

#include "store/base/err.h"

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

typedef struct SshSettings {    /* of the whole mount; texts may be NULL: ssh's own defaults */
	const char *identity;   /* -i */
	const char *config;     /* -F */
	const char *known_hosts; /* UserKnownHostsFile: one or more, blanks between */
	const char *user;       /* -l */
	const char *seen_hosts; /* STATE/known_hosts: keys accepted here, in known_hosts format */
	const char *state;      /* UUID of the state, for names of files on the node */
} SshSettings;

typedef enum SshPurpose {
	SSH_AGENT,              /* log in, deliver and start the agent, hand over the descriptor */
	SSH_READ_KEY,           /* exchange keys, report the host key, send nothing else */
} SshPurpose;

typedef struct SshTarget {
	const char *name;       /* [USER@]HOST[:PORT] as the owner wrote it; HOST may be an ssh_config alias, IPv6 in [] */
	const char *user;       /* overrides; NULL: what name, settings and ssh_config say */
	const char *place;      /* an address where the host was heard of lately; unless ssh_config knows better; NULL: none */
	const char *host_key;   /* the only key to accept, "SHA256:..."; NULL: what the known hosts say */
	bool accept_new;        /* a host without any known key: take and record the first one seen (trust=new) */
	SshPurpose purpose;
} SshTarget;

typedef enum SshTrouble {
	SSH_UNREACHABLE,        /* try again soon */
	SSH_UNTRUSTED,          /* host key unknown, changed or revoked: nothing was sent */
	SSH_REFUSED,            /* login refused: try again after a minute at the earliest */
	SSH_NO_AGENT,           /* logged in, but the agent cannot be started there */
} SshTrouble;

/* Called from the loop, never from inside ssh_link_open, and not after ssh_link_close. Any of them may close
 * the link. */
typedef struct SshOwner {
	/* How it ended, once; what is left of the link is to be closed. SSH_READ_KEY ends with
	 * host_key if the key is known, else with failed (SSH_UNTRUSTED) after it. */
	void (*up)(void *arg, int fd);                          /* the agent's descriptor, now the owner's */
	void (*failed)(void *arg, SshTrouble trouble, const Err *why);  /* a sentence to act on */
	/* Before that, once the key exchange is done: the host's key, as "SHA256:..." and as the line for a
	 * known_hosts file. known: a known hosts file has it for this host */
	void (*host_key)(void *arg, const char *fingerprint, const char *line, bool known);
	void *arg;
} SshOwner;

typedef struct Ssh Ssh;
typedef struct SshLink SshLink;

Ssh *ssh_shared_new(uv_loop_t *loop, const SshSettings *settings);      /* settings are copied */

/* After the last link was closed. Waits up to a second for threads to end. */
void ssh_shared_free(Ssh *ssh);

/* Begin. Never blocks. target is copied. */
SshLink *ssh_link_open(Ssh *ssh, const SshTarget *target, SshOwner owner);

/* Give up the attempt, or let go of what is left after it ended; a descriptor that was handed over goes
 * on. Never blocks: the thread ends when what it is doing times out. NULL is fine. */
void ssh_link_close(SshLink *link);

/* In a call of host_key: who will log in there, as the target, its name or ssh_config says. */
const char *ssh_link_user(const SshLink *link);

/* In a call of up: what is amiss there although the agent is up, a sentence to act on; NULL: nothing. */
const char *ssh_link_caveat(const SshLink *link);

/* Record in seen_hosts the line that host_key reported: its key is known from now on. EKEYREVOKED: when it was
 * last shown, a file said that it may not be used. */
int ssh_trust(const Ssh *ssh, const char *line, Err *err);

#endif
