/* pool.c - the workers, and what every turn does for them. */
#include "node/pool.h"

#include "node/balance.h"
#include "node/dispatch.h"
#include "store/base/clock.h"
#include "store/base/log.h"
#include "store/commit.h"
#include "store/queues.h"
#include "store/task.h"

#include <stdlib.h>

enum { CLOCK_LOOK_MS = 3600 * 1000 };

typedef struct Member {
	Worker *worker;
	NodeState shown;        /* as events has it */
	bool leaving;           /* removed; goes when its last words are sent */
	TAILQ_ENTRY(Member) all;
	const Node *node;       /* the worker's */
	UT_hash_handle hh;
} Member;

struct Pool {
	Turn *turn;
	Patience patience;
	Keep *keep;
	Staging *staging;
	TAILQ_HEAD(, Member) members;
	uv_timer_t due;         /* when something begins that waits for its hour */
	Member *of_node;        /* the same, hash by node */
};

static Member *member_of(Pool *pool, const Node *node)
{
	Member *member;

	HASH_FIND_PTR(pool->of_node, &node, member);
	return member;
}

Worker *pool_worker(Pool *pool, const Node *node)
{
	Member *member = member_of(pool, node);

	return member ? member->worker : NULL;
}

Turn *pool_turn(Pool *pool)
{
	return pool->turn;
}

void pool_input_grew(Pool *pool, const Job *job)
{
	Member *member;

	TAILQ_FOREACH(member, &pool->members, all)
		worker_input_grew(member->worker, job);
}

bool pool_files(const Pool *pool, const Task *task, FilesSent *files)
{
	Worker *worker = task->now.placed ? pool_worker((Pool *)pool, task->now.node) : NULL;

	return worker && worker_files(worker, task, files);
}

static void act_on(Pool *pool, Node *node, Task *task, const Facts *before)
{
	Worker *worker = node ? pool_worker(pool, node) : NULL;

	if (worker)
		worker_act(worker, task, before);
}

/* A task that moved from one node to another concerns both. */
static void task_changed(void *arg, Task *task, const Facts *before)
{
	if (before && before->node && before->node != task->now.node)
		act_on(arg, before->node, task, before);
	act_on(arg, task->now.node, task, before);
	staging_task_changed(((Pool *)arg)->staging, task);
}

static void node_changed(void *arg, Node *node, const NodeOrders *before)
{
	Worker *worker = pool_worker(arg, node);

	if (worker && node->drain && !before->drain)
		worker_recall_all(worker);
	if (worker && node->slots_wanted != before->slots_wanted)
		worker_slots_changed(worker);
}

static void staged(void *arg, Task *task)
{
	Worker *worker = pool_worker(arg, task->now.node);

	if (worker)
		worker_staged(worker, task);
}

static void output_kept(void *arg, Task *task)
{
	Pool *pool = arg;
	Worker *worker = task->now.node ? pool_worker(pool, task->now.node) : NULL;

	if (worker)
		worker_output_kept(worker, task);
}

/* Whether a node has work changes with every job and is in the jobs' own lines. */
static NodeState without_work(NodeState state)
{
	return state == NODE_MIXED || state == NODE_ALLOCATED ? NODE_IDLE : state;
}

static void show_states(Pool *pool)
{
	Member *member;

	TAILQ_FOREACH(member, &pool->members, all) {
		const Node *node = worker_node(member->worker);
		NodeState state = without_work(node_state(node));

		if (state != member->shown) {
			events_node(turn_events(pool->turn), node, member->shown);
			member->shown = state;
		}
	}
}

static RecallStep recall_step(void *arg, const Task *task)
{
	Worker *worker = pool_worker(arg, task->now.node);

	return worker ? worker_recall_step(worker, task) : RECALL_IMPOSSIBLE;
}

static void recall(void *arg, Task *task)
{
	worker_recall(pool_worker(arg, task->now.node), task);
}

/* Its turn is what the timer is for. */
static void come_due(uv_timer_t *timer)
{
	(void)timer;
}

