/* health.c - when is it the node's fault?
 *
 * Runs on the owner thread. Failures: many jobs in a row fail at once here, and others do well elsewhere meanwhile. The
 * tasks of an array fail for one reason, so an array counts as one job, unless tasks of it do well elsewhere. Losses: the
 * node lost runs several times within minutes and none ended in between. What is lost in one go, by a crash or a
 * power cut, is one loss. A task that was lost before may be to blame itself and counts against no node. */
#include "node/worker/health.h"

#include "node/match.h"
#include "store/base/clock.h"
#include "store/base/log.h"
#include "store/job.h"
#include "store/node.h"
#include "store/nodes.h"

#include <stdio.h>
#include <string.h>

enum {
	BLACK_HOLE = 20,                /* jobs that fail at once, in a row */
	AT_ONCE_MS = 1000,
	LOSSES = 5,                     /* in a row */
	LOSSES_WITHIN_MS = 10 * 60 * 1000,
	ONE_GO_MS = 100,                /* losses that follow so fast are one */
};

static bool takes_work(const Node *node)
{
	return node->up && !node->drain;
}

static void drain(Cluster *cluster, Node *node, const char *why)
{
	log_warn("node %s: %s", node->name, why);
	node->failed_at_once = node->losses = 0;
	node_drain(cluster, node, why);
}

/* --- failures ---------------------------------------------------------------------------------- */

static bool others_do_well(Cluster *cluster, const Node *node)
{
	const Node *other;

	TAILQ_FOREACH(other, cluster_nodes(cluster), all)
		if (other != node && takes_work(other) && other->did_well > node->failing_since)
			return true;
	return false;
}

static uint32_t completed_of(const Job *job)
{
	return job->array ? job->array->in_state[TASK_COMPLETED] : 0;
}

/* Does the failure say something new of the node? One of a job that has not failed here lately does, and one of an
 * array whose tasks do well elsewhere. */
static bool is_news(Node *node, const Job *job)
{
	for (size_t i = 0; i < FAILING_MAX; i++)
		if (node->failing[i].job == job->id)
			return completed_of(job) > node->failing[i].done;
	node->failing[node->failed_at_once % FAILING_MAX] = (Failing){ job->id, completed_of(job) };
	return true;
}

static void note_well(Node *node, int64_t now)
{
	node->failed_at_once = 0;
	node->did_well = now;
	memset(node->failing, 0, sizeof node->failing);
}

void health_note_end(Cluster *cluster, Node *node, const Task *task, const Ending *ending)
{
	int64_t now = clock_mono_ms();
	char why[160];

	node->losses = 0;
	if (ending->state == TASK_COMPLETED || ending->ended - ending->started > AT_ONCE_MS) {
		note_well(node, now);
		return;
	}
	if (node->failed_at_once == 0)
		node->failing_since = now;
	node->failed_at_once += is_news(node, task->job);
	if (node->failed_at_once < BLACK_HOLE || node->drain || !others_do_well(cluster, node))
		return;
	snprintf(why, sizeof why, "%u jobs in a row failed here at once, as job %llu did; mend it, then echo resume > nodes/%.40s/ctl",
		 node->failed_at_once, (unsigned long long)task->id, node->name);
	drain(cluster, node, why);
}

/* --- losses ------------------------------------------------------------------------------------ */

static bool another_could_run(Cluster *cluster, const Node *node, const Job *job)
{
	Match match = match_begin(cluster, cluster_spec(cluster, job, NULL));
	const Node *other;

	while ((other = match_next(&match)))
		if (other != node && takes_work(other) && job->slots <= node_slots(other) && job->memory <= other->memory)
			return true;
	return false;
}

static void count_loss(Node *node, int64_t now, bool alone)
{
	bool same_go = !alone && node->losses && now - node->lost_at < ONE_GO_MS;

	if (!node->losses || now - node->losing_since > LOSSES_WITHIN_MS) {
		node->losses = 0;
		node->losing_since = now;
	}
	if (!same_go)
		node->losses++;
	node->lost_at = now;
}

void health_note_loss(Cluster *cluster, Node *node, const Task *task, bool alone)
{
	char why[160];

	if (task->now.lost)
		return;
	count_loss(node, clock_mono_ms(), alone);
	if (node->losses < LOSSES || node->drain || !another_could_run(cluster, node, task->job))
		return;
	snprintf(why, sizeof why, "it lost what it ran, %u times in a row, lately job %llu; mend it, then echo resume > nodes/%.40s/ctl",
		 node->losses, (unsigned long long)task->id, node->name);
	drain(cluster, node, why);
}

/* --- what is left behind -------------------------------------------------------------------------- */

void health_note_stuck(Cluster *cluster, Node *node, uint64_t task, uint32_t pid, const char *user)
{
	char why[240];

	if (node->drain)
		return;
	snprintf(why, sizeof why, "process %u of user %.60s, left by job %llu, cannot be killed; end it there, then "
		 "echo resume > nodes/%.40s/ctl", pid, user, (unsigned long long)task, node->name);
	drain(cluster, node, why);
}
