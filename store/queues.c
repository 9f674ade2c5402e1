/* queues.c - pending tasks: in the queue, or set aside until something happens. */
#include "store/queues.h"

#include "store/array.h"
#include "store/cluster_inside.h"

Task *cluster_next_pending(const Cluster *cluster)
{
	return pending_first(&cluster->queues[QUEUE_READY]);
}

Pending *cluster_queue(Cluster *cluster, const Task *task)
{
	return task->queue == QUEUE_LIMITED ? &task->job->array->limited : &cluster->queues[task->queue];
}

void cluster_set_aside(Cluster *cluster, Task *task, Queue queue)
{
	pending_remove(cluster_queue(cluster, task), task);
	task->queue = queue;
	pending_add(cluster_queue(cluster, task), task);
}

void cluster_admit(Cluster *cluster, const Job *job)
{
	Task *first = job->array ? pending_first(&job->array->limited) : NULL;

	if (first && !array_is_busy(job->array))
		cluster_set_aside(cluster, first, QUEUE_READY);
}

void cluster_call_back(Cluster *cluster, Queue queue)
{
	Task *task;

	while ((task = pending_first(&cluster->queues[queue])))
		cluster_set_aside(cluster, task, QUEUE_READY);
}

void cluster_reconsider(Cluster *cluster)
{
	cluster_call_back(cluster, QUEUE_ASIDE);
}

void cluster_block(Cluster *cluster, Task *task, int64_t when)
{
	cluster_set_aside(cluster, task, QUEUE_BLOCKED);
	if (when < cluster->next_due)
		cluster->next_due = when;
}

int64_t cluster_next_due(const Cluster *cluster)
{
	return cluster->next_due;
}