/* The wall clock may be set: it is looked at again within the hour. */
static void wait_until_due(Pool *pool)
{
	int64_t due = cluster_next_due(turn_cluster(pool->turn)), left = due - clock_wall_ms();

	if (due == INT64_MAX)
		uv_timer_stop(&pool->due);
	else
		uv_timer_start(&pool->due, come_due, (uint64_t)(left < 1 ? 1 : left > CLOCK_LOOK_MS ? CLOCK_LOOK_MS : left), 0);
}

static void before_commit(void *arg)
{
	Pool *pool = arg;
	const Recaller recaller = { recall_step, recall, pool };

	dispatch(turn_cluster(pool->turn));
	wait_until_due(pool);
	balance(turn_cluster(pool->turn), &recaller);
}

static void member_free(Pool *pool, Member *member)
{
	TAILQ_REMOVE(&pool->members, member, all);
	HASH_DEL(pool->of_node, member);
	worker_free(member->worker);
	free(member);
}

static void after_commit(void *arg)
{
	Pool *pool = arg;
	Member *member, *next;

	for (member = TAILQ_FIRST(&pool->members); member; member = next) {
		next = TAILQ_NEXT(member, all);
		worker_flush(member->worker);
		if (member->leaving)
			member_free(pool, member);
	}
	show_states(pool);
	keep_tidy(pool->keep);
	staging_tidy(pool->staging);
}

static void disk_failed(void *arg)
{
	Pool *pool = arg;
	Member *member;

	TAILQ_FOREACH(member, &pool->members, all)
		worker_pause(member->worker);
}

static void disk_mended(void *arg)
{
	Pool *pool = arg;
	Member *member;

	TAILQ_FOREACH(member, &pool->members, all)
		worker_continue(member->worker);
}

Worker *pool_hire(Pool *pool, Node *node, Connector connector)
{
	Member *member = mem_new_zeroed(sizeof *member);

	member->worker = worker_new(pool->turn, pool->keep, pool->staging, node, pool->patience, connector);
	member->node = node;
	member->shown = node_state(node);
	TAILQ_INSERT_TAIL(&pool->members, member, all);
	HASH_ADD_PTR(pool->of_node, node, member);
	return member->worker;
}

static void give_back(Cluster *cluster, Node *node)
{
	Task *task, *next;

	for (task = TAILQ_FIRST(&node->tasks); task; task = next) {
		next = TAILQ_NEXT(task, on_node);
		if (task->job->requeue && !task->now.cancelled)
			task_requeue(cluster, task);
		else
			task_lose(cluster, task);
	}
}

void pool_dismiss(Pool *pool, Node *node)
{
	Member *member = member_of(pool, node);

	give_back(turn_cluster(pool->turn), node);
	if (member)
		member->leaving = true;
}

Pool *pool_new(Turn *turn, Patience patience, Err *err)
{
	Pool *pool = mem_new_zeroed(sizeof *pool);

	pool->staging = staging_new(turn, staged, pool, err);
	if (!pool->staging) {
		free(pool);
		return NULL;
	}
	pool->turn = turn;
	pool->patience = patience;
	pool->keep = keep_new(turn, output_kept, pool);
	TAILQ_INIT(&pool->members);
	pool->due.data = pool;
	uv_timer_init(turn_loop(turn), &pool->due);
	cluster_watch(turn_cluster(turn), task_changed, pool);
	cluster_watch_nodes(turn_cluster(turn), node_changed, pool);
	turn_hook(turn, TURN_BEFORE, before_commit, pool);
	turn_hook(turn, TURN_AFTER, after_commit, pool);
	turn_hook(turn, TURN_FAILED, disk_failed, pool);
	turn_hook(turn, TURN_MENDED, disk_mended, pool);
	return pool;
}

static void closed(uv_handle_t *handle)
{
	free(handle->data);
}

void pool_free(Pool *pool)
{
	Member *member;

	if (!pool)
		return;
	while ((member = TAILQ_FIRST(&pool->members)))
		member_free(pool, member);
	keep_free(pool->keep);
	staging_free(pool->staging);
	uv_close((uv_handle_t *)&pool->due, closed);
}
