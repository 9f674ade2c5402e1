/* show.c - values as text. */
#include "fs/show.h"

#include "store/job.h"
#include "store/nodes.h"

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

const char *show_node(const Task *task)
{
	bool has_one = task->now.node && (task->now.placed || task_is_finished(task));

	return has_one ? task->now.node->name : "";
}
