/* files_root.c - the mount point itself: what is going on, and how to use the tree. */
#include "fs/handle.h"
#include "fs/show.h"
#include "fs/why.h"
#include "store/base/clock.h"
#include "store/base/harmless.h"
#include "store/job.h"
#include "store/nodes.h"

#include <string.h>

static const char readme[] =
	"This directory is a cluster. Jobs are sent, watched and collected with plain file tools.\n"
	"\n"
	"  ls nodes                                  the machines that run jobs\n"
	"  mkdir nodes/USER@HOST                     add one that has an SSH server; rmdir removes it\n"
	"  cat nodes/NAME/reason                     why it does not work, if it does not\n"
	"  echo trust > nodes/NAME/ctl               accept the host key that its fingerprint shows\n"
	"  echo 'hostname' > jobs/new                send a job: a line is a command for sh -c\n"
	"  seq 9 | sed 's/^/expr 2 + /' > jobs/new   send nine\n"
	"  cp job.sh jobs/new                        send a '#!' script, #SBATCH lines and all\n"
	"  { echo 'sim 42'; read id; } <>jobs/new >&0    send one and get its id\n"
	"  cat queue                                 what is not finished: id state reason node name elapsed command\n"
	"  cat jobs/wait                             block until nothing is unfinished\n"
	"  cat jobs/ID/wait                          block until job ID is finished, then its exit code\n"
	"  cat jobs/ID/follow                        its output as it comes, until it ends\n"
	"  cat results/*/stdout                      all outputs, in order of submission\n"
	"  cat results/ID/stderr results/ID/exit     of one job\n"
	"  cat data > jobs/ID/stdin                  for a job with --stdin; echo eof > jobs/ID/ctl ends it\n"
	"  echo cancel > jobs/ID/ctl                 also: signal SIG, hold, release, requeue, priority N, eof\n"
	"  echo drain > nodes/NAME/ctl               also: resume, slots N, features A,B\n"
	"  rm -r results/ID                          forget a finished job\n"
	"  cat errors                                why something was refused\n"
	"  cat stats events                          what the nodes did; every change of state\n"
	"\n"
	"A job starts in the directory its writer stands in, or in a scratch directory if that is in here; files\n"
	"go to other machines with --transfer=FILES and come back, into results/ID/out, with --return=GLOBS.\n"
	"\n"
	"Options come before the command, as for sbatch: --job-name=NAME --cpus-per-task=N --time=H:M:S --mem=2G\n"
	"--hold --nice=N --nodelist=NODE --constraint=FEATURE --array=0-99 --dependency=afterok:ID --begin=22:00\n"
	"--retries=N. An array's tasks are in results/ID/TASK and jobs/ID/TASK. jobs/NAME and results/NAME lead to\n"
	"the newest job of that name, jobs/last to the newest of all.\n"
	"\n"
	"Not listed, but there: jobs/wait, jobs/ID/wait, jobs/ID/follow, jobs/last, jobs/NAME, results/NAME. They\n"
	"can block or would be found twice, and so stay out of the way of grep -r, find and tar.\n"
	"\n"
	"The whole story: man wulfs\n";

static const char cachedir_tag[] =
	"Signature: 8a477f597d28d172789f06886806bc55\n"
	"# A mounted cluster: nothing here is worth a backup. See https://bford.info/cachedir/\n";

static void show_readme(Fs *fs, Subject subject, Buf *out)
{
	(void)fs;
	(void)subject;
	buf_add_text(out, readme);
}

static void show_tag(Fs *fs, Subject subject, Buf *out)
{
	(void)fs;
	(void)subject;
	buf_add_text(out, cachedir_tag);
}

/* --- queue ------------------------------------------------------------------------------------- */

static const char *or_dash(const char *text)
{
	return text[0] ? text : "-";
}

/* The first line of a command is enough to know it by; a script's is its interpreter. */
static void show_command(Fs *fs, const Job *job, Buf *out)
{
	const Spec *spec = cluster_spec(fs->cluster, job, NULL);

	if (spec)
		harmless_add(out, spec->text + spec->command, strcspn(spec->text + spec->command, "\n"));
}

static void show_queued(Fs *fs, const Task *task, Buf *out)
{
	const Job *job = task->job;
	size_t name;

	task_label(task, out);
	buf_addf(out, " %s ", task_state_name(task->now.state));
	why_word(fs, task, out);
	buf_addf(out, " %s ", or_dash(show_node(task)));
	name = out->length;
	harmless_add(out, job->name->text, strlen(job->name->text));
	for (; name < out->length; name++)      /* one word, for awk */
		if (out->data[name] == ' ')
			out->data[name] = '_';
	buf_add_char(out, ' ');
	show_elapsed(out, task->now.started ? clock_wall_ms() - task->now.started : 0);
	buf_add_char(out, ' ');
	show_command(fs, job, out);
	buf_add_char(out, '\n');
}

