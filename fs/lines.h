/* lines.h - what is written to a handle, cut into lines.
 *
 * A line counts when its newline has come; what is left over waits in handle->text. A bad line fails the
 * write it stands first in; if good ones stand before it in the same write, these are taken, the write is
 * short, and the writer's next attempt gets the error: nothing is taken twice. A refused line that began in
 * an earlier write poisons the handle, since what follows could be the rest of it: half a line must not run. */
#ifndef FS_LINES_H
#define FS_LINES_H

#include "fs/handle.h"

typedef int (*TakeLine)(Handle *handle, const char *line, size_t n, Err *err);

int lines_take(Handle *handle, const char *bytes, size_t n, size_t longest, TakeLine take, size_t *taken, Err *err);

/* Nothing more is taken on this handle; what waited is thrown away. Returns -1. */
int lines_poison(Handle *handle, const Err *err);

#endif
