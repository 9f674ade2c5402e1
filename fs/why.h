/* why.h - why a task waits, or how it ended: a word as squeue(1) has it, and a sentence that a person can act on.
 * Neither has a newline at its end. */
#ifndef FS_WHY_H
#define FS_WHY_H

#include "fs/fs.h"

void why_word(Fs *fs, const Task *task, Buf *out);       /* "Priority"; one word, without blanks */
void why_sentence(Fs *fs, const Task *task, Buf *out);   /* nothing, where the word says it all */

/* The task that made the state of its array what it is; of another job the only one. */
const Task *why_task(const Job *job);

#endif
