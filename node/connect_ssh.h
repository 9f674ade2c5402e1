/* connect_ssh.h - a node reached over SSH: when to try, what to make of a refusal, whom to trust. */
#ifndef NODE_CONNECT_SSH_H
#define NODE_CONNECT_SSH_H

#include "node/ssh/connection.h"
#include "node/worker/worker.h"

typedef struct Remote Remote;

/* accept_new: trust=new, for nodes that the owner named. A node that is FOUND has its host key read, and
 * that is all; one that announced itself is tried at all its places. */
Remote *remote_new(Ssh *ssh, Node *node, bool accept_new);

/* The worker that gets it frees the remote when it goes. */
Connector remote_connector(Remote *remote);

/* Accept the host key that the node last showed; fingerprint, if given, must be the same. EAGAIN: none was
 * shown yet. */
int remote_trust(Ssh *ssh, Node *node, const char *fingerprint, Err *err);

#endif
