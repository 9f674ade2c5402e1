/* files_jobs.c - jobs/: where jobs are sent, waited for and steered. `ls jobs` is the queue; look-up answers
 * for every job that is still known. */
#include "handle.h"
#include "show.h"
#include "subject.h"

#include "../node/control.h"

#include <stdlib.h>
#include <string.h>

enum { WAIT_SIZE = 4096 };      /* some cats skip files of size 0 */
#define FOLLOW_SIZE ((uint64_t)1 << 40)

/* --- jobs/wait --------------------------------------------------------------------------------- */

static bool all_finished(Fs *fs, Subject subject)
{
	(void)subject;
	return cluster_unfinished(fs->cluster) == 0;
}

static void show_totals(Fs *fs, Subject subject, Buf *out)
{
	size_t failed = 0;

	(void)subject;
	for (TaskState state = TASK_FAILED; state < TASK_STATES; state++)
		if (state != TASK_CANCELLED)
			failed += cluster_count(fs->cluster, state);
	buf_addf(out, "completed %zu failed %zu cancelled %zu\n", cluster_count(fs->cluster, TASK_COMPLETED), failed,
		 cluster_count(fs->cluster, TASK_CANCELLED));
}

static uint64_t wait_size(Fs *fs, Subject subject)
{
	(void)fs;
	(void)subject;
	return WAIT_SIZE;
}

static uint64_t nothing(Fs *fs, Subject subject)
{
	(void)fs;
	(void)subject;
	return 0;
}

static void show_last(Fs *fs, Subject subject, Buf *out)
{
	Job *job = cluster_newest(fs->cluster);

	(void)subject;
	if (job)
		buf_addf(out, "%llu", (unsigned long long)job->id);
}

static bool has_last(Fs *fs, Subject subject)
{
	(void)subject;
	return cluster_newest(fs->cluster);
}

static const File jobs_files[] = {
	{ "new",  S_IFREG | 0600, 0,   .kind = &new_handle, .size = nothing },
	{ "wait", S_IFREG | 0444, SHY, .show = show_totals, .ready = all_finished, .size = wait_size },
	{ "last", S_IFLNK | 0777, SHY, .show = show_last, .exists = has_last },
};

/* --- finding jobs ------------------------------------------------------------------------------ */

static bool lookup_job(Fs *fs, const char *name, Child *child)
{
	return subject_find_child(fs, &job_directory, name, child);
}

static bool next_unfinished(Fs *fs, uint64_t after, Child *child, char name[256])
{
	Job *job = cluster_job_after(fs->cluster, after);

	while (job && task_is_finished(&job->task))
		job = cluster_job_after(fs->cluster, job->id);
	if (!job)
		return false;
	*child = (Child){ &job_directory, job->id, false };
	snprintf(name, 256, "%llu", (unsigned long long)job->id);
	return true;
}

const Directory jobs_directory = {
	.kind = 3, .mode = 0555, .files = jobs_files, .count = sizeof jobs_files / sizeof *jobs_files,
	.parent = &root_directory, .changed = subject_newest_change, .lookup = lookup_job, .next = next_unfinished,
};

/* --- jobs/ID ----------------------------------------------------------------------------------- */

static void show_spec(Fs *fs, Subject subject, Buf *out)
{
	const Spec *spec = cluster_spec(fs->cluster, subject.job, NULL);

	if (!spec)
		return;
	buf_add(out, spec->text, spec->length);
	if (!spec->script)
		buf_add_char(out, '\n');
}

static void show_state(Fs *fs, Subject subject, Buf *out)
{
	(void)fs;
	buf_addf(out, "%s\n", task_state_name(subject.job->task.now.state));
}

static void show_job_reason(Fs *fs, Subject subject, Buf *out)
{
	show_reason(fs, &subject.job->task, out);
	buf_add_char(out, '\n');
}

static void show_job_node(Fs *fs, Subject subject, Buf *out)
{
	(void)fs;
	buf_addf(out, "%s\n", show_node(&subject.job->task));
}

static void show_name(Fs *fs, Subject subject, Buf *out)
{
	(void)fs;
	show_harmless(out, subject.job->name->text, strlen(subject.job->name->text));
	buf_add_char(out, '\n');
}

static void show_priority(Fs *fs, Subject subject, Buf *out)
{
	(void)fs;
	buf_addf(out, "%d\n", subject.job->task.now.priority);
}

static void show_submitted(Fs *fs, Subject subject, Buf *out)
{
	(void)fs;
	show_time(out, subject.job->submitted);
}

static void show_started(Fs *fs, Subject subject, Buf *out)
{
	(void)fs;
	show_time(out, subject.job->task.now.started);
}

static void show_ended(Fs *fs, Subject subject, Buf *out)
{
	(void)fs;
	show_time(out, subject.job->task.now.ended);
}

static void show_attempt(Fs *fs, Subject subject, Buf *out)
{
	(void)fs;
	buf_addf(out, "%u\n", subject.job->task.now.run);
}

static int take_job_verb(Fs *fs, Subject subject, const char *line, size_t n, Err *err)
{
	return control_job(fs->roster, subject.job, line, n, err);
}

static bool is_fed(Fs *fs, Subject subject)
{
	const Spec *spec = cluster_spec(fs->cluster, subject.job, NULL);

	return spec && spec->fed;
}

/* Shells make the file they are told to write to. */
static const char *why_no_file(const char *name)
{
	return strcmp(name, "stdin") == 0
	       ? "this job's stdin is /dev/null; submit it with --stdin, and what is written here is what it reads"
	       : NULL;
}

static uint64_t follow_size(Fs *fs, Subject subject)
{
	(void)fs;
	(void)subject;
	return FOLLOW_SIZE;
}

static const File job_files[] = {
	{ "spec",      S_IFREG | 0444, 0,   .show = show_spec },
	{ "state",     S_IFREG | 0444, 0,   .show = show_state },
	{ "reason",    S_IFREG | 0444, 0,   .show = show_job_reason },
	{ "node",      S_IFREG | 0444, 0,   .show = show_job_node },
	{ "name",      S_IFREG | 0444, 0,   .show = show_name },
	{ "priority",  S_IFREG | 0444, 0,   .show = show_priority },
	{ "submitted", S_IFREG | 0444, 0,   .show = show_submitted },
	{ "started",   S_IFREG | 0444, 0,   .show = show_started },
	{ "ended",     S_IFREG | 0444, 0,   .show = show_ended },
	{ "attempt",   S_IFREG | 0444, 0,   .show = show_attempt },
	{ "ctl",       S_IFREG | 0200, 0,   .take = take_job_verb },
	{ "stdin",     S_IFREG | 0200, 0,   .kind = &stdin_handle, .exists = is_fed, .size = nothing },
	{ "wait",      S_IFREG | 0444, SHY, .show = subject_show_exit, .ready = subject_is_finished, .size = wait_size },
	{ "follow",    S_IFREG | 0444, SHY, .kind = &follow_handle, .size = follow_size },
};

static int64_t job_changed(Fs *fs, Subject subject)
{
	const Facts *now = &subject.job->task.now;

	(void)fs;
	return now->ended ? now->ended : now->started ? now->started : subject.job->submitted;
}

const Directory job_directory = {
	.kind = 4, .mode = 0555, .files = job_files, .count = sizeof job_files / sizeof *job_files,
	.parent = &jobs_directory, .find = subject_find_job, .changed = job_changed, .why_no_file = why_no_file,
};
