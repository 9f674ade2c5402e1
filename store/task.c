/* task.c - the one place where a task changes.
 *
 * Each verb makes the facts as they are to be and hands them to change(), which checks the step against
 * the table, remembers what was, and settles counts and queues. */
#include "task.h"

#include "cluster_inside.h"
#include "output.h"

#include <assert.h>
#include <stdlib.h>

/* Row: from, column: to. A state may always stay what it is. */
static const bool legal[TASK_STATES][TASK_STATES] = {
	[TASK_PENDING] = { [TASK_PENDING] = true, [TASK_RUNNING] = true, [TASK_COMPLETED] = true,
			   [TASK_FAILED] = true, [TASK_CANCELLED] = true, [TASK_TIMEOUT] = true,
			   [TASK_NODE_FAIL] = true, [TASK_OUT_OF_MEMORY] = true },
	[TASK_RUNNING] = { [TASK_PENDING] = true, [TASK_RUNNING] = true, [TASK_COMPLETED] = true,
			   [TASK_FAILED] = true, [TASK_CANCELLED] = true, [TASK_TIMEOUT] = true,
			   [TASK_NODE_FAIL] = true, [TASK_OUT_OF_MEMORY] = true },
};

Change *cluster_touch(Cluster *cluster, Task *task)
{
	Change *change;

	if (task->touched_at)
		return &cluster->changes.item[task->touched_at - 1];
	change = VECTOR_ADD(&cluster->changes);
	*change = (Change){ .task = task, .before = task->now };
	task->touched_at = cluster->changes.length;
	return change;
}

bool cluster_is_touched(const Task *task)
{
	return task->touched_at != 0;
}

/* --- counts and queues ------------------------------------------------------------------------- */

static void count_on_node(const Task *task, const Facts *facts, int sign)
{
	uint32_t slots = task->job->slots;

	if (!facts->placed)
		return;
	facts->node->slots_placed += (uint32_t)sign * slots;
	if (facts->state == TASK_RUNNING) {
		facts->node->running += (uint32_t)sign;
		facts->node->slots_running += (uint32_t)sign * slots;
	}
}

void cluster_leave(Cluster *cluster, Task *task)
{
	if (task->pending_at)
		pending_remove(&cluster->queues[task->queue], task);
	task->queue = QUEUE_READY;
	if (task->now.placed)
		TAILQ_REMOVE(&task->now.node->tasks, task, on_node);
	count_on_node(task, &task->now, -1);
	cluster->count[task->now.state]--;
}

void cluster_enter(Cluster *cluster, Task *task)
{
	cluster->count[task->now.state]++;
	count_on_node(task, &task->now, +1);
	if (task->now.placed)
		TAILQ_INSERT_TAIL(&task->now.node->tasks, task, on_node);
	if (facts_can_be_placed(&task->now))
		pending_add(&cluster->queues[QUEUE_READY], task);
}

static Change *change(Cluster *cluster, Task *task, const Facts *next)
{
	Change *made = cluster_touch(cluster, task);

	assert(legal[task->now.state][next->state]);
	cluster_leave(cluster, task);
	task->now = *next;
	cluster_enter(cluster, task);
	made->row = true;
	return made;
}

/* --- the verbs --------------------------------------------------------------------------------- */

void task_place(Cluster *cluster, Task *task, Node *node)
{
	Facts next = task->now;

	assert(facts_can_be_placed(&task->now));
	next.placed = true;
	next.adoptable = false;
	next.node = node;
	next.run++;
	change(cluster, task, &next);
}

/* The node has confirmed that the run never started: its number is free again. */
void task_recall(Cluster *cluster, Task *task)
{
	Facts next = task->now;

	assert(next.placed && next.state == TASK_PENDING);
	next.placed = false;
	next.run--;
	change(cluster, task, &next);
}

