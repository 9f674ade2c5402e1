/* commit.c - the end of a turn: everything it did goes to the disk in one transaction, or none of it
 * happened. */
#include "store/commit.h"

#include "store/base/clock.h"
#include "store/change.h"
#include "store/cluster_inside.h"
#include "store/dependents.h"
#include "store/input.h"
#include "store/job.h"
#include "store/node.h"
#include "store/output.h"
#include "store/submit.h"

#include <assert.h>
#include <stdlib.h>

bool cluster_is_dirty(const Cluster *cluster)
{
	return cluster->changes.length || cluster->drafts.length || cluster->nodes_changed;
}

bool cluster_is_lazy(const Cluster *cluster)
{
	return !cluster_is_dirty(cluster) && cluster->forgotten.length;
}

void cluster_watch(Cluster *cluster, Watcher watcher, void *arg)
{
	assert(cluster->watching < WATCHERS_MAX);
	cluster->watchers[cluster->watching].watcher = watcher;
	cluster->watchers[cluster->watching++].arg = arg;
}

void cluster_watch_nodes(Cluster *cluster, NodeWatcher watcher, void *arg)
{
	assert(cluster->watching_nodes < WATCHERS_MAX);
	cluster->node_watchers[cluster->watching_nodes].watcher = watcher;
	cluster->node_watchers[cluster->watching_nodes++].arg = arg;
}

/* --- writing ----------------------------------------------------------------------------------- */

/* Did a run end in this turn that was not the last? */
static bool starts_over(const Change *change)
{
	return change->ran && !task_is_finished(change->task);
}

static int write_change(Records *records, const Change *change, Err *err)
{
	if (change->fresh && records_add_job(records, change->task->job, err) < 0)
		return -1;
	if (change->row && task_is_rest(change->task))
		return records_put_rest(records, change->task->job, err);
	if (change->row && records_put_task(records, change->task, starts_over(change), err) < 0)
		return -1;
	return change->ran ? records_add_run(records, change->task, &change->run, err) : 0;
}

static int write_changes(Cluster *cluster, Err *err)
{
	for (size_t i = 0; i < cluster->changes.length; i++)
		if (write_change(cluster->records, &cluster->changes.item[i], err) < 0)
			return -1;
	return 0;
}

static int write_drafts(Cluster *cluster, Err *err)
{
	for (size_t i = 0; i < cluster->drafts.length; i++) {
		const DraftChange *draft = &cluster->drafts.item[i];
		int rc = draft->text ? records_put_draft(cluster->records, draft->draft, draft->text, draft->length,
							 draft->directory, err)
				     : records_drop_draft(cluster->records, draft->draft, err);

		if (rc < 0)
			return -1;
	}
	return 0;
}

static int write_nodes(Cluster *cluster, NodeList *nodes, Err *err)
{
	Node *node;

	TAILQ_FOREACH(node, nodes, all)
		if (node->changed && records_put_node(cluster->records, node, err) < 0)
			return -1;
	return 0;
}

static int write_rest(Cluster *cluster, Err *err)
{
	for (size_t i = 0; i < cluster->forgotten.length; i++)
		if (records_forget(cluster->records, cluster->forgotten.item[i].job, cluster->forgotten.item[i].tasks, err) < 0)
			return -1;
	if (write_nodes(cluster, &cluster->nodes, err) < 0 || write_nodes(cluster, &cluster->gone, err) < 0)
		return -1;
	if (cluster->job_next != cluster->job_next_kept &&
	    records_put_number(cluster->records, "next_job", (int64_t)cluster->job_next, err) < 0)
		return -1;
	return 0;
}

/* Output that grew is told to the watchers, but writes nothing. */
static bool has_rows(const Cluster *cluster)
{
	if (cluster->drafts.length || cluster->nodes_changed || cluster->forgotten.length)
		return true;
	for (size_t i = 0; i < cluster->changes.length; i++)
		if (cluster->changes.item[i].row || cluster->changes.item[i].fresh)
			return true;
	return false;
}

static int write_turn(Cluster *cluster, Err *err)
{
	if (!has_rows(cluster))
		return 0;
	if (state_check(cluster->state, &cluster->files_kept, err) < 0 || records_begin(cluster->records, err) < 0)
		return -1;
	if (write_changes(cluster, err) == 0 && write_drafts(cluster, err) == 0 && write_rest(cluster, err) == 0 &&
	    records_commit(cluster->records, err) == 0)
		return 0;
	records_rollback(cluster->records);
	return -1;
}

/* Cancelled while it waited on its node. */
static bool was_never_run(const Change *change)
{
	return change->task->now.state == TASK_CANCELLED && !change->run.started;
}

/* The nodes' own counts of what they did; direction -1 takes it back. */
static void count_runs(Cluster *cluster, int direction)
{
	for (size_t i = 0; i < cluster->changes.length; i++) {
		const Change *change = &cluster->changes.item[i];
		Node *node = change->task->now.node;

		if (!change->ran || !task_is_finished(change->task) || was_never_run(change))
			continue;
		if (change->task->now.state == TASK_COMPLETED)
			node->completed += (uint64_t)direction;
		else
			node->failed += (uint64_t)direction;
		if (change->run.started)
			node->job_ms += direction * (change->run.ended - change->run.started);
		cluster_node_changed(cluster, node);
	}
}

/* --- after it succeeded ------------------------------------------------------------------------ */

static void drop_outputs(Task *task)
{
	for (Stream stream = 0; stream < STREAMS; stream++) {
		output_free(task->output[stream]);
		task->output[stream] = NULL;
	}
}

