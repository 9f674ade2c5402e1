/* subject.c - questions about a job. */
#include "subject.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

bool subject_find_job(Fs *fs, uint64_t id, Subject *subject)
{
	subject->job = cluster_job(fs->cluster, id);
	return subject->job;
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

bool subject_is_finished(Fs *fs, Subject subject)
{
	(void)fs;
	return task_is_finished(&subject.job->task);
}

void subject_show_exit(Fs *fs, Subject subject, Buf *out)
{
	(void)fs;
	buf_addf(out, "%d\n", subject.job->task.now.exit);
}

int64_t subject_newest_change(Fs *fs, Subject subject)
{
	(void)subject;
	return events_changed(fs->events);
}
