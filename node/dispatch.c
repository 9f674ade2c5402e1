/* dispatch.c - match waiting tasks with free slots.
 *
 * Runs on the owner thread. Never writes to a link: it only places runs; worker_act sends them once they
 * are committed. Priority first, then order of submission. The first task that has to wait for slots stops
 * those behind it, or small tasks would keep a large one waiting for ever. One that waits for certain nodes
 * is passed over; one that no node there is could run is set aside; one that waits for other jobs, for its
 * hour, or for its array's other tasks is out of the way until that has come. */
#include "node/dispatch.h"

#include "node/match.h"
#include "store/base/clock.h"
#include "store/depend.h"
#include "store/dependents.h"
#include "store/job.h"
#include "store/nodes.h"
#include "store/queues.h"
#include "store/task.h"

enum {
	PASSED_MAX = 64,        /* in one turn: a queue full of choosy tasks must not be walked each time */
	AVOID_S = 60,           /* so long after a loss another node is waited for */
	LOSS_PAUSE_S = 2,       /* before it is tried again where it was lost, and three times that after each further loss */
};

/* --- nodes ------------------------------------------------------------------------------------- */

typedef struct Need {           /* what a task asks of its node */
	const Job *job;
	const Spec *spec;       /* NULL: it cannot be read now */
	const Node *avoid;      /* where its last run failed or was lost; NULL: none is to be avoided */
} Need;

static bool takes_work(const Node *node)
{
	return node->up && !node->drain;
}

/* A little more than its slots, so that a short task never waits for a round trip. Nothing is sent to where a task
 * wants to be alone: if the node gets more slots meanwhile, it would start there. */
static bool has_slots(const Node *node, uint32_t slots)
{
	uint32_t limit = node_slots(node) + node->slots_ahead;

	return !node->exclusive_placed && slots <= node_slots(node) && node->slots_placed < limit && slots <= limit - node->slots_placed;
}

static bool has_room(const Node *node, const Job *job)
{
	if (job->memory && node->memory_placed + job->memory > node->memory)
		return false;
	return job->exclusive ? node->slots_placed == 0 : has_slots(node, job->slots);
}

static bool is_large_enough(const Node *node, const Job *job)
{
	return job->slots <= node_slots(node) && job->memory <= node->memory;
}

/* The node with the greatest free share; below zero once work is queued ahead. */
static double free_share(const Node *node)
{
	return 1 - (double)node->slots_placed / node_slots(node);
}

static bool suits(const Node *node, const Need *need)
{
	return takes_work(node) && node != need->avoid;
}

static Node *best_node(Cluster *cluster, const Need *need)
{
	Match match = match_begin(cluster, need->spec);
	Node *node, *best = NULL;

	while ((node = match_next(&match)))
		if (suits(node, need) && has_room(node, need->job) && (!best || free_share(node) > free_share(best)))
			best = node;
	return best;
}

static bool could_ever_run(Cluster *cluster, const Need *need)
{
	Match match = match_begin(cluster, need->spec);
	Node *node;

	while ((node = match_next(&match)))
		if (suits(node, need) && is_large_enough(node, need->job))
			return true;
	return false;
}

static bool any_has_room(Cluster *cluster)
{
	Node *node;

	TAILQ_FOREACH(node, cluster_nodes(cluster), all)
		if (takes_work(node) && has_slots(node, 1))
			return true;
	return false;
}

/* --- tasks ------------------------------------------------------------------------------------- */

static int64_t since_loss_s(const Task *task)
{
	return task->now.lost_at ? clock_mono_ms() / 1000 - task->now.lost_at : INT64_MAX;
}

/* Where its last run failed or was lost is the last choice, taken when no other node could do it. */
static Need need_of(Cluster *cluster, const Task *task)
{
	bool avoids = task->now.retried || since_loss_s(task) < AVOID_S;
	Need need = { task->job, cluster_spec(cluster, task->job, NULL), avoids ? task->now.node : NULL };

	if (need.avoid && !could_ever_run(cluster, &need))
		need.avoid = NULL;
	return need;
}

static bool is_choosy(const Need *need)
{
	return need->avoid || (need->spec && match_is_choosy(need->spec));
}

