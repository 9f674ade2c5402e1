/* harmless.h - text of users, nodes and the network, so that a terminal shows it and does nothing else.
 *
 * Made '?': control characters, C0 and C1, the latter alone or in UTF-8; characters that turn, hide or join the text
 * around them (Unicode's format characters); line and paragraph separators; whatever is no UTF-8. Other text stays. */
#ifndef STORE_BASE_HARMLESS_H
#define STORE_BASE_HARMLESS_H

#include "store/base/buf.h"

void harmless_text(char *text);                                 /* in place; it may become shorter */
void harmless_add(Buf *out, const char *text, size_t n);

#endif
