/* cluster.h - everything the mount knows, in memory and in the database, kept equal.
 *
 * Life cycle: cluster_open (open.h) loads what the database has. Then, a turn at a time, jobs are submitted (submit.h)
 * and tasks change (task.h); cluster_commit (commit.h) writes all of it in one transaction and tells the watchers. If
 * the commit fails, memory goes back to what it was after the last one: it never runs ahead of the disk. Nothing of a
 * turn may be told to anyone before its commit.
 *
 * The files, each of which uses only those before it: job_index, nodes and queues; change, the turn so far; cluster,
 * finding; dependents, who waits for whom; task, submit, commit, open. */
#ifndef STORE_CLUSTER_H
#define STORE_CLUSTER_H

#include "store/base/buf.h"
#include "store/model.h"
#include "store/state.h"

typedef struct Cluster Cluster;

/* See cluster_watch (commit.h). */
typedef void (*Watcher)(void *arg, Task *task, const Facts *before);
typedef void (*NodeWatcher)(void *arg, Node *node, const NodeOrders *before);

const State *cluster_state(const Cluster *cluster);
const char *cluster_uuid(const Cluster *cluster);       /* of the state, made with it */
const char *cluster_former(const Cluster *cluster);     /* of the state that this one is a copy of, noticed now; or NULL */

/* --- jobs ------------------------------------------------------------------------------------- */

Job *cluster_job(const Cluster *cluster, uint64_t id);                  /* NULL: unknown, or forgotten */
Job *cluster_job_after(const Cluster *cluster, uint64_t id);            /* the first with a greater id */
Job *cluster_newest(const Cluster *cluster);
Job *cluster_job_before(const Cluster *cluster, uint64_t id);           /* the last with a smaller id */
Job *cluster_job_of(const Cluster *cluster, uint64_t task);             /* whose task has that id; NULL: nobody's */
Job *cluster_named(Cluster *cluster, const char *name);                 /* newest of that name */
size_t cluster_count(const Cluster *cluster, TaskState state);          /* tasks in a state */
size_t cluster_unfinished(const Cluster *cluster);

/* The job's spec, good until the next call: long ones and those of finished jobs are not kept in memory
 * but read back. NULL with EIO if that failed. */
const Spec *cluster_spec(Cluster *cluster, const Job *job, Err *err);

/* The task of that id, if it is a job's only one or an array's that has one of its own; else NULL. */
Task *cluster_task(const Cluster *cluster, uint64_t id);

/* The ordinal-th task of the job, to be changed: it gets one of its own (job.h) if it has none yet. */
Task *cluster_own_task(Cluster *cluster, Job *job, uint32_t ordinal);

/* The finished task's small output, appended to text. Large ones: outputs_open. */
int cluster_read_output(Cluster *cluster, const Task *task, Stream stream, Buf *text, Err *err);

#endif
