/* subject.h - what jobs/ and results/ both ask about a job. */
#ifndef FS_SUBJECT_H
#define FS_SUBJECT_H

#include "tree.h"

bool subject_find_job(Fs *fs, uint64_t id, Subject *subject);

/* The child of directory that name stands for: an id as it is written, or the newest job of that name (an
 * alias). False: neither. */
bool subject_find_child(Fs *fs, const Directory *directory, const char *name, Child *child);

bool subject_is_finished(Fs *fs, Subject subject);
void subject_show_exit(Fs *fs, Subject subject, Buf *out);
int64_t subject_newest_change(Fs *fs, Subject subject);        /* of any job: ms since the epoch */

#endif
