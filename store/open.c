/* open.c - from rows to memory, once, when the mount starts; and the end. */
#include "store/open.h"

#include "store/base/log.h"
#include "store/change.h"
#include "store/cluster_inside.h"
#include "store/depend.h"
#include "store/dependents.h"
#include "store/input.h"
#include "store/job.h"
#include "store/nodes.h"
#include "store/output.h"
#include "store/returned.h"
#include "store/submit.h"

#include <stdlib.h>

/* --- rows ---------------------------------------------------------------------------------- */

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
	facts->retried = (uint16_t)row->retried;
	facts->slots = (uint32_t)row->slots;
	facts->lost = (uint8_t)row->lost;
	facts->started = row->started;
	facts->ended = row->ended;
	facts->exit = (uint8_t)row->exit;
	facts->size[STREAM_STDOUT] = (uint64_t)row->stdout_size;
	facts->size[STREAM_STDERR] = (uint64_t)row->stderr_size;
	facts->size[STREAM_RETURN] = 0;         /* its directory tells (note_returned) */
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

/* What is in the row of an array about all tasks without a row of their own. */
static void load_rest(Facts *facts, const JobRow *row)
{
	int state = row->rest_state ? task_state_of(row->rest_state) : TASK_PENDING;

	facts->state = state < 0 ? TASK_PENDING : (TaskState)state;
	facts->ended = row->rest_ended;
	facts->exit = facts->state > TASK_RUNNING ? EXIT_NONE : 0;
}

/* Words that are not understood can only come from an editor's hand. */
static void load_conditions(Job *job, const JobRow *row)
{
	if (row->array && !(job->array = array_new(row->array)))
		log_warn("job %llu: --array=%s makes no sense; it is run once", (unsigned long long)job->id, row->array);
	if (row->dependency && !(job->depends = depends_restore(row->dependency))) {
		log_warn("job %llu: --dependency=%s makes no sense; it is held", (unsigned long long)job->id, row->dependency);
		job->task.now.reason = REASON_HELD;
	}
	if (job->depends)
		job->depends->kill = row->kill;
}

static Job *load_job(Cluster *cluster, const JobRow *row)
{
	Job *job = mem_new_zeroed(sizeof *job);
	int reason = reason_of(row->reason ? row->reason : "");

	job->id = job->task.id = (uint64_t)row->id;
	job->task.job = job;
	job->slots = (uint32_t)row->slots;
	job->memory = (uint64_t)row->memory;
	job->retries = (uint16_t)row->retries;
	job->exclusive = row->exclusive;
	job->begins = row->begins;
	job->requeue = row->requeue;
	job->submitted = row->submitted;
	job->name = cluster_name(cluster, row->name ? row->name : "");
	job->directory = cluster_intern(cluster, row->directory);
	job->task.now.priority = (int32_t)row->priority;
	job->task.now.reason = reason < 0 ? REASON_HELD : (Reason)reason;
	load_conditions(job, row);
	if (job->array)
		load_rest(&job->task.now, row);
	cluster_insert(cluster, job);
	dependents_register(cluster, job);
	return job;
}

static int load_task(Cluster *cluster, Task *task, const TaskRow *row, Err *err)
{
	cluster_leave(cluster, task);
	load_facts(cluster, &task->now, row);
	cluster_enter(cluster, task);
	return task->now.placed ? reopen_outputs(cluster, task, err) : 0;
}

static void load_row(void *arg, const JobRow *row, const TaskRow *task)
{
	Loading *loading = arg;
	Cluster *cluster = loading->cluster;
	Job *job = cluster_newest(cluster);
	Task *own;

	if (!job || job->id != (uint64_t)row->id)
		job = load_job(cluster, row);
	if (!task->state)
		return;
	own = job->array ? cluster_split(cluster, job, (uint32_t)(task->id - row->id)) : &job->task;
	if (load_task(cluster, own, task, loading->err) < 0)
		loading->failed = true;
}