/* Nobody reads it any more. Where the spec was let go of, the disk knows whether there is any. */
static void drop_input(const Cluster *cluster, const Job *job)
{
	if (!job->spec || job->spec->fed)
		input_remove(cluster->state, job->id);
}

/* A run that is over leaves its outputs to the row, or to nobody if the task starts over. */
static void after_change(Cluster *cluster, const Change *change)
{
	Task *task = change->task;
	Job *job = task->job;

	if (starts_over(change))
		outputs_remove(cluster->state, task->id);
	if (change->ran || task_is_finished(task))
		drop_outputs(task);
	if (job_is_finished(job))
		drop_input(cluster, job);
	if (job->spec && (job_is_finished(job) || job->spec->length > SPEC_KEPT_MAX)) {
		spec_free(job->spec);
		job->spec = NULL;
	}
}

static void untouch(Task *task)
{
	task->touched_at = 0;
	if (task->job->array)
		task->job->array->touched--;
}

/* Watchers may look at any task, so all of them are told before anything is dropped, and no task is
 * marked as touched any more. */
static void tell_watchers(Cluster *cluster)
{
	for (size_t i = 0; i < cluster->changes.length; i++)
		untouch(cluster->changes.item[i].task);
	for (int w = 0; w < cluster->watching; w++)
		for (size_t i = 0; i < cluster->changes.length; i++) {
			Change *change = &cluster->changes.item[i];

			cluster->watchers[w].watcher(cluster->watchers[w].arg, change->task,
						     change->fresh ? NULL : &change->before);
		}
}

static void clear_drafts(Cluster *cluster)
{
	for (size_t i = 0; i < cluster->drafts.length; i++) {
		free(cluster->drafts.item[i].text);
		free(cluster->drafts.item[i].directory);
	}
	cluster->drafts.length = 0;
}

static void tell_node_watchers(Cluster *cluster, Node *node)
{
	for (int w = 0; w < cluster->watching_nodes; w++)
		cluster->node_watchers[w].watcher(cluster->node_watchers[w].arg, node, node->before);
}

/* Listed or gone. */
static void nodes_committed(Cluster *cluster, NodeList *nodes)
{
	Node *node;

	TAILQ_FOREACH(node, nodes, all) {
		node->changed = false;
		if (node->before)
			tell_node_watchers(cluster, node);
		node_orders_kept(node);
	}
}

static void committed(Cluster *cluster)
{

	cluster->job_next_kept = cluster->job_next;
	tell_watchers(cluster);
	for (size_t i = 0; i < cluster->changes.length; i++)
		after_change(cluster, &cluster->changes.item[i]);
	cluster->changes.length = 0;
	for (size_t i = 0; i < cluster->files.length; i++)
		outputs_remove(cluster->state, cluster->files.item[i]);
	cluster->forgotten.length = cluster->files.length = 0;
	if (cluster->nodes_changed) {
		nodes_committed(cluster, &cluster->nodes);
		nodes_committed(cluster, &cluster->gone);
	}
	cluster->nodes_changed = false;
	clear_drafts(cluster);
}

/* --- after it failed --------------------------------------------------------------------------- */

/* Back to where it came from. */
static void rejoin(Cluster *cluster, Task *own)
{
	Job *job = own->job;

	dependents_undone(cluster, own);
	cluster_leave(cluster, own);
	cluster_leave(cluster, &job->task);
	array_set_own(job->array, task_ordinal(own), NULL);
	cluster_enter(cluster, &job->task);
	task_free(own);
}

static void undo_change(Cluster *cluster, const Change *change)
{
	Task *task = change->task;

	untouch(task);
	if (change->fresh) {
		dependents_forget(cluster, task->job);
		cluster_remove(cluster, task->job);
		job_free(task->job);
	} else if (change->split) {
		rejoin(cluster, task);
	} else {
		cluster_leave(cluster, task);
		task->now = change->before;
		cluster_enter(cluster, task);
	}
}

static void undo_orders(Cluster *cluster, NodeList *nodes)
{
	Node *node;

	TAILQ_FOREACH(node, nodes, all)
		node_orders_undone(cluster, node);
}

/* Newest first, so that tasks leave and enter lists in the order that undoes it. What was forgotten, and what nodes
 * said of themselves, stays to be written: nobody was promised anything. */
static void undo(Cluster *cluster)
{
	count_runs(cluster, -1);
	for (size_t i = cluster->changes.length; i-- > 0;)
		undo_change(cluster, &cluster->changes.item[i]);
	cluster->changes.length = 0;
	undo_orders(cluster, &cluster->nodes);
	undo_orders(cluster, &cluster->gone);
	cluster->job_next = cluster->job_next_kept;
	clear_drafts(cluster);
}

int cluster_commit(Cluster *cluster, Err *err)
{
	if (!cluster_is_dirty(cluster) && !cluster_is_lazy(cluster))
		return 0;
	count_runs(cluster, +1);
	if (write_turn(cluster, err) < 0) {
		undo(cluster);
		return -1;
	}
	committed(cluster);
	return 0;
}

int cluster_probe(Cluster *cluster, Err *err)
{
	if (state_check(cluster->state, &cluster->files_kept, err) < 0 || records_begin(cluster->records, err) < 0)
		return -1;
	if (records_put_number(cluster->records, "probe", clock_wall_ms(), err) < 0 ||
	    records_commit(cluster->records, err) < 0) {
		records_rollback(cluster->records);
		return -1;
	}
	return 0;
}
