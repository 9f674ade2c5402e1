/* await.c - who waits for what: the other jobs that unfinished ones depend on, and the moments they wait for.
 *
 * Registers only who is to be asked again, when a job has begun or ended, or when its time has come; the
 * answer is depends_judge's. To ask once too often does no harm, so that nothing here need be undone with
 * a turn, and what is left of jobs that are gone is passed over. */
#include "store/cluster_inside.h"

#include "store/depend.h"
#include "store/job.h"

#include <stdlib.h>

typedef struct Awaited {
	uint64_t job;
	VECTOR(uint64_t) by;    /* jobs */
	UT_hash_handle hh;
} Awaited;

static Awaited *find(const Cluster *cluster, uint64_t job)
{
	Awaited *awaited;

	HASH_FIND(hh, cluster->awaited, &job, sizeof job, awaited);
	return awaited;
}

static void add(Cluster *cluster, uint64_t job, uint64_t by)
{
	Awaited *awaited = find(cluster, job);

	if (!awaited) {
		awaited = mem_new_zeroed(sizeof *awaited);
		awaited->job = job;
		HASH_ADD(hh, cluster->awaited, job, sizeof awaited->job, awaited);
	}
	*VECTOR_ADD(&awaited->by) = by;
}

static void drop(Cluster *cluster, Awaited *awaited)
{
	HASH_DEL(cluster->awaited, awaited);
	free(awaited->by.item);
	free(awaited);
}

void await_release(Cluster *cluster)
{
	Awaited *awaited, *next;

	HASH_ITER(hh, cluster->awaited, awaited, next)
		drop(cluster, awaited);
}

void await_register(Cluster *cluster, const Job *job)
{
	const Depends *depends = job->depends;

	for (size_t i = 0; depends && i < depends->count && !job_is_finished(job); i++) {
		if (depends->items[i].job)
			add(cluster, depends->items[i].job, job->id);
		else
			job->name->singleton = true;
	}
}

void await_forget(Cluster *cluster, const Job *job)
{
	Awaited *awaited = find(cluster, job->id);

	if (awaited)
		drop(cluster, awaited);
}

bool await_is_needed(const Cluster *cluster, const Job *job)
{
	const Awaited *awaited = find(cluster, job->id);

	for (size_t i = 0; awaited && i < awaited->by.length; i++) {
		const Job *by = cluster_job(cluster, awaited->by.item[i]);

		if (by && by->depends && !job_is_finished(by))
			return true;
	}
	return false;
}

/* --- something happened ------------------------------------------------------------------------ */

void await_note(Cluster *cluster, const Task *task)
{
	const Array *array = task->job->array;

	if (find(cluster, task->job->id) || task->job->name->singleton || (array && array->limit))
		*VECTOR_ADD(&cluster->settled) = task->id;
}

static void call_back(Cluster *cluster, Task *task)
{
	if (task->pending_at && task->queue == QUEUE_BLOCKED)
		cluster_set_aside(cluster, task, QUEUE_READY);
}

static void call_back_all(Cluster *cluster, Job *job)
{
	Task *own;

	call_back(cluster, &job->task);
	for (uint32_t i = 0; job->array && (own = array_next_own(job->array, &i)); i++)
		call_back(cluster, own);
}

static bool has_pairs(const Job *job)
{
	for (size_t i = 0; job->array && job->depends && i < job->depends->count; i++)
		if (job->depends->items[i].kind == DEPEND_CORR)
			return true;
	return false;
}

/* Its partner in an array that goes task by task. */
static void call_partner(Cluster *cluster, Job *by, const Task *partner)
{
	uint32_t ordinal;

	if (task_is_finished(partner) && indices_find(&by->array->indices, task_index(partner), &ordinal))
		call_back(cluster, cluster_own_task(cluster, by, ordinal));
}

static void call_partners(Cluster *cluster, Job *by, const Job *job)
{
	Task *own;

	for (uint32_t i = 0; (own = array_next_own(job->array, &i)); i++)
		call_partner(cluster, by, own);
}

static void tell(Cluster *cluster, Job *by, const Job *job, const Task *task)
{
	bool whole = job_is_finished(job) || job_count(job, TASK_PENDING) == 0;

	if (job->array && has_pairs(by) && task)
		call_partner(cluster, by, task);
	if (whole)
		call_back_all(cluster, by);
	else
		call_back(cluster, &by->task);
}

static void tell_waiting(Cluster *cluster, const Job *job, const Task *task)
{
	const Awaited *awaited = find(cluster, job->id);

	for (size_t i = 0; awaited && i < awaited->by.length; i++) {
		Job *by = cluster_job(cluster, awaited->by.item[i]);

		if (by && by->depends)
			tell(cluster, by, job, task);
	}
}

/* Of those of its name that go one at a time, one can be the next. */
static void tell_namesakes(Cluster *cluster, const Job *job)
{
	Job *next = job_is_finished(job) ? job_first_unfinished(job->name) : NULL;

	if (next && next->depends)
		call_back_all(cluster, next);
}

static void settle(Cluster *cluster, uint64_t id)
{
	Job *job = cluster_job_of(cluster, id);

	if (!job)
		return;
	tell_waiting(cluster, job, cluster_task(cluster, id));
	if (job->name->singleton)
		tell_namesakes(cluster, job);
	cluster_admit(cluster, job);
}

void cluster_block(Cluster *cluster, Task *task, int64_t when)
{
	cluster_set_aside(cluster, task, QUEUE_BLOCKED);
	if (when < cluster->next_due)
		cluster->next_due = when;
}

int64_t cluster_next_due(const Cluster *cluster)
{
	return cluster->next_due;
}

void cluster_settle(Cluster *cluster, int64_t now)
{
	if (now >= cluster->next_due) {
		cluster->next_due = INT64_MAX;
		cluster_call_back(cluster, QUEUE_BLOCKED);
	}
	/* It may grow on the way. */
	for (size_t i = 0; i < cluster->settled.length; i++)
		settle(cluster, cluster->settled.item[i]);
	cluster->settled.length = 0;
}

/* If it had been called out of the rest for its partner's sake, that one's end may have been in an earlier turn,
 * which did not fail: it is told again. */
void await_undone(Cluster *cluster, const Task *own)
{
	const Job *by = own->job;
	uint32_t ordinal;

	for (size_t i = 0; has_pairs(by) && i < by->depends->count; i++) {
		const Job *job = cluster_job(cluster, by->depends->items[i].job);

		if (job && job->array && indices_find(&job->array->indices, task_index(own), &ordinal))
			*VECTOR_ADD(&cluster->settled) = job->id + ordinal;
	}
}

/* What ended before it came, or before this mount, ended just now to it. */
void await_settle_pairs(Cluster *cluster, Job *by)
{
	for (size_t i = 0; has_pairs(by) && i < by->depends->count; i++) {
		const Job *job = cluster_job(cluster, by->depends->items[i].job);

		if (by->depends->items[i].kind == DEPEND_CORR && job && job->array)
			call_partners(cluster, by, job);
	}
}
