/* show.c - values as text. */
#include "show.h"

#include "../node/match.h"
#include "../store/depend.h"
#include "../store/job.h"

void show_time(Buf *out, int64_t ms)
{
	if (ms > 0)
		buf_addf(out, "%lld.%03d", (long long)(ms / 1000), (int)(ms % 1000));
	buf_add_char(out, '\n');
}

void show_elapsed(Buf *out, int64_t ms)
{
	/* Where the clock was set back, what began seems to be still to come. */
	long long seconds = ms > 0 ? ms / 1000 : 0, days = seconds / 86400, hours = seconds / 3600 % 24;

	if (days)
		buf_addf(out, "%lld-%02lld:", days, hours);
	else if (hours)
		buf_addf(out, "%lld:", hours);
	buf_addf(out, seconds >= 3600 ? "%02lld:%02lld" : "%lld:%02lld", seconds / 60 % 60, seconds % 60);
}

static bool any_node_takes_work(Cluster *cluster, const Spec *spec)
{
	Match match = match_begin(cluster, spec);
	Node *node;

	while ((node = match_next(&match)))
		if (node->up && !node->drain)
			return true;
	return false;
}

/* What it waits for before any node is looked at; NULL: nothing. */
static const char *why_blocked(Fs *fs, const Task *task)
{
	const Array *array = task->job->array;
	int64_t now = clock_ms(), when = INT64_MAX;
	Verdict verdict = task->job->depends ? depends_judge(fs->cluster, task, clock_forward_ms(), &when) : DEPEND_MET;

	if (verdict != DEPEND_MET)
		return verdict == DEPEND_NEVER ? "DependencyNeverSatisfied" : "Dependency";
	if (task->job->begins > now)
		return "BeginTime";
	return array && array_is_busy(array) ? "JobArrayTaskLimit" : NULL;
}

/* squeue's words for those that wait: the one that is next waits for Resources, the others for it. */
static const char *why_pending(Fs *fs, const Task *task)
{
	const char *blocked = task->now.placed ? NULL : why_blocked(fs, task);
	/* What is set aside may want nodes of its own choice. */
	const Spec *spec = task->queue == QUEUE_ASIDE ? cluster_spec(fs->cluster, task->job, NULL) : NULL;

	if (blocked)
		return blocked;
	if (!task->now.placed && !any_node_takes_work(fs->cluster, spec))
		return "ReqNodeNotAvail";
	if (task->now.placed || task->queue == QUEUE_ASIDE || task == cluster_next_pending(fs->cluster))
		return "Resources";
	return "Priority";
}

void show_reason(Fs *fs, const Task *task, Buf *out)
{
	Reason reason = task->now.reason;

	if (reason == REASON_NONE && task->now.state == TASK_PENDING)
		buf_add_text(out, why_pending(fs, task));
	else if (reason == REASON_SIGNAL)
		buf_addf(out, "%s:%d", reason_name(reason), task->now.exit - 128);
	else
		buf_add_text(out, reason_name(reason));
}

/* The task that made its state what it is. */
static const Task *telling_task(const Job *job)
{
	TaskState state = job_state(job);
	Task *own;

	if (job->array->rest && job->task.now.state == state)
		return &job->task;
	for (uint32_t i = 0; (own = array_next_own(job->array, &i)); i++)
		if (own->now.state == state)
			return own;
	return &job->task;
}

void show_job_reason(Fs *fs, const Job *job, Buf *out)
{
	show_reason(fs, telling_task(job), out);
}

static bool runs_on(const Job *job, const Node *node)
{
	const Task *task;

	TAILQ_FOREACH(task, &node->tasks, on_node)
		if (task->job == job)
			return true;
	return false;
}

void show_job_nodes(Fs *fs, const Job *job, Buf *out)
{
	const char *separator = "";
	Node *node;

	TAILQ_FOREACH(node, cluster_nodes(fs->cluster), all)
		if (runs_on(job, node)) {
			buf_addf(out, "%s%s", separator, node->name);
			separator = ",";
		}
}

void show_harmless(Buf *out, const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_add_char(out, (unsigned char)text[i] < ' ' || text[i] == 0x7f ? '?' : text[i]);
}

const char *show_node(const Task *task)
{
	bool has_one = task->now.node && (task->now.placed || task_is_finished(task));

	return has_one ? task->now.node->name : "";
}
