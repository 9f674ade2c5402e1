/* files_jobs.c - jobs/: where jobs are sent, waited for and steered. `ls jobs` is the queue; look-up answers
 * for every job that is still known. */
#include "fs/ctl.h"
#include "fs/handle.h"
#include "fs/show.h"
#include "fs/subject.h"
#include "fs/why.h"
#include "store/base/harmless.h"
#include "store/job.h"

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

static const File jobs_files[] = {
	{ "new",  S_IFREG | 0600, 0,   .kind = &new_handle, .size = nothing },
	{ "wait", S_IFREG | 0444, SHY, .show = show_totals, .ready = all_finished, .size = wait_size },
	{ "last", S_IFLNK | 0777, SHY, .show = subject_show_last, .exists = subject_has_last },
};

/* --- finding jobs ------------------------------------------------------------------------------ */

static bool lookup_job(Fs *fs, Subject subject, const char *name, Child *child)
{
	(void)subject;
	return subject_find_child(fs, &job_directory, name, child);
}

static bool next_unfinished(Fs *fs, Subject subject, uint64_t after, Child *child, char name[256])
{
	Job *job = cluster_job_after(fs->cluster, after);

	(void)subject;
	while (job && job_is_finished(job))
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

/* --- jobs/ID and jobs/ID/TASK ----------------------------------------------------------------------------------- */

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
	buf_addf(out, "%s\n", task_state_name(subject.task ? subject.task->now.state : job_state(subject.job)));
}

static const Task *telling_task(Subject subject)
{
	return subject.task ? subject.task : why_task(subject.job);
}

static void show_reason(Fs *fs, Subject subject, Buf *out)
{
	why_word(fs, telling_task(subject), out);
	buf_add_char(out, '\n');
}

static void show_why(Fs *fs, Subject subject, Buf *out)
{
	why_sentence(fs, telling_task(subject), out);
	buf_add_char(out, '\n');
}

/* Empty while nothing is known: before its files are packed, once it has started, without files. */
static void show_sent(Fs *fs, Subject subject, Buf *out)
{
	FilesSent files;

	if (pool_files(fs->pool, telling_task(subject), &files) && files.packed)
		buf_addf(out, "%llu %llu", (unsigned long long)files.there, (unsigned long long)files.all);
	buf_add_char(out, '\n');
}

static void show_where(Fs *fs, Subject subject, Buf *out)
{
	if (subject.task)
		buf_add_text(out, show_node(subject.task));
	else
		show_job_nodes(fs, subject.job, out);
	buf_add_char(out, '\n');
}

static void show_name(Fs *fs, Subject subject, Buf *out)
{
	(void)fs;
	harmless_add(out, subject.job->name->text, strlen(subject.job->name->text));
	buf_add_char(out, '\n');
}

static void show_priority(Fs *fs, Subject subject, Buf *out)
{
	(void)fs;
	buf_addf(out, "%d\n", (subject.task ? subject.task : &subject.job->task)->now.priority);
}

static void show_submitted(Fs *fs, Subject subject, Buf *out)
{
	(void)fs;
	show_time(out, subject.job->submitted);
}

static void show_started(Fs *fs, Subject subject, Buf *out)
{
	(void)fs;
	show_time(out, subject_started(subject));
}

static void show_ended(Fs *fs, Subject subject, Buf *out)
{
	(void)fs;
	show_time(out, subject_ended(subject));
}

/* Of an array, the highest. */
static void show_attempt(Fs *fs, Subject subject, Buf *out)
{
	uint32_t run = (subject.task ? subject.task : &subject.job->task)->now.run;
	const Task *own;

	(void)fs;
	for (uint32_t i = 0; !subject.task && (own = array_next_own(subject.job->array, &i)); i++)
		if (own->now.run > run)
			run = own->now.run;
	buf_addf(out, "%u\n", run);
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

static int take_task_verb(Fs *fs, Subject subject, const char *line, size_t n, Err *err)
{
	return control_task(fs->roster, subject.job, subject.ordinal, line, n, err);
}

static uint64_t follow_size(Fs *fs, Subject subject)
{
	(void)fs;
	(void)subject;
	return FOLLOW_SIZE;
}

/* Where it starts, on nodes that have it. */
static void show_directory(Fs *fs, Subject subject, Buf *out)
{
	const Spec *spec = cluster_spec(fs->cluster, subject.job, NULL);
	char *path = spec ? spec_start_directory(spec, subject.job->directory) : NULL;

	if (path)
		harmless_add(out, path, strlen(path));
	buf_add_char(out, '\n');
	free(path);
}

static void show_verbs(Fs *fs, Subject subject, Buf *out)
{
	const Task *only = subject.job->array ? NULL : &subject.job->task;

	control_show_job(fs->roster, subject.job, subject.task ? subject.task : only, out);
}

#define JOB_FILES(take_verb) \
	{ "spec",      S_IFREG | 0444, 0,   .show = show_spec }, \
	{ "state",     S_IFREG | 0444, 0,   .show = show_state }, \
	{ "reason",    S_IFREG | 0444, 0,   .show = show_reason }, \
	{ "why",       S_IFREG | 0444, 0,   .show = show_why }, \
	{ "sent",      S_IFREG | 0444, 0,   .show = show_sent }, \
	{ "node",      S_IFREG | 0444, 0,   .show = show_where }, \
	{ "name",      S_IFREG | 0444, 0,   .show = show_name }, \
	{ "priority",  S_IFREG | 0444, 0,   .show = show_priority }, \
	{ "submitted", S_IFREG | 0444, 0,   .show = show_submitted }, \
	{ "started",   S_IFREG | 0444, 0,   .show = show_started }, \
	{ "ended",     S_IFREG | 0444, 0,   .show = show_ended }, \
	{ "attempt",   S_IFREG | 0444, 0,   .show = show_attempt }, \
	{ "directory", S_IFREG | 0444, 0,   .show = show_directory }, \
	{ "ctl",       S_IFREG | 0600, 0,   .show = show_verbs, .take = (take_verb) }, \
	{ "wait",      S_IFREG | 0444, SHY, .show = subject_show_exit, .ready = subject_is_finished, .size = wait_size }, \
	{ "follow",    S_IFREG | 0444, SHY, .kind = &follow_handle, .size = follow_size }

static const File job_files[] = {
	JOB_FILES(take_job_verb),
	{ "stdin",     S_IFREG | 0600, 0,   .kind = &stdin_handle, .exists = is_fed, .size = nothing },
};
static const File task_files[] = { JOB_FILES(take_task_verb) };

static int64_t job_changed(Fs *fs, Subject subject)
{
	int64_t started = subject_started(subject), ended = subject_ended(subject);

	(void)fs;
	return ended ? ended : started ? started : subject.job->submitted;
}

static bool lookup_task(Fs *fs, Subject subject, const char *name, Child *child)
{
	(void)fs;
	return subject_find_index(subject, &task_directory, name, child);
}

const Directory job_directory = {
	.kind = 4, .mode = 0555, .files = job_files, .count = sizeof job_files / sizeof *job_files,
	.parent = &jobs_directory, .find = subject_find_job, .changed = job_changed, .show_name = subject_show_job,
	.lookup = lookup_task, .why_no_file = why_no_file,
};

const Directory task_directory = {
	.kind = 7, .mode = 0555, .files = task_files, .count = sizeof task_files / sizeof *task_files,
	.parent = &job_directory, .find = subject_find_task, .changed = job_changed, .show_name = subject_show_task,
};
