/* submit.h - jobs come, and are forgotten. */
#ifndef STORE_SUBMIT_H
#define STORE_SUBMIT_H

#include "store/cluster.h"

/* Make a job of the spec, which is the cluster's from now on. directory: the submitter's, or NULL.
 * NULL with ENOSPC when the ids are used up, EINVAL if it depends on a job that is not known. Exists for others
 * after cluster_commit. */
Job *cluster_submit(Cluster *cluster, Spec *spec, const char *directory, Err *err);

/* Would cluster_submit take the spec now? 0, or -1 with its reasons. */
int cluster_judge(Cluster *cluster, const Spec *spec, Err *err);

/* Forget a finished job and its outputs: EBUSY if it is not finished, or others depend on it. It is gone from memory at once and
 * from the disk with the next commit, which nobody waits for: after a crash it may be back, whole. */
int cluster_forget(Cluster *cluster, Job *job, Err *err);

/* Keep the text of a document whose writer has not closed yet, as draft *draft (0: a new one; its number is stored
 * there) from the next commit on, or drop it (text NULL). Drafts found by cluster_open become held jobs with reason
 * REASON_DRAFT. */
void cluster_draft(Cluster *cluster, uint64_t *draft, const char *text, size_t n, const char *directory);

#endif