/* Its writer never closed it: nobody knows whether it is all there. */
static void load_draft(void *arg, uint64_t draft, const char *text, size_t n, const char *directory)
{
	Loading *loading = arg;
	Cluster *cluster = loading->cluster;
	Spec *spec = spec_parse_again(text, n, NULL);
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

static bool reads_input(void *arg, uint64_t id)
{
	const Job *job = cluster_job(arg, id);

	return job && !job_is_finished(job);
}

/* Returned files are no row's; who forgets the task has to know of them. */
static void note_returned(void *arg, uint64_t id)
{
	Task *task = cluster_task(arg, id);

	if (task && task->id == id && task_is_finished(task))
		task->now.size[STREAM_RETURN] = 1;
}

static int load(Cluster *cluster, Err *err)
{
	Loading loading = { cluster, err, false };

	cluster->job_next = cluster->job_next_kept =
		(uint64_t)records_number(cluster->records, "next_job", JOB_ID_FIRST);
	if (records_each_node(cluster->records, load_node, &loading, err) < 0)
		return -1;
	cluster->nodes_changed = false;
	if (records_each_job(cluster->records, load_row, &loading, err) < 0 || loading.failed)
		return -1;
	inputs_sweep(cluster->state, reads_input, cluster);
	returned_each(cluster->state, note_returned, cluster);
	for (Job *job = cluster_job_after(cluster, 0); job; job = cluster_job_after(cluster, job->id))
		dependents_call_pairs(cluster, job);
	return records_each_draft(cluster->records, load_draft, &loading, err);
}

/* --- beginning and end --------------------------------------------------------------------- */

static char *settle_uuid(Cluster *cluster, Err *err)
{
	StatePlace place = state_place(cluster->state);

	return records_uuid(cluster->records, &place, cluster->former, sizeof cluster->former, err);
}

Cluster *cluster_open(const State *state, Err *err)
{
	Cluster *cluster = mem_new_zeroed(sizeof *cluster);
	char *path = state_path(state, "wulfs.db");

	cluster->state = state;
	cluster->next_due = INT64_MAX;
	cluster->node_next = 1;
	TAILQ_INIT(&cluster->nodes);
	TAILQ_INIT(&cluster->gone);
	if (outputs_prepare(state, err) < 0 || inputs_prepare(state, err) < 0 || !(cluster->records = records_open(path, err)) ||
	    !(cluster->uuid = settle_uuid(cluster, err)) || load(cluster, err) < 0) {
		cluster_close(cluster);
		cluster = NULL;
	} else {
		records_hurry(cluster->records);
		cluster->files_kept = state_files(state);
	}
	free(path);
	return cluster;
}

static void free_jobs(Cluster *cluster)
{
	Job *job;

	while ((job = cluster_newest(cluster))) {
		dependents_forget(cluster, job);
		cluster_remove(cluster, job);
		job_free(job);
	}
	free(cluster->jobs.slots);
}

static void free_directories(Cluster *cluster)
{
	InternedPath *directory, *next;

	HASH_ITER(hh, cluster->directories, directory, next) {
		HASH_DEL(cluster->directories, directory);
		free(directory->path);
		free(directory);
	}
}

static void free_nodes(NodeList *nodes)
{
	Node *node;

	while ((node = TAILQ_FIRST(nodes))) {
		TAILQ_REMOVE(nodes, node, all);
		node_free(node);
	}
}

void cluster_close(Cluster *cluster)
{
	if (!cluster)
		return;
	free_jobs(cluster);
	HASH_CLEAR(of_name, cluster->node_names);
	free_nodes(&cluster->nodes);
	free_nodes(&cluster->gone);
	free_directories(cluster);
	for (Queue queue = 0; queue < QUEUES; queue++)
		pending_release(&cluster->queues[queue]);
	spec_free(cluster->borrowed);
	for (size_t i = 0; i < cluster->drafts.length; i++) {
		free(cluster->drafts.item[i].text);
		free(cluster->drafts.item[i].directory);
	}
	free(cluster->changes.item);
	free(cluster->drafts.item);
	free(cluster->forgotten.item);
	free(cluster->files.item);
	free(cluster->settled.item);
	dependents_release(cluster);
	records_close(cluster->records);
	free(cluster->uuid);
	free(cluster);
}
