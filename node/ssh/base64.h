/* base64.h - bytes as text, as in public key files. */
#ifndef NODE_SSH_BASE64_H
#define NODE_SSH_BASE64_H

#include "store/base/buf.h"

void base64_add(Buf *text, const void *bytes, size_t n);        /* padded with '=' */

#endif
