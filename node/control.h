/* control.h - the verbs of jobs/ID/ctl and nodes/NAME/ctl. */
#ifndef NODE_CONTROL_H
#define NODE_CONTROL_H

#include "roster.h"

/* Do what the line (n bytes, no newline) says. -1: EINVAL for a verb or argument that does not exist, ESRCH
 * for a job that is finished, EBUSY for what cannot be done in its state. Takes effect with the turn. */
int control_job(Roster *roster, Job *job, const char *line, size_t n, Err *err);
int control_node(Roster *roster, Node *node, const char *line, size_t n, Err *err);

#endif
