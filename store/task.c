/* task.c - the one place where a task changes.
 *
 * Each verb makes the facts as they are to be and hands them to change(), which checks the step against
 * the table, remembers what was, and settles counts and queues. */
#include "store/task.h"

#include "store/base/clock.h"
#include "store/change.h"
#include "store/cluster_inside.h"
#include "store/dependents.h"
#include "store/job.h"
#include "store/output.h"

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

static Change *change(Cluster *cluster, Task *task, const Facts *next)
{
	Change *made = cluster_touch(cluster, task);

	assert(legal[task->now.state][next->state]);
	cluster_leave(cluster, task);
	task->now = *next;
	cluster_enter(cluster, task);
	if (made->before.state != next->state || made->before.placed != next->placed || made->before.reason != next->reason)
		dependents_note(cluster, task);
	made->row = true;
	return made;
}

/* --- the verbs ----------------------------------------------------------------------------- */

void task_place(Cluster *cluster, Task *task, Node *node)
{
	Facts next = task->now;

	assert(facts_can_be_placed(&task->now));
	next.placed = true;
	next.adoptable = false;
	next.node = node;
	next.slots = task->job->exclusive ? node_slots(node) : task->job->slots;
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

/* The clock may have been set back meanwhile. */
static int64_t not_before(int64_t moment, int64_t first)
{
	return moment < first ? first : moment;
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
	next.ended = not_before(ending->ended, next.started);
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

	next.ended = not_before(clock_wall_ms(), next.started);
	made = cluster_touch(cluster, task);
	record_run(made, &next, outcome, &unknown);
	next.state = TASK_PENDING;
	next.reason = next.reason == REASON_HELD ? REASON_HELD : REASON_NONE;
	next.placed = false;
	next.started = next.ended = 0;
	next.exit = 0;
	next.restarts++;
	change(cluster, task, &next);
}

void task_lose(Cluster *cluster, Task *task)
{
	Facts next = task->now;

	assert(next.placed);
	next.lost++;
	next.lost_at = (uint32_t)(clock_mono_ms() / 1000);
	if (next.cancelled) {
		task_finish(cluster, task, &(Ending){ .state = TASK_CANCELLED, .reason = REASON_CANCELLED,
				.exit = EXIT_NONE, .started = next.started, .ended = clock_wall_ms() });
	} else if (!task->job->requeue || next.lost >= RUNS_LOST_MAX) {
		task_finish(cluster, task, &(Ending){ .state = TASK_NODE_FAIL, .reason = REASON_NODE_DOWN,
				.exit = EXIT_NONE, .started = next.started, .ended = clock_wall_ms() });
	} else {
		next.adoptable = true;
		start_over(cluster, task, next, "LOST");
	}
}

bool task_may_retry(const Task *task, const Ending *ending)
{
	return ending->state == TASK_FAILED && ending->reason != REASON_LAUNCH && task->now.retried < task->job->retries;
}

void task_retry(Cluster *cluster, Task *task, const Ending *ending)
{
	Facts next = task->now;

	next.started = ending->started;
	next.exit = ending->exit;
	next.retried++;
	start_over(cluster, task, next, task_state_name(ending->state));
}

bool task_can_be_adopted(const Task *task, const Node *node, uint32_t run)
{
	const Facts *now = &task->now;

	return now->adoptable && facts_can_be_placed(now) && now->node == node && now->run == run &&
	       !(task->job->array && array_is_busy(task->job->array));
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
				.exit = EXIT_NONE, .ended = clock_wall_ms() });
		return;
	}
	next.cancelled = true;
	change(cluster, task, &next);
}

void task_give_up(Cluster *cluster, Task *task)
{
	task_finish(cluster, task, &(Ending){ .state = TASK_CANCELLED, .reason = REASON_NEVER, .exit = EXIT_NONE,
			.ended = clock_wall_ms() });
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
