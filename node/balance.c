/* balance.c - take back work that waits on one node while another idles.
 *
 * Runs on the owner thread. A task is recalled only for an idle node that may run it and has room for it: a task
 * that would come back to where it was would be sent there again, and again. A recall under way keeps the room that
 * it was made for, so that no later turn recalls another task for the same slots. What fits into the slots of its
 * node stays there, as its files may be on their way. */
#include "node/balance.h"

#include "node/match.h"
#include "store/nodes.h"
#include "store/queues.h"

#include <stdlib.h>

enum { LOOKS_MAX = 256 };       /* at tasks, in one turn: long lists are not walked each time */

typedef struct Room {           /* what an idle node can start at once */
	const Node *node;
	uint32_t slots;
	uint64_t memory;
} Room;

typedef struct Rooms {
	Room *item;
	size_t count;
	uint32_t slots;         /* of all of them */
	int looks;              /* at tasks so far */
} Rooms;

static bool idles(const Node *node)
{
	return node->up && !node->drain && !node->exclusive_placed && node->slots_placed < node_slots(node);
}

static void find_rooms(Cluster *cluster, Rooms *rooms)
{
	const Node *node;

	TAILQ_FOREACH(node, cluster_nodes(cluster), all) {
		if (!idles(node))
			continue;
		rooms->item = mem_resize(rooms->item, (rooms->count + 1) * sizeof *rooms->item);
		rooms->item[rooms->count++] = (Room){ node, node_slots(node) - node->slots_placed,
			node->memory > node->memory_placed ? node->memory - node->memory_placed : 0 };
		rooms->slots += node_slots(node) - node->slots_placed;
	}
}

static bool has_space(const Room *room, const Job *job)
{
	return (job->exclusive ? room->slots == node_slots(room->node) : job->slots <= room->slots) && job->memory <= room->memory;
}

static Room *room_for(Cluster *cluster, const Rooms *rooms, const Task *task)
{
	const Spec *spec = cluster_spec(cluster, task->job, NULL);

	for (size_t i = 0; spec && i < rooms->count; i++)
		if (has_space(&rooms->item[i], task->job) && match_node(rooms->item[i].node, spec))
			return &rooms->item[i];
	return NULL;
}

static void fill(Rooms *rooms, Room *room, const Job *job)
{
	uint32_t slots = job->exclusive ? room->slots : job->slots;

	room->slots -= slots;
	room->memory -= job->memory;
	rooms->slots -= slots;
}

static void consider(Cluster *cluster, Task *task, Rooms *rooms, const Recaller *recaller)
{
	RecallStep step = recaller->step(recaller->arg, task);
	Room *room = step == RECALL_IMPOSSIBLE ? NULL : room_for(cluster, rooms, task);

	if (!room)
		return;
	fill(rooms, room, task->job);
	if (step == RECALL_POSSIBLE)
		recaller->recall(recaller->arg, task);
}

/* The newest first: they would wait longest. */
static void relieve(Cluster *cluster, const Node *node, Rooms *rooms, const Recaller *recaller)
{
	uint32_t slots = node_slots(node), beyond = node->slots_placed > slots ? node->slots_placed - slots : 0;
	Task *task;

	TAILQ_FOREACH_REVERSE(task, &node->tasks, TaskList, on_node) {
		if (beyond == 0 || rooms->slots == 0 || rooms->looks == LOOKS_MAX)
			return;
		rooms->looks++;
		if (task->now.state != TASK_PENDING)
			continue;
		consider(cluster, task, rooms, recaller);
		beyond -= task->now.slots < beyond ? task->now.slots : beyond;
	}
}

void balance(Cluster *cluster, const Recaller *recaller)
{
	Rooms rooms = { NULL, 0, 0, 0 };
	Node *node;

	if (cluster_next_pending(cluster))
		return;         /* room is for those first */
	find_rooms(cluster, &rooms);
	if (rooms.count)
		TAILQ_FOREACH(node, cluster_nodes(cluster), all)
			relieve(cluster, node, &rooms, recaller);
	free(rooms.item);
}
