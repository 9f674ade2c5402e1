/* why.c - a cause is a word and what can be said of it. The first that applies is the one: what a task waits for before
 * any node is looked at, then its node, then the nodes that it may have. Only looks at the cluster. */
#include "fs/why.h"

#include "node/match.h"
#include "store/base/clock.h"
#include "store/depend.h"
#include "store/dependents.h"
#include "store/job.h"
#include "store/nodes.h"
#include "store/queues.h"

#include <string.h>

typedef struct Cause {
	const char *word;
	void (*tell)(Fs *fs, const Task *task, Buf *out);       /* absent: nothing more to say */
} Cause;

/* --- before any node is looked at -------------------------------------------------------------- */

static void tell_dependency(Fs *fs, const Task *task, Buf *out)
{
	const Spec *spec = cluster_spec(fs->cluster, task->job, NULL);

	buf_addf(out, "waits for other jobs: --dependency=%s", spec && spec->dependency ? spec->dependency : "...");
}

static void tell_never(Fs *fs, const Task *task, Buf *out)
{
	tell_dependency(fs, task, out);
	buf_addf(out, " cannot come true any more; echo cancel > jobs/%llu/ctl", (unsigned long long)task->id);
}

static void tell_begin(Fs *fs, const Task *task, Buf *out)
{
	int64_t left = task->job->begins - clock_wall_ms();

	(void)fs;
	if (left > 0)
		buf_addf(out, "begins in %lld s", (long long)(left + 999) / 1000);
	else
		buf_addf(out, "was lost with %s, and is tried there again soon", task->now.node ? task->now.node->name : "its node");
}

static void tell_limit(Fs *fs, const Task *task, Buf *out)
{
	(void)fs;
	buf_addf(out, "%u tasks of its array are at work, as many as may be", task->job->array->placed);
}

static const Cause dependency = { "Dependency", tell_dependency }, never = { "DependencyNeverSatisfied", tell_never },
		   begin_time = { "BeginTime", tell_begin }, array_limit = { "JobArrayTaskLimit", tell_limit };

static const Cause *cause_of_its_own(Fs *fs, const Task *task)
{
	const Array *array = task->job->array;
	int64_t when = INT64_MAX;
	Verdict verdict = task->job->depends ? dependents_judge(fs->cluster, task, clock_forward_ms(), &when) : DEPEND_MET;

	if (verdict != DEPEND_MET)
		return verdict == DEPEND_NEVER ? &never : &dependency;
	if (task->job->begins > clock_wall_ms() || task->queue == QUEUE_BLOCKED)
		return &begin_time;
	return array && array_is_busy(array) ? &array_limit : NULL;
}

/* --- its node ---------------------------------------------------------------------------------- */

static void tell_down(Fs *fs, const Task *task, Buf *out)
{
	const Node *node = task->now.node;

	(void)fs;
	buf_addf(out, "%s is down", node->name);
	if (node->trouble)
		buf_addf(out, ": %s", node->trouble);
}

static void tell_staging(Fs *fs, const Task *task, Buf *out)
{
	FilesSent files;

	if (!pool_files(fs->pool, task, &files) || !files.packed)
		buf_add_text(out, "its files are being packed");
	else
		buf_addf(out, "%d %% of its files sent", files.all ? (int)(100.0 * (double)files.there / (double)files.all) : 100);
}

static void tell_sent_ahead(Fs *fs, const Task *task, Buf *out)
{
	(void)fs;
	buf_addf(out, "waits for %s to be free", task->now.node->name);
}

static const Cause node_down = { "NodeDown", tell_down }, staging = { "Staging", tell_staging },
		   sent_ahead = { "Resources", tell_sent_ahead };

static const Cause *cause_of_its_node(Fs *fs, const Task *task)
{
	FilesSent files;

	if (!task->now.node->up)
		return &node_down;
	if (pool_files(fs->pool, task, &files) && (!files.packed || files.there < files.all))
		return &staging;
	return &sent_ahead;
}

/* --- the nodes that it may have ---------------------------------------------------------------- */

typedef struct Choice {         /* of all nodes that it may run on */
	size_t count, working;
	bool unknown;           /* of one nobody knows yet how large it is */
	bool fits;              /* one is large enough */
	const Node *only, *most_slots, *most_memory;
} Choice;

static Choice choice_of(Fs *fs, const Task *task, const Spec *spec)
{
	Match match = match_begin(fs->cluster, spec);
	const Job *job = task->job;
	Choice choice = { 0 };
	const Node *node;

	while ((node = match_next(&match))) {
		choice.only = choice.count++ ? NULL : node;
		choice.working += node->up && !node->drain;
		choice.unknown |= !node_slots(node) || !node->memory;
		choice.fits |= job->slots <= node_slots(node) && job->memory <= node->memory;
		if (!choice.most_slots || node_slots(node) > node_slots(choice.most_slots))
			choice.most_slots = node;
		if (!choice.most_memory || node->memory > choice.most_memory->memory)
			choice.most_memory = node;
	}
	return choice;
}

/* What is set aside may want nodes of its own choice; the others may run anywhere. */
static Choice choice_now(Fs *fs, const Task *task)
{
	return choice_of(fs, task, task->queue == QUEUE_ASIDE ? cluster_spec(fs->cluster, task->job, NULL) : NULL);
}

static void tell_not_there(Fs *fs, const Task *task, Buf *out)
{
	Choice choice = choice_now(fs, task);
	const char *why = choice.only ? choice.only->drain ? choice.only->drain : choice.only->trouble : NULL;

	if (choice.count == 0)
		buf_add_text(out, "there is no node that it may run on: see --nodelist, --exclude, --constraint");
	else if (!choice.only)
		buf_addf(out, "none of the %zu nodes that it may run on takes work now: see hosts", choice.count);
	else
		buf_addf(out, "%s is %s%s%s", choice.only->name, node_state_name(node_state(choice.only)), why ? ": " : "", why ? why : "");
}

