/* submit.c - jobs come, and are forgotten; documents that are still being written. */
#include "store/submit.h"

#include "store/base/clock.h"
#include "store/change.h"
#include "store/cluster_inside.h"
#include "store/depend.h"
#include "store/dependents.h"
#include "store/job.h"
#include "store/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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
	job->depends = dependents_parse(cluster, spec->dependency, &why);
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
	job->submitted = clock_wall_ms();
	job->task.now.priority = priority_of(spec);
	job->task.now.reason = spec->hold ? REASON_HELD : REASON_NONE;
	free(name);
	cluster_insert(cluster, job);
	dependents_register(cluster, job);
	cluster_touch(cluster, &job->task)->fresh = true;
	dependents_call_pairs(cluster, job);
	return job;
}

/* --- forgetting ---------------------------------------------------------------------------- */

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
	if (!job_is_finished(job) || job_is_touched(job))
		return err_set(err, EBUSY, "job %llu is not finished; cancel it first", (unsigned long long)job->id);
	if (dependents_are_left(cluster, job))
		return err_set(err, EBUSY, "an unfinished job depends on job %llu; cancel that one first, or wait for it",
			       (unsigned long long)job->id);
	note_files(cluster, job);
	*VECTOR_ADD(&cluster->forgotten) = (Forgotten){ job->id, job_tasks(job) };
	dependents_forget(cluster, job);
	cluster_remove(cluster, job);
	job_free(job);
	return 0;
}

/* --- drafts -------------------------------------------------------------------------------- */

void cluster_draft(Cluster *cluster, uint64_t *draft, const char *text, size_t n, const char *directory)
{
	DraftChange *change;

	if (!text && !*draft)
		return;
	if (!*draft)
		*draft = ++cluster->draft_next;
	change = VECTOR_ADD(&cluster->drafts);
	*change = (DraftChange){ *draft, text ? mem_copy(text, n) : NULL, n, directory ? mem_copy_text(directory) : NULL };
	if (!text)
		*draft = 0;
}
