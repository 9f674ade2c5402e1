/* subject.c - questions about a job. */
#include "fs/subject.h"

#include "store/job.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool subject_find_job(Fs *fs, uint64_t id, Subject *subject)
{
	Job *job = cluster_job(fs->cluster, id);

	*subject = (Subject){ .job = job, .task = job && !job->array ? &job->task : NULL };
	return job;
}

bool subject_find_task(Fs *fs, uint64_t id, Subject *subject)
{
	Job *job = cluster_job_of(fs->cluster, id);

	if (!job || !job->array)
		return false;
	*subject = (Subject){ .job = job, .ordinal = (uint32_t)(id - job->id) };
	subject->task = job_task(job, subject->ordinal);
	return true;
}

void subject_show_job(Subject subject, Buf *out)
{
	buf_addf(out, "%llu", (unsigned long long)subject.job->id);
}

void subject_show_task(Subject subject, Buf *out)
{
	buf_addf(out, "%u", indices_at(&subject.job->array->indices, subject.ordinal));
}

/* The id if name is one, as it is written: no sign, no leading zero. */
static uint64_t parse_id(const char *name)
{
	size_t n = strspn(name, "0123456789");

	return n && !name[n] && n <= 8 && name[0] != '0' ? strtoull(name, NULL, 10) : 0;
}

/* jobs/new and the like are themselves, whatever a job is called. */
static bool is_fixed(const char *name)
{
	for (size_t i = 0; i < jobs_directory.count; i++)
		if (strcmp(jobs_directory.files[i].name, name) == 0)
			return true;
	return false;
}

bool subject_find_child(Fs *fs, const Directory *directory, const char *name, Child *child)
{
	uint64_t id = parse_id(name);
	Job *job = id ? cluster_job(fs->cluster, id) : NULL;
	bool all_digits = !name[strspn(name, "0123456789")];

	if (!job && !all_digits && !is_fixed(name) && strlen(name) <= NAME_MAX)
		job = cluster_named(fs->cluster, name);
	if (!job)
		return false;
	*child = (Child){ directory, job->id, job->id != id };
	return true;
}

/* As it is written: no sign, no leading zero. */
static bool parse_index(const char *name, uint32_t *index)
{
	size_t n = strspn(name, "0123456789");

	if (!n || name[n] || n > 7 || (name[0] == '0' && n > 1))
		return false;
	*index = (uint32_t)strtoul(name, NULL, 10);
	return true;
}

bool subject_find_index(Subject subject, const Directory *directory, const char *name, Child *child)
{
	const Job *job = subject.job;
	uint32_t index, ordinal;

	if (!job->array || !parse_index(name, &index) || !indices_find(&job->array->indices, index, &ordinal))
		return false;
	*child = (Child){ directory, job->id + ordinal, false };
	return true;
}

bool subject_next_index(Subject subject, const Directory *directory, uint64_t after, Child *child, char name[256])
{
	const Job *job = subject.job;
	uint32_t ordinal = after < job->id ? 0 : (uint32_t)(after - job->id) + 1;

	if (!job->array || ordinal >= job->array->indices.count)
		return false;
	*child = (Child){ directory, job->id + ordinal, false };
	snprintf(name, 256, "%u", indices_at(&job->array->indices, ordinal));
	return true;
}

int64_t subject_started(Subject subject)
{
	return subject.task ? subject.task->now.started : job_started(subject.job);
}

int64_t subject_ended(Subject subject)
{
	return subject.task ? subject.task->now.ended : job_ended(subject.job);
}

bool subject_is_finished(Fs *fs, Subject subject)
{
	(void)fs;
	return subject.task ? task_is_finished(subject.task) : job_is_finished(subject.job);
}

void subject_show_exit(Fs *fs, Subject subject, Buf *out)
{
	(void)fs;
	buf_addf(out, "%d\n", subject.task ? subject.task->now.exit : job_exit(subject.job));
}

int64_t subject_newest_change(Fs *fs, Subject subject)
{
	(void)subject;
	return events_changed(fs->events);
}

void subject_show_last(Fs *fs, Subject subject, Buf *out)
{
	const Job *job = cluster_newest(fs->cluster);

	(void)subject;
	if (job)
		buf_addf(out, "%llu", (unsigned long long)job->id);
}

bool subject_has_last(Fs *fs, Subject subject)
{
	(void)subject;
	return cluster_newest(fs->cluster);
}