static void add_memory(Buf *out, uint64_t bytes)
{
	if (bytes >= (uint64_t)10 << 30)
		buf_addf(out, "%lluG", (unsigned long long)(bytes >> 30));
	else
		buf_addf(out, "%lluM", (unsigned long long)(bytes >> 20));
}

static void tell_too_large(Fs *fs, const Task *task, Buf *out)
{
	Choice choice = choice_now(fs, task);
	const Job *job = task->job;

	if (!choice.count)
		return;
	if (job->slots > node_slots(choice.most_slots)) {
		buf_addf(out, "no node has %u slots; the largest, %s, has %u", job->slots, choice.most_slots->name,
			 node_slots(choice.most_slots));
	} else if (job->memory > choice.most_memory->memory) {
		buf_add_text(out, "no node has ");
		add_memory(out, job->memory);
		buf_addf(out, " of memory; the largest, %s, has ", choice.most_memory->name);
		add_memory(out, choice.most_memory->memory);
	} else {
		buf_addf(out, "no node has both the slots and the memory that it asks for");
	}
}

static void tell_resources(Fs *fs, const Task *task, Buf *out)
{
	(void)fs;
	if (task->now.lost && task->now.node)
		buf_addf(out, "waits for another node than %s, where it was lost", task->now.node->name);
	else if (task->now.retried && task->now.node)
		buf_addf(out, "waits for another node than %s, where it failed", task->now.node->name);
	else
		buf_addf(out, "waits until %u slot%s free", task->job->slots, task->job->slots == 1 ? " is" : "s are");
}

static void tell_priority(Fs *fs, const Task *task, Buf *out)
{
	const Task *first = cluster_next_pending(fs->cluster);

	if (first && first != task)
		buf_addf(out, "waits behind job %llu", (unsigned long long)first->id);
}

static const Cause not_there = { "ReqNodeNotAvail", tell_not_there }, too_large = { "BadConstraints", tell_too_large },
		   resources = { "Resources", tell_resources }, priority = { "Priority", tell_priority };

static bool any_node_works(Fs *fs)
{
	const Node *node;

	TAILQ_FOREACH(node, cluster_nodes(fs->cluster), all)
		if (node->up && !node->drain)
			return true;
	return false;
}

/* squeue's words for those that wait: the one that is next waits for Resources, the others for it. */
static const Cause *cause_of_the_nodes(Fs *fs, const Task *task)
{
	Choice choice;

	if (task->queue != QUEUE_ASIDE)
		return !any_node_works(fs) ? &not_there : task == cluster_next_pending(fs->cluster) ? &resources : &priority;
	choice = choice_now(fs, task);
	if (choice.count && !choice.fits && !choice.unknown)
		return &too_large;
	return choice.working ? &resources : &not_there;
}

/* --- all of them ------------------------------------------------------------------------------- */

static void tell_held(Fs *fs, const Task *task, Buf *out)
{
	(void)fs;
	buf_addf(out, "held; echo release > jobs/%llu/ctl", (unsigned long long)task->id);
}

static void tell_launch(Fs *fs, const Task *task, Buf *out)
{
	(void)fs;
	buf_addf(out, "could not be started: see the last line of results/%llu/stderr", (unsigned long long)task->job->id);
}

static void tell_lost(Fs *fs, const Task *task, Buf *out)
{
	(void)fs;
	if (task_is_finished(task))
		buf_addf(out, "its run was lost with its node, %u time%s", task->now.lost, task->now.lost == 1 ? "" : "s");
}

static void (*const tell_reason[REASONS])(Fs *, const Task *, Buf *) = {
	[REASON_HELD] = tell_held,
	[REASON_DRAFT] = tell_held,
	[REASON_LAUNCH] = tell_launch,
	[REASON_NODE_DOWN] = tell_lost,
};

/* NULL: what its facts say is all. */
static const Cause *cause_of(Fs *fs, const Task *task)
{
	const Facts *now = &task->now;
	const Cause *own;

	if (now->reason != REASON_NONE || task_is_finished(task))
		return NULL;
	if (now->state == TASK_RUNNING)
		return now->node && !now->node->up ? &node_down : NULL;
	if (now->placed)
		return cause_of_its_node(fs, task);
	own = cause_of_its_own(fs, task);
	return own ? own : cause_of_the_nodes(fs, task);
}

void why_word(Fs *fs, const Task *task, Buf *out)
{
	const Cause *cause = cause_of(fs, task);
	Reason reason = task->now.reason;

	if (cause)
		buf_add_text(out, cause->word);
	else if (reason == REASON_SIGNAL)
		buf_addf(out, "%s:%d", reason_name(reason), task->now.exit - 128);
	else
		buf_add_text(out, reason_name(reason));
}

void why_sentence(Fs *fs, const Task *task, Buf *out)
{
	const Cause *cause = cause_of(fs, task);

	if (cause && cause->tell)
		cause->tell(fs, task, out);
	else if (!cause && tell_reason[task->now.reason])
		tell_reason[task->now.reason](fs, task, out);
}

const Task *why_task(const Job *job)
{
	TaskState state = job_state(job);
	Task *own;

	if (!job->array)
		return &job->task;
	if (job->array->rest && job->task.now.state == state)
		return &job->task;
	for (uint32_t i = 0; (own = array_next_own(job->array, &i)); i++)
		if (own->now.state == state)
			return own;
	return &job->task;
}
