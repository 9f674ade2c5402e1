/* change.c - what a turn has changed so far, and the counts and queues that follow a task's facts. */
#include "store/change.h"

#include "store/cluster_inside.h"
#include "store/job.h"
#include "store/queues.h"

Change *cluster_touch(Cluster *cluster, Task *task)
{
	Change *change;

	if (task->touched_at)
		return &cluster->changes.item[task->touched_at - 1];
	change = VECTOR_ADD(&cluster->changes);
	*change = (Change){ .task = task, .before = task->now };
	task->touched_at = cluster->changes.length;
	if (task->job->array)
		task->job->array->touched++;
	return change;
}

/* --- counts and queues --------------------------------------------------------------------- */

static void count_on_node(const Task *task, const Facts *facts, int sign)
{
	if (!facts->placed)
		return;
	facts->node->slots_placed += (uint32_t)sign * facts->slots;
	facts->node->exclusive_placed += (uint32_t)sign * task->job->exclusive;
	facts->node->memory_placed += (uint64_t)sign * task->job->memory;
	if (facts->state == TASK_RUNNING) {
		facts->node->running += (uint32_t)sign;
		facts->node->slots_running += (uint32_t)sign * facts->slots;
	}
}

/* The rest of an array counts as many times as it has tasks. */
static void count_in_array(const Task *task, Array *array, uint32_t weight, int sign)
{
	const Facts *now = &task->now;

	array->in_state[now->state] += (uint32_t)sign * weight;
	array->placed += (uint32_t)sign * now->placed;
	if (!task_is_finished(task))
		return;
	array->exits[now->exit] += (uint32_t)sign * weight;
}

static void count(Cluster *cluster, const Task *task, int sign)
{
	Array *array = task->job->array;
	uint32_t weight = task_is_rest(task) ? array->rest : 1;

	cluster->count[task->now.state] += (size_t)sign * weight;
	count_on_node(task, &task->now, sign);
	if (array)
		count_in_array(task, array, weight, sign);
}

static void note_times(const Task *task)
{
	const Facts *now = &task->now;
	Array *array = task->job->array;

	if (!array)
		return;
	if (now->started && (!array->started || now->started < array->started))
		array->started = now->started;
	if (now->ended > array->ended)
		array->ended = now->ended;
}

void cluster_leave(Cluster *cluster, Task *task)
{
	if (task->pending_at)
		pending_remove(cluster_queue(cluster, task), task);
	task->queue = QUEUE_READY;
	if (task->now.placed)
		TAILQ_REMOVE(&task->now.node->tasks, task, on_node);
	count(cluster, task, -1);
}

/* Of an array's rest there may be nothing left. */
static bool is_there(const Task *task)
{
	return !task_is_rest(task) || task->job->array->rest;
}

void cluster_enter(Cluster *cluster, Task *task)
{
	count(cluster, task, +1);
	note_times(task);
	if (task->now.placed)
		TAILQ_INSERT_TAIL(&task->now.node->tasks, task, on_node);
	if (facts_can_be_placed(&task->now) && is_there(task))
		pending_add(&cluster->queues[QUEUE_READY], task);
}
