/* cluster_inside.h - the cluster's own fields, for the files that make it up (cluster.h names them). Nobody else
 * includes this. */
#ifndef STORE_CLUSTER_INSIDE_H
#define STORE_CLUSTER_INSIDE_H

#include "store/cluster.h"
#include "store/job_index.h"
#include "store/nodes.h"
#include "store/pending.h"
#include "store/records.h"

enum { WATCHERS_MAX = 4, SPEC_KEPT_MAX = 1024 };        /* longer specs are read back when needed */

/* What this turn did to one task. */
typedef struct Change {
	Task *task;
	Facts before;
	bool fresh;             /* submitted in this turn; before means nothing */
	bool split;             /* got out of its array's rest in this turn */
	bool row;               /* the task's row is to be written */
	bool ran;               /* run is to be recorded */
	RunRecord run;
} Change;

typedef struct Forgotten {
	uint64_t job;
	uint32_t tasks;
} Forgotten;

typedef struct DraftChange {
	uint64_t draft;
	char *text;             /* NULL: drop it */
	size_t length;
	char *directory;
} DraftChange;

typedef struct InternedPath {   /* an interned path of a submitter */
	char *path;
	UT_hash_handle hh;
} InternedPath;

#define VECTOR(Type) struct { Type *item; size_t length, room; }
#define VECTOR_ADD(vector) \
	((vector)->length == (vector)->room \
	 ? (void)((vector)->room = (vector)->room ? 2 * (vector)->room : 16, \
		  (vector)->item = mem_resize((vector)->item, (vector)->room * sizeof *(vector)->item)) : (void)0, \
	 &(vector)->item[(vector)->length++])

struct Cluster {
	const State *state;
	Records *records;
	char *uuid, former[64];         /* former: see cluster_former */
	StateFiles files_kept;          /* that the database is in */
	JobIndex jobs;
	Name *names;                    /* hash by text */
	InternedPath *directories;      /* hash of interned paths */
	Pending queues[QUEUES];
	Spec *borrowed;                 /* what cluster_spec read back last */
	uint64_t borrowed_of;           /* whose that is */
	struct Awaited *awaited;        /* hash by job: who waits for it (dependents.c) */
	int64_t next_due;
	size_t count[TASK_STATES];
	NodeList nodes, gone;           /* gone: see cluster_remove_node */
	Node *node_names;               /* hash by name, of both */
	uint32_t node_next;
	uint64_t job_next, draft_next;
	uint64_t job_next_kept;         /* as the database has it */
	/* the turn */
	VECTOR(Change) changes;
	VECTOR(DraftChange) drafts;
	VECTOR(Forgotten) forgotten;
	VECTOR(uint64_t) files;         /* tasks of those whose outputs are files */
	VECTOR(uint64_t) settled;       /* tasks that began or ended, and that somebody may wait for */
	bool nodes_changed;
	struct { Watcher watcher; void *arg; } watchers[WATCHERS_MAX];
	int watching;
	struct { NodeWatcher watcher; void *arg; } node_watchers[WATCHERS_MAX];
	int watching_nodes;
};

Pending *cluster_queue(Cluster *cluster, const Task *task);    /* the heap its queue means */

/* Put a job at the end of the index, under its name, and into the counts; take it out again. */
void cluster_insert(Cluster *cluster, Job *job);
void cluster_remove(Cluster *cluster, Job *job);
void job_free(Job *job);

/* An array's task comes to be of its own, without a trace in the turn. */
Task *cluster_split(Cluster *cluster, Job *job, uint32_t ordinal);
void task_free(Task *own);

Name *cluster_name(Cluster *cluster, const char *text);
const char *cluster_intern(Cluster *cluster, const char *directory);

#endif
