/* dispatch.c - match waiting tasks with free slots.
 *
 * Runs on the owner thread. Never writes to a link: it only places runs; worker_act sends them once they
 * are committed. Priority first, then order of submission. The first task that has to wait for slots stops
 * those behind it, or small tasks would keep a large one waiting for ever. One that waits for certain nodes
 * is passed over; one that no node there is could run is set aside. */
#include "dispatch.h"

#include "match.h"

#include "../store/task.h"

enum { PASSED_MAX = 64 };       /* in one turn: a queue full of choosy tasks must not be walked each time */

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

static Node *best_node(Cluster *cluster, uint32_t slots, const Spec *spec)
{
	Match match = match_begin(cluster, spec);
	Node *node, *best = NULL;

	while ((node = match_next(&match)))
		if (takes_work(node) && has_room(node, slots) && (!best || free_share(node) > free_share(best)))
			best = node;
	return best;
}

static bool could_ever_run(Cluster *cluster, uint32_t slots, const Spec *spec)
{
	Match match = match_begin(cluster, spec);
	Node *node;

	while ((node = match_next(&match)))
		if (takes_work(node) && slots <= node_slots(node))
			return true;
	return false;
}

static bool any_has_room(Cluster *cluster)
{
	Node *node;

	TAILQ_FOREACH(node, cluster_nodes(cluster), all)
		if (takes_work(node) && has_room(node, 1))
			return true;
	return false;
}

/* Nodes only fill up within a turn: who wants what another has just been refused is refused as well. */
static bool wants_the_same(const Job *refused, const Job *job)
{
	return refused && refused->slots == job->slots && refused->spec && job->spec &&
		match_is_same(refused->spec, job->spec);
}

void dispatch(Cluster *cluster)
{
	const Job *refused = NULL;
	Queue queue = QUEUE_PASSED;
	int passed = 0;
	Task *task;

	while (passed < PASSED_MAX && any_has_room(cluster) && (task = cluster_next_pending(cluster))) {
		const Job *job = task->job;
		const Spec *spec = cluster_spec(cluster, job, NULL);
		bool known = wants_the_same(refused, job);
		Node *node = known ? NULL : best_node(cluster, job->slots, spec);

		if (node) {
			task_place(cluster, task, node);
			continue;
		}
		if (!known)
			queue = could_ever_run(cluster, job->slots, spec) ? QUEUE_PASSED : QUEUE_ASIDE;
		if (queue == QUEUE_PASSED && !(spec && match_is_choosy(spec)))
			break;
		refused = job;
		passed += queue == QUEUE_PASSED;
		cluster_set_aside(cluster, task, queue);
	}
	cluster_call_back(cluster, QUEUE_PASSED);
}
