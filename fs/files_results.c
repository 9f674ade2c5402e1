/* files_results.c - results/: what jobs wrote and how they ended. Nothing but job directories in here, so
 * that a glob over results/ means what it says. */
#include "fs/handle.h"
#include "fs/subject.h"
#include "store/job.h"
#include "store/output.h"
#include "store/submit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool lookup_result(Fs *fs, Subject subject, const char *name, Child *child)
{
	(void)subject;
	return subject_find_child(fs, &result_directory, name, child);
}

static bool next_job(Fs *fs, Subject subject, uint64_t after, Child *child, char name[256])
{
	Job *job = cluster_job_after(fs->cluster, after);

	(void)subject;
	if (!job)
		return false;
	*child = (Child){ &result_directory, job->id, false };
	snprintf(name, 256, "%llu", (unsigned long long)job->id);
	return true;
}

static int refuse_unfinished(const Job *job, Err *err)
{
	return err_set(err, EBUSY, "job %llu is not finished; `echo cancel > jobs/%llu/ctl` first",
		       (unsigned long long)job->id, (unsigned long long)job->id);
}

static int forget(Fs *fs, Subject subject, const char *name, Err *err)
{
	Child child;
	Job *job;

	if (turn_commit(fs->turn, err) < 0)     /* a job that is being written now cannot be forgotten */
		return -1;
	if (!lookup_result(fs, subject, name, &child))
		return err_set(err, ENOENT, "results/%s: no such job", name);
	if (child.alias)
		return err_set(err, ENOTDIR, "results/%s: is a link; remove results/%llu", name, (unsigned long long)child.id);
	job = cluster_job(fs->cluster, child.id);
	return job_is_finished(job) ? cluster_forget(fs->cluster, job, err) : refuse_unfinished(job, err);
}

/* rm -r unlinks the files, then removes the directory: only that forgets, as a whole. */
static int unlink_nothing(Fs *fs, Subject subject, Err *err)
{
	(void)fs;
	return job_is_finished(subject.job) ? 0 : refuse_unfinished(subject.job, err);
}

static int unlink_alias(Fs *fs, Subject subject, Err *err)
{
	(void)fs;
	(void)subject;
	return err_set(err, EPERM, "a link to a job cannot be removed; to forget a finished job, rm -r results/ID");
}

static const File results_files[] = {
	{ "last", S_IFLNK | 0777, SHY, .show = subject_show_last, .exists = subject_has_last },
};

const Directory results_directory = {
	.kind = 5, .mode = 0755, .files = results_files, .count = sizeof results_files / sizeof *results_files, .parent = &root_directory, .changed = subject_newest_change, .lookup = lookup_result,
	.next = next_job, .rmdir = forget, .unlink = unlink_alias,
};

/* --- results/ID -------------------------------------------------------------------------------- */

static uint64_t stream_size(Subject subject, Stream stream)
{
	return subject.task ? task_output_length(subject.task, stream) : job_output_length(subject.job, stream);
}

static uint64_t stdout_size(Fs *fs, Subject subject)
{
	(void)fs;
	return stream_size(subject, STREAM_STDOUT);
}

static uint64_t stderr_size(Fs *fs, Subject subject)
{
	(void)fs;
	return stream_size(subject, STREAM_STDERR);
}

static int64_t stream_changed(Subject subject, Stream stream)
{
	const Output *output = subject.task ? subject.task->output[stream] : NULL;

	if (output)
		return output_changed(output);
	return subject_ended(subject) ? subject_ended(subject) : subject.job->submitted;
}

static int64_t stdout_changed(Fs *fs, Subject subject)
{
	(void)fs;
	return stream_changed(subject, STREAM_STDOUT);
}

static int64_t stderr_changed(Fs *fs, Subject subject)
{
	(void)fs;
	return stream_changed(subject, STREAM_STDERR);
}

/* What an array's tasks returned stays apart. */
static bool is_of_one_task(Fs *fs, Subject subject)
{
	(void)fs;
	return subject.task;
}

static const File result_files[] = {
	{ "stdout", S_IFREG | 0444, CACHED, .kind = &output_handle, .size = stdout_size, .changed = stdout_changed },
	{ "stderr", S_IFREG | 0444, CACHED, .kind = &output_handle, .size = stderr_size, .changed = stderr_changed },
	{ "exit",   S_IFREG | 0444, 0,      .show = subject_show_exit, .exists = subject_is_finished },
	{ "out",    S_IFDIR | 0755, 0,      .exists = is_of_one_task, .directory = &out_directory },
};

/* out/, on rm -r's way; what is not there cannot be asked for. */
static int rmdir_nothing(Fs *fs, Subject subject, const char *name, Err *err)
{
	(void)fs, (void)subject, (void)name, (void)err;
	return 0;
}

static int64_t result_changed(Fs *fs, Subject subject)
{
	(void)fs;
	return subject_ended(subject) ? subject_ended(subject) : subject.job->submitted;
}

/* --- results/ID/TASK --------------------------------------------------------------------------- */

static bool lookup_task(Fs *fs, Subject subject, const char *name, Child *child)
{
	(void)fs;
	return subject_find_index(subject, &task_result_directory, name, child);
}

static bool next_task(Fs *fs, Subject subject, uint64_t after, Child *child, char name[256])
{
	(void)fs;
	return subject_next_index(subject, &task_result_directory, after, child, name);
}

/* As unlink: it is the whole job that is forgotten. */
static int remove_nothing(Fs *fs, Subject subject, const char *name, Err *err)
{
	Child child;

	if (!subject.job->array)
		return rmdir_nothing(fs, subject, name, err);
	if (!lookup_task(fs, subject, name, &child))
		return err_set(err, ENOENT, "results/%llu/%s: no such task", (unsigned long long)subject.job->id, name);
	return unlink_nothing(fs, subject, err);
}

const Directory task_result_directory = {
	.kind = 8, .mode = 0755, .files = result_files, .count = sizeof result_files / sizeof *result_files,
	.parent = &result_directory, .find = subject_find_task, .changed = result_changed, .show_name = subject_show_task,
	.rmdir = rmdir_nothing, .unlink = unlink_nothing,
};

const Directory result_directory = {
	.kind = 6, .mode = 0755, .files = result_files, .count = sizeof result_files / sizeof *result_files,
	.parent = &results_directory, .find = subject_find_job, .changed = result_changed, .show_name = subject_show_job,
	.lookup = lookup_task, .next = next_task, .rmdir = remove_nothing, .unlink = unlink_nothing,
};
