/* dispatch.c - match waiting tasks with free slots.
 *
 * Runs on the owner thread. Never writes to a link: it only places runs; worker_act sends them once they
 * are committed. Priority first, then order of submission. The first task that has to wait for slots stops
 * those behind it, or small tasks would keep a large one waiting for ever; one that no node is large
 * enough for is set aside. */
#include "dispatch.h"

#include "../store/task.h"

static bool takes_work(const Node *node)
{
	return node->up && !node->drain;
}

/* A little more than its slots, so that a short task never waits for a round trip. */
static bool has_room(const Node *node, uint32_t slots)
{
	uint32_t limit = node_slots(node) + node->slots_ahead;

	return slots <= node_slots(node) && node->slots_placed < limit && slots <= limit - node->slots_placed;
}

/* The node with the greatest free share; below zero once work is queued ahead. */
static double free_share(const Node *node)
{
	return 1 - (double)node->slots_placed / node_slots(node);
}

static Node *best_node(Cluster *cluster, uint32_t slots)
{
	Node *node, *best = NULL;

	TAILQ_FOREACH(node, cluster_nodes(cluster), all)
		if (takes_work(node) && has_room(node, slots) && (!best || free_share(node) > free_share(best)))
			best = node;
	return best;
}

static bool could_ever_run(Cluster *cluster, uint32_t slots)
{
	Node *node;

	TAILQ_FOREACH(node, cluster_nodes(cluster), all)
		if (takes_work(node) && slots <= node_slots(node))
			return true;
	return false;
}

static bool any_takes_work(Cluster *cluster)
{
	Node *node;

	TAILQ_FOREACH(node, cluster_nodes(cluster), all)
		if (takes_work(node))
			return true;
	return false;
}

void dispatch(Cluster *cluster)
{
	Task *task;

	if (!any_takes_work(cluster))
		return;
	while ((task = cluster_next_pending(cluster))) {
		Node *node = best_node(cluster, task->job->slots);

		if (node)
			task_place(cluster, task, node);
		else if (!could_ever_run(cluster, task->job->slots))
			cluster_set_aside(cluster, task);
		else
			break;
	}
}
