/* dependents.h - jobs that wait for others (--dependency, aftercorr, singleton, the limit of an array) or for a moment.
 * Who is to be asked again when a job has begun or ended, and what the answer is. */
#ifndef STORE_DEPENDENTS_H
#define STORE_DEPENDENTS_H

#include "store/cluster.h"
#include "store/depend.h"

typedef enum Verdict { DEPEND_WAITS, DEPEND_MET, DEPEND_NEVER } Verdict;

/* May the task run now, later, or never? *when is lowered to the moment (ms since the epoch) at which to ask
 * again, where only time is missing. */
Verdict dependents_judge(Cluster *cluster, const Task *task, int64_t now, int64_t *when);

/* Call back those of QUEUE_BLOCKED whose time has come, or for whose sake something happened. */
void cluster_settle(Cluster *cluster, int64_t now);

/* depends_parse, with the jobs that are known. NULL with EINVAL, also for a job that is not. */
Depends *dependents_parse(Cluster *cluster, const char *text, Err *err);

/* --- for the files that make up the cluster ----------------------------------------------------- */

void dependents_register(Cluster *cluster, const Job *job);             /* remember what it depends on */
void dependents_note(Cluster *cluster, const Task *task);               /* it began, ended, or left its node */
bool dependents_are_left(const Cluster *cluster, const Job *job);       /* does an unfinished job depend on it? */
void dependents_forget(Cluster *cluster, const Job *job);               /* the job itself goes */
void dependents_call_pairs(Cluster *cluster, Job *by);                  /* what ended before it came, ended just now to it */
void dependents_undone(Cluster *cluster, const Task *own);              /* it is about to be of its array's rest again */
void dependents_release(Cluster *cluster);

#endif
