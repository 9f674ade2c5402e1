/* stream.h - a byte stream to a host's SSH server: a TCP connection, or a ProxyCommand's stdin and stdout. */
#ifndef NODE_SSH_STREAM_H
#define NODE_SSH_STREAM_H

#include "node/ssh/config.h"

typedef struct Reach {
	int fd;                 /* a socket; -1: none */
	pid_t proxy;            /* 0: none */
	int proxy_said;         /* its stderr; -1: none */
} Reach;

#define REACH_INIT { -1, 0, -1 }

int reach_open(Reach *reach, const SshHost *host, Wait *wait, Err *err);

/* What the proxy has to say about a connection that did not come about, appended to err. */
void reach_explain(Reach *reach, Err *err);

/* fd may have been closed by whom it was lent to: give -1 then. */
void reach_close(Reach *reach);

#endif
