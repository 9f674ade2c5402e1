/* dependents.c - jobs that wait for others: who is to be asked again, and the answer.
 *
 * Nothing is remembered of a judgement. It is made of the facts as they are, each time a job it is about has begun or
 * ended, or its moment has come. To ask once too often does no harm, so nothing here is undone with a turn, and what
 * is left of jobs that are gone is passed over. */
#include "store/dependents.h"

#include "store/cluster_inside.h"
#include "store/depend.h"
#include "store/job.h"
#include "store/queues.h"

#include <errno.h>
#include <stdlib.h>

/* --- who waits for whom -------------------------------------------------------------------- */

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

void dependents_release(Cluster *cluster)
{
	Awaited *awaited, *next;

	HASH_ITER(hh, cluster->awaited, awaited, next)
		drop(cluster, awaited);
}

void dependents_register(Cluster *cluster, const Job *job)
{
	const Depends *depends = job->depends;

	for (size_t i = 0; depends && i < depends->count && !job_is_finished(job); i++) {
		if (depends->items[i].job)
			add(cluster, depends->items[i].job, job->id);
		else
			job->name->singleton = true;
	}
}

void dependents_forget(Cluster *cluster, const Job *job)
{
	Awaited *awaited = find(cluster, job->id);

	if (awaited)
		drop(cluster, awaited);
}

bool dependents_are_left(const Cluster *cluster, const Job *job)
{
	const Awaited *awaited = find(cluster, job->id);

	for (size_t i = 0; awaited && i < awaited->by.length; i++) {
		const Job *by = cluster_job(cluster, awaited->by.item[i]);

		if (by && by->depends && !job_is_finished(by))
			return true;
	}
	return false;
}

/* --- what a word means --------------------------------------------------------------------- */

static bool has_task(const Job *job, int64_t index, uint32_t *ordinal)
{
	return job->array && index >= 0 && indices_find(&job->array->indices, (uint32_t)index, ordinal);
}

static int look_up(void *arg, const char *word, Depend *item, Err *err)
{
	Cluster *cluster = arg;
	const Job *job = item->job ? cluster_job_of(cluster, item->job) : cluster_named(cluster, word);
	uint32_t ordinal;

	if (job && item->job > job->id && item->index < 0)      /* an array's task by its SLURM_JOB_ID */
		item->index = indices_at(&job->array->indices, (uint32_t)(item->job - job->id));
	else if (job && item->job && item->job != job->id)
		job = NULL;
	if (!job || (item->index >= 0 && !has_task(job, item->index, &ordinal)))
		return err_set(err, EINVAL, "\"%.80s\": no such job is known", word);
	item->job = job->id;
	return 0;
}

Depends *dependents_parse(Cluster *cluster, const char *text, Err *err)
{
	DependResolver resolver = { look_up, cluster };

	return depends_parse(&resolver, text, err);
}

/* --- judging ------------------------------------------------------------------------------- */

/* Thousands of one name may wait for each other, so those that are finished are passed once. A turn that may
 * fail yet has finished nothing for good. */
static Job *first_unfinished(Name *name)
{
	Job *job = name->done_before ? name->done_before : TAILQ_FIRST(&name->jobs);

	while (job && job_is_finished(job) && !job_is_touched(job) && TAILQ_NEXT(job, of_name))
		job = TAILQ_NEXT(job, of_name);
	name->done_before = job;
	while (job && job_is_finished(job))
		job = TAILQ_NEXT(job, of_name);
	return job;
}

typedef struct Tally {          /* of the tasks that are waited for */
	uint32_t pending, running, good, bad;
	int64_t begun;          /* when the last of them began or was cancelled; 0: it has not */
} Tally;

static Tally tally_task(const Task *task)
{
	const Facts *now = &task->now;

	return (Tally){ now->state == TASK_PENDING, now->state == TASK_RUNNING, now->state == TASK_COMPLETED,
			now->state > TASK_COMPLETED, now->started ? now->started : now->ended };
}

