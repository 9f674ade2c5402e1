/* piece.h - a list with commas between, as --export takes it: of a spec, and of the srun of a job. */
#ifndef STORE_BASE_PIECE_H
#define STORE_BASE_PIECE_H

#include "store/base/buf.h"

/* Add to piece what is up to the first comma that is neither in quotes nor behind a backslash, without these
 * quotes and backslashes, and move *list to that comma or to the end. */
void piece_take(const char **list, Buf *piece);

#endif
