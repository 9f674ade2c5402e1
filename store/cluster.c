/* cluster.c - finding, adding and forgetting what the mount knows. */
#include "store/cluster_inside.h"

#include "store/depend.h"
#include "store/input.h"
#include "store/job.h"
#include "store/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct Directory {
	char *path;
	UT_hash_handle hh;
};

/* --- the index of jobs ------------------------------------------------------------------------- */

/* Place of the first slot with an id >= id. */
static size_t index_at(const JobIndex *index, uint64_t id)
{
	size_t low = 0, high = index->length;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (index->slots[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void index_add(JobIndex *index, Job *job)
{
	if (index->length == index->room) {
		index->room = index->room ? 2 * index->room : 256;
		index->slots = mem_resize(index->slots, index->room * sizeof *index->slots);
	}
	index->slots[index->length++] = (struct JobSlot){ job->id, job };
}

static void index_close_gaps(JobIndex *index)
{
	size_t kept = 0;

	for (size_t i = 0; i < index->length; i++)
		if (index->slots[i].job)
			index->slots[kept++] = index->slots[i];
	index->length = kept;
	index->gaps = 0;
}

static void index_remove(JobIndex *index, const Job *job)
{
	index->slots[index_at(index, job->id)].job = NULL;
	index->gaps++;
	/* None at the end: when a turn is undone its ids are given out again, and order must hold. */
	for (; index->length && !index->slots[index->length - 1].job; index->length--)
		index->gaps--;
	if (index->gaps > 64 && index->gaps > index->length / 2)
		index_close_gaps(index);
}

Job *cluster_job(const Cluster *cluster, uint64_t id)
{
	size_t at = index_at(&cluster->jobs, id);

	return at < cluster->jobs.length && cluster->jobs.slots[at].id == id ? cluster->jobs.slots[at].job : NULL;
}

Job *cluster_job_of(const Cluster *cluster, uint64_t task)
{
	size_t at = index_at(&cluster->jobs, task + 1);
	Job *job = at > 0 ? cluster->jobs.slots[at - 1].job : NULL;

	return job && task - job->id < job_tasks(job) ? job : NULL;
}

Job *cluster_job_after(const Cluster *cluster, uint64_t id)
{
	for (size_t at = index_at(&cluster->jobs, id + 1); at < cluster->jobs.length; at++)
		if (cluster->jobs.slots[at].job)
			return cluster->jobs.slots[at].job;
	return NULL;
}

Job *cluster_job_before(const Cluster *cluster, uint64_t id)
{
	for (size_t at = index_at(&cluster->jobs, id); at-- > 0;)
		if (cluster->jobs.slots[at].job)
			return cluster->jobs.slots[at].job;
	return NULL;
}

Job *cluster_newest(const Cluster *cluster)
{
	return cluster_job_before(cluster, UINT64_MAX);
}

/* --- names and directories --------------------------------------------------------------------- */

Name *cluster_name(Cluster *cluster, const char *text)
{
	Name *name;

	HASH_FIND_STR(cluster->names, text, name);
	if (name)
		return name;
	name = mem_new_zeroed(sizeof *name);
	name->text = mem_copy_text(text);
	TAILQ_INIT(&name->jobs);
	HASH_ADD_KEYPTR(hh, cluster->names, name->text, strlen(name->text), name);
	return name;
}

Job *cluster_named(Cluster *cluster, const char *text)
{
	Name *name;

	HASH_FIND_STR(cluster->names, text, name);
	return name ? TAILQ_LAST(&name->jobs, JobList) : NULL;
}

static void name_release(Cluster *cluster, Name *name)
{
	if (!TAILQ_EMPTY(&name->jobs))
		return;
	HASH_DEL(cluster->names, name);
	free(name->text);
	free(name);
}

const char *cluster_intern(Cluster *cluster, const char *path)
{
	struct Directory *directory;

	if (!path)
		return NULL;
	HASH_FIND_STR(cluster->directories, path, directory);
	if (!directory) {
		directory = mem_new_zeroed(sizeof *directory);
		directory->path = mem_copy_text(path);
		HASH_ADD_KEYPTR(hh, cluster->directories, directory->path, strlen(directory->path), directory);
	}
	return directory->path;
}

/* --- jobs -------------------------------------------------------------------------------------- */

void cluster_insert(Cluster *cluster, Job *job)
{
	index_add(&cluster->jobs, job);
	TAILQ_INSERT_TAIL(&job->name->jobs, job, of_name);
	cluster_enter(cluster, &job->task);
	await_register(cluster, job);
}

void cluster_remove(Cluster *cluster, Job *job)
{
	Task *own;

	cluster_leave(cluster, &job->task);
	for (uint32_t i = 0; job->array && (own = array_next_own(job->array, &i)); i++)
		cluster_leave(cluster, own);
	await_forget(cluster, job);
	if (job->name->done_before == job)
		job->name->done_before = TAILQ_PREV(job, JobList, of_name);
	TAILQ_REMOVE(&job->name->jobs, job, of_name);
	name_release(cluster, job->name);
	index_remove(&cluster->jobs, job);
}

static void release_outputs(Task *task)
{
	for (Stream stream = 0; stream < STREAMS; stream++)
		output_free(task->output[stream]);
}

void task_free(Task *task)
{
	release_outputs(task);
	free(task);
}

void job_free(Job *job)
{
	Task *own;

	release_outputs(&job->task);
	for (uint32_t i = 0; job->array && (own = array_next_own(job->array, &i)); i++)
		task_free(own);
	array_free(job->array);
	depends_free(job->depends);
	spec_free(job->spec);
	free(job);
}

Task *cluster_task(const Cluster *cluster, uint64_t id)
{
	Job *job = cluster_job_of(cluster, id);

	if (!job)
		return NULL;
	return job->array ? array_own(job->array, (uint32_t)(id - job->id)) : &job->task;
}

/* Out of the rest into a Task of its own, which is as the rest is. */
Task *cluster_split(Cluster *cluster, Job *job, uint32_t ordinal)
{
	Task *own = mem_new_zeroed(sizeof *own);

	own->id = job->id + ordinal;
	own->job = job;
	own->now = job->task.now;
	cluster_leave(cluster, &job->task);
	array_set_own(job->array, ordinal, own);
	cluster_enter(cluster, &job->task);
	cluster_enter(cluster, own);
	return own;
}

Task *cluster_own_task(Cluster *cluster, Job *job, uint32_t ordinal)
{
	Task *own = job_task(job, ordinal);

	if (!task_is_rest(own))
		return own;
	own = cluster_split(cluster, job, ordinal);
	cluster_touch(cluster, own)->split = true;
	return own;
}

static int32_t priority_of(const Spec *spec)
{
	int64_t priority = (int64_t)PRIORITY_DEFAULT - spec->nice;

	return priority < 0 ? 0 : priority > INT32_MAX ? INT32_MAX : (int32_t)priority;
}

/* Where it stands in the spec, if it is there as it was understood: without quotes or backslashes. */
static int point_at_dependency(const Spec *spec, Err *err)
{
	const char *at = strstr(spec->text, spec->dependency);

	return at ? err_point(err, (size_t)(at - spec->text), strlen(spec->dependency)) : -1;
}

/* What can still be refused of a spec that is well formed. */
static int settle_spec(Cluster *cluster, Job *job, const Spec *spec, Err *err)
{
	Err why;

	if (spec->array)
		job->array = array_new(spec->array);
	if (cluster->job_next + job_tasks(job) - 1 > JOB_ID_LAST)
		return err_set(err, ENOSPC, "all job ids up to %d are used; start with a new state directory", JOB_ID_LAST);
	if (!spec->dependency)
		return 0;
	job->depends = depends_parse(cluster, spec->dependency, &why);
	if (!job->depends) {
		err_set(err, why.number, "--dependency: %s", why.text);
		return point_at_dependency(spec, err);
	}
	job->depends->kill = spec->kill_invalid;
	return 0;
}

int cluster_judge(Cluster *cluster, const Spec *spec, Err *err)
{
	Job *job = mem_new_zeroed(sizeof *job);
	int rc = settle_spec(cluster, job, spec, err);

	job_free(job);
	return rc;
}

Job *cluster_submit(Cluster *cluster, Spec *spec, const char *directory, Err *err)
{
	Job *job = mem_new_zeroed(sizeof *job);
	char *name;

	if (settle_spec(cluster, job, spec, err) < 0) {
		job_free(job);
		return NULL;
	}
	name = spec->name ? mem_copy_text(spec->name) : spec_default_name(spec);
	job->id = job->task.id = cluster->job_next;
	cluster->job_next += job_tasks(job);
	job->task.job = job;
	job->spec = spec;
	job->slots = spec->cpus;
	job->memory = spec->memory;
	job->retries = spec->retries;
	job->exclusive = spec->exclusive;
	job->begins = spec->begin;
	job->requeue = spec->requeue;
	job->name = cluster_name(cluster, name);
	job->directory = cluster_intern(cluster, directory);
	job->submitted = clock_ms();
	job->task.now.priority = priority_of(spec);
	job->task.now.reason = spec->hold ? REASON_HELD : REASON_NONE;
	free(name);
	cluster_insert(cluster, job);
	cluster_touch(cluster, &job->task)->fresh = true;
	await_settle_pairs(cluster, job);
	return job;
}

const Spec *cluster_spec(Cluster *cluster, const Job *job, Err *err)
{
	Buf text = BUF_INIT;

	if (job->spec)
		return job->spec;
	if (cluster->borrowed && cluster->borrowed_of == job->id)
		return cluster->borrowed;
	spec_free(cluster->borrowed);
	cluster->borrowed = NULL;
	cluster->borrowed_of = job->id;
	if (records_text(cluster->records, job->id, &text, err) == 0)
		cluster->borrowed = spec_parse_again(buf_text(&text), text.length, err);
	buf_release(&text);
	return cluster->borrowed;
}

static bool has_files(const Task *task)
{
	return task->now.size[STREAM_STDOUT] > OUTPUT_SMALL || task->now.size[STREAM_STDERR] > OUTPUT_SMALL ||
	       task->now.size[STREAM_RETURN] > 0;
}

/* A plain job's outputs are looked for in any case: it costs nothing, and tidies up after crashes. */
static void note_files(Cluster *cluster, Job *job)
{
	const Spec *spec = job->array ? cluster_spec(cluster, job, NULL) : NULL;
	Task *own;

	if (!job->array)
		*VECTOR_ADD(&cluster->files) = job->id;
	for (uint32_t i = 0; job->array && (own = array_next_own(job->array, &i)); i++)
		if (has_files(own) || !spec || spec->returns)
			*VECTOR_ADD(&cluster->files) = own->id;
}

int cluster_forget(Cluster *cluster, Job *job, Err *err)
{
	if (!job_is_finished(job) || cluster_is_touched(job))
		return err_set(err, EBUSY, "job %llu is not finished; cancel it first", (unsigned long long)job->id);
	if (await_is_needed(cluster, job))
		return err_set(err, EBUSY, "an unfinished job depends on job %llu; cancel that one first, or wait for it",
			       (unsigned long long)job->id);
	note_files(cluster, job);
	*VECTOR_ADD(&cluster->forgotten) = (Forgotten){ job->id, job_tasks(job) };
	cluster_remove(cluster, job);
	job_free(job);
	return 0;
}

int cluster_read_output(Cluster *cluster, const Task *task, Stream stream, Buf *text, Err *err)
{
	if (task->now.size[stream] == 0)        /* one of an array's rest has no row at all */
		return 0;
	return records_output(cluster->records, task->id, stream, text, err);
}

Task *cluster_next_pending(const Cluster *cluster)
{
	return pending_first(&cluster->queues[QUEUE_READY]);
}

Pending *cluster_queue(Cluster *cluster, const Task *task)
{
	return task->queue == QUEUE_LIMITED ? &task->job->array->limited : &cluster->queues[task->queue];
}

void cluster_set_aside(Cluster *cluster, Task *task, Queue queue)
{
	pending_remove(cluster_queue(cluster, task), task);
	task->queue = queue;
	pending_add(cluster_queue(cluster, task), task);
}

void cluster_admit(Cluster *cluster, const Job *job)
{
	Task *first = job->array ? pending_first(&job->array->limited) : NULL;

	if (first && !array_is_busy(job->array))
		cluster_set_aside(cluster, first, QUEUE_READY);
}

void cluster_call_back(Cluster *cluster, Queue queue)
{
	Task *task;

	while ((task = pending_first(&cluster->queues[queue])))
		cluster_set_aside(cluster, task, QUEUE_READY);
}

void cluster_reconsider(Cluster *cluster)
{
	cluster_call_back(cluster, QUEUE_ASIDE);
}

size_t cluster_count(const Cluster *cluster, TaskState state)
{
	return cluster->count[state];
}

size_t cluster_unfinished(const Cluster *cluster)
{
	return cluster->count[TASK_PENDING] + cluster->count[TASK_RUNNING];
}

const State *cluster_state(const Cluster *cluster)
{
	return cluster->state;
}

const char *cluster_former(const Cluster *cluster)
{
	return cluster->former[0] ? cluster->former : NULL;
}

const char *cluster_uuid(const Cluster *cluster)
{
	return cluster->uuid;
}

/* --- nodes ------------------------------------------------------------------------------------- */

NodeList *cluster_nodes(Cluster *cluster)
{
	return &cluster->nodes;
}

NodeList *cluster_gone_nodes(Cluster *cluster)
{
	return &cluster->gone;
}

static Node *find_node(Cluster *cluster, const char *name, size_t n)
{
	Node *node;

	HASH_FIND(of_name, cluster->node_names, name, n, node);
	return node;
}

Node *cluster_node_named(Cluster *cluster, const char *name, size_t n)
{
	Node *node = find_node(cluster, name, n);

	return node && !node->gone ? node : NULL;
}

Node *cluster_node(Cluster *cluster, const char *name)
{
	return cluster_node_named(cluster, name, strlen(name));
}

Node *cluster_node_numbered(Cluster *cluster, uint32_t id)
{
	Node *node;

	TAILQ_FOREACH(node, &cluster->nodes, all)
		if (node->id == id)
			return node;
	return NULL;
}

static Node *node_new(Cluster *cluster, const char *name)
{
	Node *node = mem_new_zeroed(sizeof *node);

	node->id = cluster->node_next++;
	node->name = mem_copy_text(name);
	node->source = mem_copy_text("");
	node->features = mem_copy_text("");
	node->gone = true;
	TAILQ_INIT(&node->tasks);
	TAILQ_INSERT_TAIL(&cluster->gone, node, all);
	HASH_ADD_KEYPTR(of_name, cluster->node_names, node->name, strlen(node->name), node);
	return node;
}

Node *cluster_node_ever(Cluster *cluster, const char *name)
{
	Node *node = find_node(cluster, name, strlen(name));

	return node ? node : node_new(cluster, name);
}

Node *cluster_add_node(Cluster *cluster, const char *name, const char *source)
{
	Node *node = cluster_node_ever(cluster, name);

	if (node->gone) {
		TAILQ_REMOVE(&cluster->gone, node, all);
		TAILQ_INSERT_TAIL(&cluster->nodes, node, all);
	}
	node->gone = false;
	node_set_text(&node->source, source);
	cluster_node_changed(cluster, node);
	return node;
}

void cluster_remove_node(Cluster *cluster, Node *node)
{
	TAILQ_REMOVE(&cluster->nodes, node, all);
	TAILQ_INSERT_TAIL(&cluster->gone, node, all);
	node->gone = true;
	node->up = node->untrusted = false;
	node->slots_wanted = node->slots_default = 0;
	node_set_text(&node->features, "");
	node_set_text(&node->drain, NULL);
	node_set_text(&node->user, NULL);
	node_set_text(&node->instance, NULL);
	node_set_text(&node->trouble, NULL);
	cluster_node_changed(cluster, node);
	cluster_reconsider(cluster);
}

void cluster_node_changed(Cluster *cluster, Node *node)
{
	node->changed = true;
	cluster->nodes_changed = true;
}

void node_set_text(char **field, const char *text)
{
	char *copy = text ? mem_copy_text(text) : NULL;

	free(*field);
	*field = copy;
}

void node_free(Node *node)
{
	char *texts[] = { node->name, node->source, node->features, node->drain, node->instance,
			  node->trouble, node->address, node->arch, node->os, node->user, node->fingerprint, node->login,
			  node->machine, node->key, node->host, node->places, node->proven, node->proven_key, node->announced, node->doubt,
			  node->caveat };

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		free(texts[i]);
	free(node);
}

/* --- beginning and end ------------------------------------------------------------------------- */

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
	    !(cluster->uuid = settle_uuid(cluster, err)) || cluster_load(cluster, err) < 0) {
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
		cluster_remove(cluster, job);
		job_free(job);
	}
	free(cluster->jobs.slots);
}

static void free_directories(Cluster *cluster)
{
	struct Directory *directory, *next;

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
	await_release(cluster);
	records_close(cluster->records);
	free(cluster->uuid);
	free(cluster);
}