static Tally tally_job(const Job *job)
{
	Tally tally = { job_count(job, TASK_PENDING), job_count(job, TASK_RUNNING), job_count(job, TASK_COMPLETED), 0,
			job_started(job) ? job_started(job) : job_ended(job) };

	tally.bad = job_tasks(job) - tally.pending - tally.running - tally.good;
	return tally;
}

/* aftercorr pairs tasks of the same index; those without a partner wait for all. */
static Tally tally_of(const Job *job, const Depend *item, const Task *waiting)
{
	bool paired = item->kind == DEPEND_CORR && item->index < 0 && waiting->job->array && !task_is_rest(waiting);
	uint32_t ordinal;

	if (has_task(job, paired ? (int64_t)task_index(waiting) : item->index, &ordinal))
		return tally_task(job_task(job, ordinal));
	return tally_job(job);
}

static Verdict judge_after(const Tally *tally, const Depend *item, int64_t now, int64_t *when)
{
	int64_t due = tally->begun + (int64_t)item->minutes * 60000;

	if (tally->pending)
		return DEPEND_WAITS;
	/* A start that is still to come was written down before the clock was set back and the mount made anew. */
	if (now >= due || tally->begun > now)
		return DEPEND_MET;
	if (due < *when)
		*when = due;
	return DEPEND_WAITS;
}

static Verdict judge_tally(const Tally *tally, const Depend *item, const Task *waiting, int64_t now, int64_t *when)
{
	bool over = !tally->pending && !tally->running;

	switch (item->kind) {
	case DEPEND_AFTER:
		return judge_after(tally, item, now, when);
	case DEPEND_CORR:
		/* The rest is judged when all of its partners have ended: they take their own out of it. */
		if (task_is_rest(waiting) && !over)
			return DEPEND_WAITS;
		/* fall through */
	case DEPEND_OK:
		return tally->bad ? DEPEND_NEVER : over ? DEPEND_MET : DEPEND_WAITS;
	case DEPEND_NOT_OK:
		return !over ? DEPEND_WAITS : tally->bad ? DEPEND_MET : DEPEND_NEVER;
	default:
		return over ? DEPEND_MET : DEPEND_WAITS;
	}
}

static bool is_alone(const Job *job)
{
	const Job *first = first_unfinished(job->name);

	return !first || first->id >= job->id;
}

static Verdict judge_item(Cluster *cluster, const Depend *item, const Task *waiting, int64_t now, int64_t *when)
{
	const Job *job;
	Tally tally;

	if (item->kind == DEPEND_SINGLETON)
		return is_alone(waiting->job) ? DEPEND_MET : DEPEND_WAITS;
	job = cluster_job(cluster, item->job);
	if (!job)       /* only somebody who edits the database can forget one that is waited for */
		return item->kind == DEPEND_AFTER || item->kind == DEPEND_ANY ? DEPEND_MET : DEPEND_NEVER;
	tally = tally_of(job, item, waiting);
	return judge_tally(&tally, item, waiting, now, when);
}

Verdict dependents_judge(Cluster *cluster, const Task *task, int64_t now, int64_t *when)
{
	const Depends *depends = task->job->depends;
	Verdict decisive = depends && depends->any ? DEPEND_MET : DEPEND_NEVER;
	size_t waiting = 0;

	for (size_t i = 0; depends && i < depends->count; i++) {
		Verdict verdict = judge_item(cluster, &depends->items[i], task, now, when);

		if (verdict == decisive)
			return decisive;
		waiting += verdict == DEPEND_WAITS;
	}
	if (waiting)
		return DEPEND_WAITS;
	return decisive == DEPEND_NEVER ? DEPEND_MET : DEPEND_NEVER;
}

/* --- something happened -------------------------------------------------------------------- */

void dependents_note(Cluster *cluster, const Task *task)
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
	Job *next = job_is_finished(job) ? first_unfinished(job->name) : NULL;

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
void dependents_undone(Cluster *cluster, const Task *own)
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
void dependents_call_pairs(Cluster *cluster, Job *by)
{
	for (size_t i = 0; has_pairs(by) && i < by->depends->count; i++) {
		const Job *job = cluster_job(cluster, by->depends->items[i].job);

		if (by->depends->items[i].kind == DEPEND_CORR && job && job->array)
			call_partners(cluster, by, job);
	}
}