void task_start(Cluster *cluster, Task *task, int64_t started)
{
	Facts next = task->now;

	assert(next.placed);
	next.state = TASK_RUNNING;
	next.reason = REASON_NONE;
	next.started = started;
	change(cluster, task, &next);
}

static void record_run(Change *change, const Facts *facts, const char *outcome, const Usage *usage)
{
	change->ran = true;
	change->run = (RunRecord){ facts->run, facts->node->name, outcome, facts->started, facts->ended, facts->exit,
				   *usage };
}

void task_finish(Cluster *cluster, Task *task, const Ending *ending)
{
	bool ran = task->now.placed;
	Facts next = task->now;
	Change *made;

	next.state = ending->state;
	next.reason = ending->reason;
	next.exit = ending->exit;
	next.started = ending->started;
	next.ended = ending->ended;
	next.placed = false;
	for (Stream stream = 0; stream < STREAMS; stream++)
		next.size[stream] = task->output[stream] ? output_size(task->output[stream]) : 0;
	made = change(cluster, task, &next);
	if (ran)
		record_run(made, &next, task_state_name(next.state), &ending->usage);
}

/* Back into the queue; what the run wrote is not the next one's. */
static void start_over(Cluster *cluster, Task *task, Facts next, const char *outcome)
{
	static const Usage unknown;
	Change *made;

	next.ended = clock_ms();
	made = cluster_touch(cluster, task);
	record_run(made, &next, outcome, &unknown);
	next.state = TASK_PENDING;
	next.reason = next.reason == REASON_HELD ? REASON_HELD : REASON_NONE;
	next.placed = false;
	next.started = next.ended = 0;
	next.restarts++;
	change(cluster, task, &next);
}

void task_lose(Cluster *cluster, Task *task)
{
	Facts next = task->now;

	assert(next.placed);
	next.lost++;
	if (next.cancelled) {
		task_finish(cluster, task, &(Ending){ .state = TASK_CANCELLED, .reason = REASON_CANCELLED,
				.exit = EXIT_NONE, .started = next.started, .ended = clock_ms() });
	} else if (!task->job->requeue || next.lost >= RUNS_LOST_MAX) {
		task_finish(cluster, task, &(Ending){ .state = TASK_NODE_FAIL, .reason = REASON_NODE_DOWN,
				.exit = EXIT_NONE, .started = next.started, .ended = clock_ms() });
	} else {
		next.adoptable = true;
		start_over(cluster, task, next, "LOST");
	}
}

bool task_can_be_adopted(const Task *task, const Node *node, uint32_t run)
{
	const Facts *now = &task->now;

	return now->adoptable && facts_can_be_placed(now) && now->node == node && now->run == run;
}

void task_adopt(Cluster *cluster, Task *task)
{
	Facts next = task->now;

	next.placed = true;
	next.adoptable = false;
	next.restarts--;
	next.lost--;
	change(cluster, task, &next);
}

void task_requeue(Cluster *cluster, Task *task)
{
	assert(task->now.placed);
	start_over(cluster, task, task->now, "REQUEUED");
}

void task_cancel(Cluster *cluster, Task *task)
{
	Facts next = task->now;

	if (!next.placed) {
		task_finish(cluster, task, &(Ending){ .state = TASK_CANCELLED, .reason = REASON_CANCELLED,
				.exit = EXIT_NONE, .ended = clock_ms() });
		return;
	}
	next.cancelled = true;
	change(cluster, task, &next);
}

void task_hold(Cluster *cluster, Task *task, bool hold)
{
	Facts next = task->now;

	next.reason = hold ? REASON_HELD : REASON_NONE;
	change(cluster, task, &next);
}

void task_set_priority(Cluster *cluster, Task *task, int32_t priority)
{
	Facts next = task->now;

	next.priority = priority;
	change(cluster, task, &next);
}

void task_output_grew(Cluster *cluster, Task *task)
{
	cluster_touch(cluster, task);
}

void task_output_kept(Cluster *cluster, Task *task)
{
	cluster_touch(cluster, task)->row = true;
}
