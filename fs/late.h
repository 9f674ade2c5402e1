/* late.h - documents that became jobs at their last close, when nobody waits for an answer any more.
 *
 * Their writer was told at the flush before that they are kept, as drafts. If the turn that makes the job
 * cannot be committed (the disk is full), it is tried again when there is room. */
#ifndef FS_LATE_H
#define FS_LATE_H

#include "fs/fs.h"

void late_init(Fs *fs);
void late_release(Fs *fs);              /* what is still waiting stays a draft, and is held at the next mount */

/* Make a job of the n bytes of text, which were parsed before; draft is their draft's number, 0 for none. */
void late_submit(Fs *fs, const char *text, size_t n, const char *directory, uint64_t draft);

#endif
