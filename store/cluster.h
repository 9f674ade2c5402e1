/* cluster.h - everything the mount knows, in memory and in the database, kept equal.
 *
 * Life cycle: cluster_open loads what the database has. Then, a turn at a time, jobs are submitted and
 * tasks change (task.h); cluster_commit writes all of it in one transaction and tells the watchers. If
 * the commit fails, memory goes back to what it was after the last one: it never runs ahead of the disk.
 * Nothing of a turn may be told to anyone before its commit. */
#ifndef STORE_CLUSTER_H
#define STORE_CLUSTER_H

#include "store/base/buf.h"
#include "store/model.h"
#include "store/state.h"

typedef struct Cluster Cluster;

Cluster *cluster_open(const State *state, Err *err);
void cluster_close(Cluster *cluster);
const State *cluster_state(const Cluster *cluster);
const char *cluster_uuid(const Cluster *cluster);       /* of the state, made with it */
const char *cluster_former(const Cluster *cluster);     /* of the state that this one is a copy of, noticed now; or NULL */

/* --- jobs ------------------------------------------------------------------------------------- */

/* Make a job of the spec, which is the cluster's from now on. directory: the submitter's, or NULL.
 * NULL with ENOSPC when the ids are used up, EINVAL if it depends on a job that is not known. Exists for others
 * after cluster_commit. */
Job *cluster_submit(Cluster *cluster, Spec *spec, const char *directory, Err *err);

/* Would cluster_submit take the spec now? 0, or -1 with its reasons. */
int cluster_judge(Cluster *cluster, const Spec *spec, Err *err);

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

/* Forget a finished job and its outputs: EBUSY if it is not finished, or others depend on it. It is gone from memory at once and
 * from the disk with the next commit, which nobody waits for: after a crash it may be back, whole. */
int cluster_forget(Cluster *cluster, Job *job, Err *err);

/* The finished task's small output, appended to text. Large ones: outputs_open. */
int cluster_read_output(Cluster *cluster, const Task *task, Stream stream, Buf *text, Err *err);

/* The next task to place, the one of highest priority and then lowest id; NULL: none waits. */
Task *cluster_next_pending(const Cluster *cluster);

/* Out of the others' way, until all of that queue are called back. */
void cluster_set_aside(Cluster *cluster, Task *task, Queue queue);

/* Into QUEUE_BLOCKED, until what it waits for has happened, at the latest until the moment when (ms since the
 * epoch). cluster_settle calls back those whose time has come or for whose sake something happened;
 * cluster_next_due is when it should be called at the latest (INT64_MAX: no need). */
void cluster_block(Cluster *cluster, Task *task, int64_t when);
void cluster_settle(Cluster *cluster, int64_t now);
int64_t cluster_next_due(const Cluster *cluster);
void cluster_call_back(Cluster *cluster, Queue queue);

/* Call back the next of QUEUE_LIMITED, the tasks of an array with a limit that wait for others of it to end, if
 * another may run. To be called again when that one has been looked at, whatever became of it. */
void cluster_admit(Cluster *cluster, const Job *job);

/* A node came, went, or is not what it was: call back QUEUE_ASIDE. */
void cluster_reconsider(Cluster *cluster);

/* --- drafts: documents whose writer has not closed yet ------------------------------------------ */

/* Keep text as draft *draft (0: a new one; its number is stored there) from the next commit on, or drop
 * it (text NULL). Drafts found by cluster_open become held jobs with reason REASON_DRAFT. */
void cluster_draft(Cluster *cluster, uint64_t *draft, const char *text, size_t n, const char *directory);

/* --- nodes ------------------------------------------------------------------------------------ */

typedef TAILQ_HEAD(NodeList, Node) NodeList;

NodeList *cluster_nodes(Cluster *cluster);
Node *cluster_node(Cluster *cluster, const char *name);                 /* NULL: none of that name */
Node *cluster_node_named(Cluster *cluster, const char *name, size_t n); /* the same, of n bytes */
Node *cluster_node_numbered(Cluster *cluster, uint32_t id);
Node *cluster_add_node(Cluster *cluster, const char *name, const char *source);

/* Nothing is placed on it any more. It leaves the database and all listings, but stays in memory (gone) for
 * the finished tasks that name it; added again, it is the same. */
NodeList *cluster_gone_nodes(Cluster *cluster);
void cluster_remove_node(Cluster *cluster, Node *node);
Node *cluster_node_ever(Cluster *cluster, const char *name);            /* gone ones too; made, gone, if need be */
void cluster_node_changed(Cluster *cluster, Node *node);                /* its row is to be written */

/* Set one of a node's texts: frees the old, copies the new (NULL allowed). */
void node_set_text(char **field, const char *text);

/* --- the turn ----------------------------------------------------------------------------------- */

/* Has this turn changed anything that must be committed before it is told? What was only forgotten can
 * wait for company (cluster_is_lazy). */
bool cluster_is_dirty(const Cluster *cluster);
bool cluster_is_lazy(const Cluster *cluster);

/* Does anything of the job wait for the commit? Who shows it must commit first. */
bool cluster_is_touched(const Job *job);

/* Write the turn. -1: memory is as it was before the turn, the reason is in err. */
int cluster_commit(Cluster *cluster, Err *err);

/* Can anything be written at all? For trying again after a full disk. */
int cluster_probe(Cluster *cluster, Err *err);

/* Called after each commit, once for every task that changed, was submitted (before is NULL) or whose
 * output grew (before equals now). Watchers are called in the order they came and may not change tasks. */
typedef void (*Watcher)(void *arg, Task *task, const Facts *before);
void cluster_watch(Cluster *cluster, Watcher watcher, void *arg);

#endif
