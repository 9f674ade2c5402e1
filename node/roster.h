/* roster.h - which nodes there are, and how each is reached: this machine, those the owner named with mkdir,
 * those of the file, those that announced themselves. */
#ifndef NODE_ROSTER_H
#define NODE_ROSTER_H

#include "node/pool.h"
#include "node/ssh/connection.h"

typedef struct RosterOptions {
	uint32_t local_slots;           /* of the node `local`; 0: no such node */
	const char *nodes_file;               /* static nodes; NULL: none */
	bool trust_new;                 /* of nodes the owner named, accept and record the first key seen */
	SshSettings ssh;
	bool discover;                  /* listen for machines that announce themselves, */
	const char *interface;          /* on this network only; NULL: on all */
} RosterOptions;

typedef struct Roster Roster;

/* Everyone to work. options stay the caller's while the roster lives. */
Roster *roster_new(Pool *pool, const RosterOptions *options, Err *err);
void roster_free(Roster *roster);       /* after the pool */

/* The owner adds a node, [USER@]HOST[:PORT], or an announced one that he had removed; it is remembered.
 * EEXIST, or EINVAL for what is no node. */
int roster_add(Roster *roster, const char *name, Err *err);

/* It leaves with the turn; its tasks are requeued. One that announces itself stays hidden. EPERM for `local`. */
int roster_remove(Roster *roster, Node *node, Err *err);

/* Accept the host key the node showed (fingerprint NULL: whatever it is) and connect. One that is only FOUND is
 * used from now on: if it has not shown a key yet, it does now. EINVAL for `local`. */
int roster_trust(Roster *roster, Node *node, const char *fingerprint, Err *err);

/* Log in as this user from now on. */
int roster_set_user(Roster *roster, Node *node, const char *user, Err *err);

/* Connect anew, at once. To one that is only FOUND: to see its host key. */
int roster_reconnect(Roster *roster, Node *node, Err *err);

Pool *roster_pool(Roster *roster);

#endif
