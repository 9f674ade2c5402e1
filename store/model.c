/* model.c - the words for states, and the questions that only look at a noun. */
#include "store/model.h"

#include <string.h>

static const char *const task_states[TASK_STATES] = {
	[TASK_PENDING] = "PENDING", [TASK_RUNNING] = "RUNNING", [TASK_COMPLETED] = "COMPLETED",
	[TASK_FAILED] = "FAILED", [TASK_CANCELLED] = "CANCELLED", [TASK_TIMEOUT] = "TIMEOUT",
	[TASK_NODE_FAIL] = "NODE_FAIL", [TASK_OUT_OF_MEMORY] = "OUT_OF_MEMORY",
};

static const char *const reasons[REASONS] = {
	[REASON_NONE] = "None", [REASON_HELD] = "JobHeldUser", [REASON_DRAFT] = "JobHeldUnfinishedWrite",
	[REASON_EXIT] = "NonZeroExitCode", [REASON_SIGNAL] = "RaisedSignal", [REASON_TIME_LIMIT] = "TimeLimit",
	[REASON_MEMORY] = "OutOfMemory",
	[REASON_LAUNCH] = "JobLaunchFailure", [REASON_NODE_DOWN] = "NodeDown", [REASON_CANCELLED] = "Cancelled",
	[REASON_NEVER] = "DependencyNeverSatisfied",
};

static const char *const node_states[NODE_STATES] = {
	[NODE_FOUND] = "FOUND", [NODE_UNTRUSTED] = "UNTRUSTED", [NODE_CONNECTING] = "CONNECTING", [NODE_IDLE] = "IDLE", [NODE_MIXED] = "MIXED",
	[NODE_ALLOCATED] = "ALLOCATED", [NODE_DRAINING] = "DRAINING", [NODE_DRAINED] = "DRAINED",
	[NODE_DOWN] = "DOWN",
};

static int index_of(const char *const *words, int n, const char *word)
{
	for (int i = 0; i < n; i++)
		if (strcmp(words[i], word) == 0)
			return i;
	return -1;
}

const char *task_state_name(TaskState state)
{
	return task_states[state];
}

int task_state_of(const char *name)
{
	return index_of(task_states, TASK_STATES, name);
}

const char *reason_name(Reason reason)
{
	return reasons[reason];
}

int reason_of(const char *name)
{
	return index_of(reasons, REASONS, name);
}

const char *node_state_name(NodeState state)
{
	return node_states[state];
}

bool task_is_finished(const Task *task)
{
	return task->now.state > TASK_RUNNING;
}

bool facts_can_be_placed(const Facts *facts)
{
	return facts->state == TASK_PENDING && !facts->placed &&
	       facts->reason != REASON_HELD && facts->reason != REASON_DRAFT;
}

uint32_t node_slots(const Node *node)
{
	return node->slots_wanted ? node->slots_wanted : node->slots_default;
}

NodeState node_state(const Node *node)
{
	if (node->found)
		return NODE_FOUND;
	if (node->untrusted)
		return NODE_UNTRUSTED;
	if (!node->up)
		return node->trouble ? NODE_DOWN : NODE_CONNECTING;
	if (node->drain)
		return node->running ? NODE_DRAINING : NODE_DRAINED;
	if (node->slots_running == 0)
		return NODE_IDLE;
	return node->slots_running < node_slots(node) ? NODE_MIXED : NODE_ALLOCATED;
}
