/* subject.h - what jobs/ and results/ both ask about a job. */
#ifndef FS_SUBJECT_H
#define FS_SUBJECT_H

#include "fs/tree.h"

bool subject_find_job(Fs *fs, uint64_t id, Subject *subject);
bool subject_find_task(Fs *fs, uint64_t id, Subject *subject); /* of an array, by its own id */
void subject_show_job(Subject subject, Buf *out);              /* their names as directories */
void subject_show_task(Subject subject, Buf *out);

/* The child of directory that name stands for: an id as it is written, or the newest job of that name (an
 * alias). False: neither. */
bool subject_find_child(Fs *fs, const Directory *directory, const char *name, Child *child);

/* The child of an array job's directory that stands for one of its tasks, by index; the next in order. */
bool subject_find_index(Subject subject, const Directory *directory, const char *name, Child *child);
bool subject_next_index(Subject subject, const Directory *directory, uint64_t after, Child *child, char name[256]);

/* Times of the task, or the whole job: ms since the epoch, 0: not yet. */
int64_t subject_started(Subject subject);
int64_t subject_ended(Subject subject);

bool subject_is_finished(Fs *fs, Subject subject);
void subject_show_exit(Fs *fs, Subject subject, Buf *out);
/* The link to the newest job that both have. */
void subject_show_last(Fs *fs, Subject subject, Buf *out);
bool subject_has_last(Fs *fs, Subject subject);

int64_t subject_newest_change(Fs *fs, Subject subject);        /* of any job: ms since the epoch */

#endif
