/* load.c - from rows to memory, once, when the mount starts. */
#include "cluster_inside.h"

#include "log.h"
#include "output.h"

typedef struct Loading {
	Cluster *cluster;
	Err *err;
	bool failed;
} Loading;

static void load_node(void *arg, const NodeRow *row)
{
	Loading *loading = arg;
	Node *node = cluster_add_node(loading->cluster, row->name, row->source);

	node->id = (uint32_t)row->id;
	if (node->id >= loading->cluster->node_next)
		loading->cluster->node_next = node->id + 1;
	node_set_text(&node->features, row->features ? row->features : "");
	node_set_text(&node->drain, row->drain);
	node_set_text(&node->instance, row->instance);
	node_set_text(&node->user, row->user);
	node_set_text(&node->host, row->host);
	node_set_text(&node->places, row->places);
	node->port = (uint32_t)row->port;
	node->standing = row->standing > 0 && row->standing < STANDINGS ? (Standing)row->standing : STANDING_NONE;
	node->slots_wanted = (uint32_t)row->slots;
	node->completed = (uint64_t)row->completed;
	node->failed = (uint64_t)row->failed;
	node->job_ms = row->job_ms;
	node->changed = false;
}

/* An unknown word can only come from an editor's hand; the job is then held rather than guessed at. */
static void load_facts(Cluster *cluster, Facts *facts, const TaskRow *row)
{
	int state = task_state_of(row->state), reason = reason_of(row->reason ? row->reason : "");

	facts->state = state < 0 ? TASK_PENDING : (TaskState)state;
	facts->reason = reason < 0 || state < 0 ? REASON_HELD : (Reason)reason;
	facts->node = row->node ? cluster_node_ever(cluster, row->node) : NULL;
	facts->priority = (int32_t)row->priority;
	facts->cancelled = row->cancelled;
	facts->placed = row->placed;
	facts->run = (uint32_t)row->run;
	facts->restarts = (uint32_t)row->restarts;
	facts->lost = (uint8_t)row->lost;
	facts->started = row->started;
	facts->ended = row->ended;
	facts->exit = (uint8_t)row->exit;
	for (Stream stream = 0; stream < STREAMS; stream++)
		facts->size[stream] = (uint64_t)row->size[stream];
}

static int reopen_outputs(Cluster *cluster, Task *task, Err *err)
{
	for (Stream stream = 0; stream < STREAMS; stream++) {
		task->output[stream] = output_reopen(cluster->state, task->id, stream, task->now.size[stream], err);
		if (!task->output[stream])
			return -1;
		task->now.size[stream] = 0;
	}
	return 0;
}

static void load_job(void *arg, const JobRow *row, const TaskRow *task)
{
	Loading *loading = arg;
	Cluster *cluster = loading->cluster;
	Job *job = mem_new_zeroed(sizeof *job);
	int reason = reason_of(row->reason ? row->reason : "");

	job->id = job->task.id = (uint64_t)row->id;
	job->task.job = job;
	job->slots = (uint32_t)row->slots;
	job->requeue = row->requeue;
	job->submitted = row->submitted;
	job->name = cluster_name(cluster, row->name ? row->name : "");
	job->directory = cluster_intern(cluster, row->directory);
	job->task.now.priority = (int32_t)row->priority;
	job->task.now.reason = reason < 0 ? REASON_HELD : (Reason)reason;
	if (task->state)
		load_facts(cluster, &job->task.now, task);
	cluster_insert(cluster, job);
	if (job->task.now.placed && reopen_outputs(cluster, &job->task, loading->err) < 0)
		loading->failed = true;
}

/* Its writer never closed it: nobody knows whether it is all there. */
static void load_draft(void *arg, uint64_t draft, const char *text, size_t n, const char *directory)
{
	Loading *loading = arg;
	Cluster *cluster = loading->cluster;
	Spec *spec = spec_parse(text, n, NULL);
	Job *job;

	if (spec)
		spec->hold = true;
	job = spec ? cluster_submit(cluster, spec, directory, NULL) : NULL;

	if (draft > cluster->draft_next)
		cluster->draft_next = draft;
	if (job) {
		job->task.now.reason = REASON_DRAFT;
		log_warn("job %llu was still being written when the last mount ended; it is held", (unsigned long long)job->id);
	} else {
		spec_free(spec);
	}
	cluster_draft(cluster, &draft, NULL, 0, NULL);
}

int cluster_load(Cluster *cluster, Err *err)
{
	Loading loading = { cluster, err, false };

	cluster->job_next = cluster->job_next_kept =
		(uint64_t)records_number(cluster->records, "next_job", JOB_ID_FIRST);
	if (records_each_node(cluster->records, load_node, &loading, err) < 0)
		return -1;
	cluster->nodes_changed = false;
	if (records_each_job(cluster->records, load_job, &loading, err) < 0 || loading.failed)
		return -1;
	return records_each_draft(cluster->records, load_draft, &loading, err);
}
