/* rendering.h - the text of a file as it was made for a reader, shared by those who come soon after.
 *
 * A large text costs time of the one thread that serves everybody, and memory for as long as somebody has it open. So it
 * is made again only when ten times as long has passed as making it took, a second at most, and all readers of
 * one text have the same bytes. A small text is made for each. */
#ifndef FS_RENDERING_H
#define FS_RENDERING_H

#include "fs/tree.h"

/* The text of the file at place, which has a row that shows text. NULL with ENFILE: readers hold too much already. */
Rendering *rendering_take(Fs *fs, const Place *place, Err *err);
void rendering_drop(Fs *fs, Rendering *rendering);      /* NULL is allowed */

const Buf *rendering_text(const Rendering *rendering);

/* Somebody has changed something, or was told of a change: who looks now must see it. */
void renderings_outdated(Fs *fs);

void renderings_tidy(Fs *fs);           /* let go of what nobody holds and is too old to be shared */
void renderings_release(Fs *fs);

#endif
