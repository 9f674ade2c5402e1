/* known_hosts.h - who they are: what known_hosts files say of a host, and whether the key it shows is one of
 * those (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT).
 *
 * libssh's own look-up knows nothing of @revoked, HostKeyAlias or several files, so this one is ours. It is
 * kept to what the decision needs: lines of @cert-authority are counted and not used. The files are read
 * anew for each connection, so a key that was trusted a moment ago counts. */
#ifndef NODE_SSH_KNOWN_HOSTS_H
#define NODE_SSH_KNOWN_HOSTS_H

#include "store/base/buf.h"
#include "store/base/err.h"

typedef struct HostKeys HostKeys;       /* the lines about one host */

typedef enum HostVerdict {
	HOST_KNOWN,             /* a file has exactly this key for it */
	HOST_UNKNOWN,           /* no file has any key for it */
	HOST_CHANGED,           /* files have other keys for it */
	HOST_REVOKED,           /* a file says that this key may not be used */
} HostVerdict;

/* The name a host has in known_hosts files: in lower case, with the port in brackets if that is not 22. */
void hostkeys_name(Buf *name, const char *host, unsigned port);

/* What the n files say of name; files that are not there say nothing. */
HostKeys *hostkeys_read(char *const *paths, size_t n, const char *name);
void hostkeys_free(HostKeys *keys);

/* Judge the key (base64 of its blob) that the host showed. Unless known, err is a sentence for the owner. */
HostVerdict hostkeys_judge(const HostKeys *keys, const char *base64, Err *err);

/* The signature algorithms to ask the server for, comma-separated: of known keys first, so that a server
 * with several shows one that can be recognised. allowed: HostKeyAlgorithms; NULL: whatever is good. -1: it
 * allows none that we know. */
int hostkeys_prefer(const HostKeys *keys, const char *allowed, Buf *algorithms, Err *err);

/* "SHA256:..." as ssh-keygen -l prints it. -1: base64 is none. */
int hostkeys_fingerprint(const char *base64, Buf *fingerprint);

/* The line that makes the key known: "NAME TYPE BASE64". -1: base64 holds no key. */
int hostkeys_line(const HostKeys *keys, const char *base64, Buf *line);

/* Append line to the file (made 0600 if it is not there), unless it has that line already; on disk when
 * this returns 0. */
int hostkeys_add(const char *path, const char *line, Err *err);

#endif
