/* session.h - one SSH session with one channel: what a connection needs of libssh, and nothing else.
 *
 * All of it belongs to the connection's thread. Order: new, exchange, login, exec, then read and write in
 * turn, and pump to the end. Everything that waits does so by the Wait it is given. */
#ifndef NODE_SSH_SESSION_H
#define NODE_SSH_SESSION_H

#include "node/ssh/config.h"
#include "store/base/buf.h"

#include <sys/types.h>

typedef struct Session Session;

Session *session_new(const SshHost *host);
void session_free(Session *session);    /* says good-bye and closes the socket */

/* Use the algorithms that host names, and no others. Of those that libssh does not know nothing comes; -1 if
 * that leaves none of a kind. */
int session_choose(Session *session, const SshHost *host, Err *err);

/* Exchange keys over fd, which is the session's from now on, asking for a host key of these algorithms. The
 * key that the host showed, and proved to have, is appended to key as base64. Nothing that is about us has
 * been sent then. */
int session_exchange(Session *session, int fd, const char *algorithms, Buf *key, Wait *wait, Err *err);

/* Log in with public keys. refused: the server does not want us, and will not in a moment either. */
int session_login(Session *session, const SshHost *host, bool *refused, Wait *wait, Err *err);

/* Run command over a channel, without a terminal. */
int session_exec(Session *session, const char *command, Wait *wait, Err *err);

/* At least one byte from the command's stdout; 0 at its end. */
ssize_t session_read(Session *session, char *bytes, size_t n, Wait *wait, Err *err);
/* What cannot be written because the command has ended counts as written. */
int session_write(Session *session, const char *bytes, size_t n, Wait *wait, Err *err);

/* The last of what the command wrote to stderr: text from the other side. "" if nothing. */
const char *session_said(Session *session);

/* False if the connection has broken off, and not only the command has ended. */
bool session_is_connected(Session *session);

/* Move bytes between the channel and fd, a socket, until either ends. */
void session_pump(Session *session, int fd);

#endif
