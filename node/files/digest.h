/* digest.h - SHA-256, by libcrypto, which stays behind this file. */
#ifndef NODE_FILES_DIGEST_H
#define NODE_FILES_DIGEST_H

#include <stddef.h>

enum { DIGEST_BYTES = 32 };

typedef struct Digest Digest;

Digest *digest_new(void);
void digest_add(Digest *digest, const void *bytes, size_t n);
void digest_end(Digest *digest, unsigned char hash[DIGEST_BYTES]);      /* and frees it */

#endif
