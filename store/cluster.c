/* cluster.c - finding jobs and tasks, and what is read back of them. */
#include "store/cluster.h"

#include "store/change.h"
#include "store/cluster_inside.h"
#include "store/depend.h"
#include "store/job.h"
#include "store/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* --- finding jobs -------------------------------------------------------------------------- */

Job *cluster_job(const Cluster *cluster, uint64_t id)
{
	size_t at = job_index_at(&cluster->jobs, id);

	return at < cluster->jobs.length && cluster->jobs.slots[at].id == id ? cluster->jobs.slots[at].job : NULL;
}

Job *cluster_job_of(const Cluster *cluster, uint64_t task)
{
	size_t at = job_index_at(&cluster->jobs, task + 1);
	Job *job = at > 0 ? cluster->jobs.slots[at - 1].job : NULL;

	return job && task - job->id < job_tasks(job) ? job : NULL;
}

Job *cluster_job_after(const Cluster *cluster, uint64_t id)
{
	for (size_t at = job_index_at(&cluster->jobs, id + 1); at < cluster->jobs.length; at++)
		if (cluster->jobs.slots[at].job)
			return cluster->jobs.slots[at].job;
	return NULL;
}

Job *cluster_job_before(const Cluster *cluster, uint64_t id)
{
	for (size_t at = job_index_at(&cluster->jobs, id); at-- > 0;)
		if (cluster->jobs.slots[at].job)
			return cluster->jobs.slots[at].job;
	return NULL;
}

Job *cluster_newest(const Cluster *cluster)
{
	return cluster_job_before(cluster, UINT64_MAX);
}

/* --- names and directories ----------------------------------------------------------------- */

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
	InternedPath *directory;

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

/* --- jobs ---------------------------------------------------------------------------------- */

void cluster_insert(Cluster *cluster, Job *job)
{
	job_index_add(&cluster->jobs, job);
	TAILQ_INSERT_TAIL(&job->name->jobs, job, of_name);
	cluster_enter(cluster, &job->task);
}

void cluster_remove(Cluster *cluster, Job *job)
{
	Task *own;

	cluster_leave(cluster, &job->task);
	for (uint32_t i = 0; job->array && (own = array_next_own(job->array, &i)); i++)
		cluster_leave(cluster, own);
	if (job->name->done_before == job)
		job->name->done_before = TAILQ_PREV(job, JobList, of_name);
	TAILQ_REMOVE(&job->name->jobs, job, of_name);
	name_release(cluster, job->name);
	job_index_remove(&cluster->jobs, job);
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

int cluster_read_output(Cluster *cluster, const Task *task, Stream stream, Buf *text, Err *err)
{
	if (task->now.size[stream] == 0)        /* one of an array's rest has no row at all */
		return 0;
	return records_output(cluster->records, task->id, stream, text, err);
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