/* Seconds until a task may start again on a node that has lost it so often: five losses take more than a minute. */
static int64_t pause_left_s(const Task *task)
{
	int64_t pause = LOSS_PAUSE_S;

	for (unsigned i = 1; i < task->now.lost; i++)
		pause *= 3;
	return task->now.lost && since_loss_s(task) < pause ? pause - since_loss_s(task) : 0;
}

/* What is due by the clock that never goes back, by the wall clock. */
static Verdict judge_dependency(Cluster *cluster, const Task *task, int64_t *when)
{
	int64_t due = INT64_MAX;
	Verdict verdict = task->job->depends ? dependents_judge(cluster, task, clock_forward_ms(), &due) : DEPEND_MET;

	if (due != INT64_MAX && due - clock_set_back_ms() < *when)
		*when = due - clock_set_back_ms();
	return verdict;
}

/* It may not run yet, or not at all any more, and is out of the way. */
static bool is_blocked(Cluster *cluster, Task *task, int64_t now)
{
	int64_t when = task->job->begins > now ? task->job->begins : INT64_MAX;
	Verdict verdict = judge_dependency(cluster, task, &when);

	if (verdict == DEPEND_NEVER && task->job->depends->kill)
		task_give_up(cluster, task);
	else if (verdict != DEPEND_MET || task->job->begins > now)
		cluster_block(cluster, task, when);
	else if (task->job->array && array_is_busy(task->job->array))
		cluster_set_aside(cluster, task, QUEUE_LIMITED);
	else
		return false;
	return true;
}

/* The next of an array is one of the rest, which gets a task of its own. */
static Task *single(Cluster *cluster, Task *task)
{
	return task_is_rest(task) ? cluster_own_task(cluster, task->job, array_first_of_rest(task->job->array)) : task;
}

/* Nodes only fill up within a turn: who wants what another has just been refused is refused as well. */
typedef struct Round {
	const Job *refused;
	Queue queue;            /* where that one went */
	int passed;
} Round;

static bool wants_the_same(const Job *refused, const Task *task)
{
	const Job *job = task->job;

	return refused && !task->now.retried && !task->now.lost && refused->slots == job->slots && refused->memory == job->memory &&
	       refused->exclusive == job->exclusive && refused->spec && job->spec && match_is_same(refused->spec, job->spec);
}

static void pass(Cluster *cluster, Task *task, Queue queue, Round *round)
{
	cluster_set_aside(cluster, task, queue);
	round->passed += queue == QUEUE_PASSED;
}

static Node *find_node(Cluster *cluster, const Task *task, const Need *need, Round *round)
{
	Node *node;

	if (wants_the_same(round->refused, task))
		return NULL;
	node = best_node(cluster, need);
	if (node)
		return node;
	round->refused = need->avoid ? NULL : task->job;
	round->queue = could_ever_run(cluster, need) ? QUEUE_PASSED : QUEUE_ASIDE;
	return NULL;
}

/* False if it has to wait for room, and all others with it. */
static bool place(Cluster *cluster, Task *task, Round *round)
{
	Need need = need_of(cluster, task);
	Node *node = find_node(cluster, task, &need, round);

	if (node && node == task->now.node && pause_left_s(task))
		cluster_block(cluster, task, clock_wall_ms() + 1000 * pause_left_s(task));
	else if (node)
		task_place(cluster, single(cluster, task), node);
	else if (round->queue == QUEUE_ASIDE || is_choosy(&need))
		pass(cluster, task, round->queue, round);
	else
		return false;
	return true;
}

void dispatch(Cluster *cluster)
{
	Round round = { NULL, QUEUE_PASSED, 0 };
	int64_t now = clock_wall_ms();
	Task *task;

	cluster_settle(cluster, now);
	while (round.passed < PASSED_MAX && any_has_room(cluster) && (task = cluster_next_pending(cluster))) {
		const Job *job = task->job;

		if (!is_blocked(cluster, task, now) && !place(cluster, task, &round))
			break;
		cluster_admit(cluster, job);
	}
	cluster_call_back(cluster, QUEUE_PASSED);
}