/* As squeue(1): a line for all of an array's tasks that only wait, one for each other. */
static void show_queued_job(Fs *fs, const Job *job, Buf *out)
{
	const Array *array = job->array;
	const Task *own;

	if (!task_is_finished(&job->task) && (!array || array->rest))
		show_queued(fs, &job->task, out);
	for (uint32_t i = 0; array && (own = array_next_own(array, &i)); i++)
		if (!task_is_finished(own))
			show_queued(fs, own, out);
}

static void show_queue(Fs *fs, Subject subject, Buf *out)
{
	(void)subject;
	for (Job *job = cluster_job_after(fs->cluster, 0); job; job = cluster_job_after(fs->cluster, job->id))
		if (!job_is_finished(job))
			show_queued_job(fs, job, out);
}

/* --- stats ------------------------------------------------------------------------------------- */

static void show_node_stats(const Node *node, uint64_t all, Buf *out)
{
	uint64_t jobs = node->completed + node->failed;
	double seconds = (double)node->job_ms / 1000;

	buf_addf(out, "%10llu | %13.2f | %12.4f | %12.4f | %s\n", (unsigned long long)jobs,
		 all ? 100.0 * (double)jobs / (double)all : 0, seconds, jobs ? seconds / (double)jobs : 0, node->name);
}

static void show_stats(Fs *fs, Subject subject, Buf *out)
{
	uint64_t all = 0;
	Node *node;

	(void)subject;
	TAILQ_FOREACH(node, cluster_nodes(fs->cluster), all)
		all += node->completed + node->failed;
	buf_add_text(out, " job count | % of all jobs | job time sum | time per job | node\n");
	TAILQ_FOREACH(node, cluster_nodes(fs->cluster), all)
		show_node_stats(node, all, out);
	buf_addf(out, "Time elapsed since mount: %.3f s\n", (double)(clock_mono_ms() - fs->mounted_mono) / 1000);
}

/* --- the rest ---------------------------------------------------------------------------------- */

static uint64_t events_length(Fs *fs, Subject subject)
{
	(void)subject;
	return events_size(fs->events);
}

static int64_t events_time(Fs *fs, Subject subject)
{
	(void)subject;
	return events_changed(fs->events);
}

static void show_errors(Fs *fs, Subject subject, Buf *out)
{
	(void)subject;
	refusals_show(&fs->refusals, out);
}

static int64_t errors_time(Fs *fs, Subject subject)
{
	(void)subject;
	return refusals_changed(&fs->refusals);
}

static bool has_jobs(Fs *fs, Subject subject)
{
	(void)subject;
	return cluster_newest(fs->cluster);
}

static void show_last(Fs *fs, Subject subject, Buf *out)
{
	Job *job = cluster_newest(fs->cluster);

	(void)subject;
	if (job)
		buf_addf(out, "results/%llu", (unsigned long long)job->id);
}

/* --- events ------------------------------------------------------------------------------------ */

static ReadAnswer events_handle_read(Handle *handle, uint64_t offset, size_t n, Chunk *chunk, Err *err)
{
	ssize_t got;

	buf_clear(&handle->text);
	got = events_read(handle->fs->events, offset, buf_space(&handle->text, n), n);
	if (got < 0) {
		err_sys(err, errno, "the events file");
		return READ_REFUSED;
	}
	buf_grew(&handle->text, (size_t)got);
	*chunk = (Chunk){ handle->text.data, (size_t)got, -1, 0 };
	return READ_DONE;
}

static int events_handle_open(Handle *handle, Err *err)
{
	(void)err;
	events_hold(handle->fs->events);
	return 0;
}

static void events_handle_release(Handle *handle)
{
	events_let_go(handle->fs->events);
}

static const HandleKind events_handle = { .open = events_handle_open, .read = events_handle_read, .release = events_handle_release };

static const File root_files[] = {
	{ "README",       S_IFREG | 0444, 0, .show = show_readme },
	{ "CACHEDIR.TAG", S_IFREG | 0444, 0, .show = show_tag },
	{ "queue",        S_IFREG | 0444, 0, .show = show_queue, .changed = events_time },
	{ "stats",        S_IFREG | 0444, 0, .show = show_stats, .changed = events_time },
	{ "events",       S_IFREG | 0444, 0, .kind = &events_handle, .size = events_length, .changed = events_time },
	{ "errors",       S_IFREG | 0444, 0, .show = show_errors, .changed = errors_time },
	{ "last",         S_IFLNK | 0777, 0, .show = show_last, .exists = has_jobs },
	{ "nodes",        S_IFDIR | 0755, 0, .directory = &nodes_directory },
	{ "jobs",         S_IFDIR | 0555, 0, .directory = &jobs_directory },
	{ "results",      S_IFDIR | 0755, 0, .directory = &results_directory },
};

const Directory root_directory = {
	.kind = 0, .mode = 0555, .files = root_files, .count = sizeof root_files / sizeof *root_files,
	.parent = &root_directory,
};
