/* ctl.h - the verbs of jobs/ID/ctl and nodes/NAME/ctl. */
#ifndef FS_CTL_H
#define FS_CTL_H

#include "node/roster.h"

/* Do what the line (n bytes, no newline) says. -1: EINVAL for a verb or argument that does not exist, ESRCH
 * for a job that is finished, EBUSY for what cannot be done in its state. Takes effect with the turn. On an
 * array a verb goes to all of its tasks that it fits, or to those it names: "cancel 3,5-9". */
int control_job(Roster *roster, Job *job, const char *line, size_t n, Err *err);
int control_task(Roster *roster, Job *job, uint32_t ordinal, const char *line, size_t n, Err *err);    /* one of an array's */
/* The verbs, a line each behind "# ": what they do, and why not now. task: NULL for an array as a whole. */
void control_show_job(Roster *roster, const Job *job, const Task *task, Buf *out);
void control_show_node(const Node *node, Buf *out);

int control_node(Roster *roster, Node *node, const char *line, size_t n, Err *err);

#endif
