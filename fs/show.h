/* show.h - values as text, the same wherever they are shown. */
#ifndef FS_SHOW_H
#define FS_SHOW_H

#include "fs/fs.h"

void show_time(Buf *out, int64_t ms);                   /* "1700000000.123\n"; 0 gives an empty line */
void show_elapsed(Buf *out, int64_t ms);                /* "5:03", "1:02:03", "2-01:02:03", as squeue(1) */
const char *show_node(const Task *task);                /* its name, "" before there is one */

/* The nodes a job runs on, with commas between. */
void show_job_nodes(Fs *fs, const Job *job, Buf *out);

#endif
