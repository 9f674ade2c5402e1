/* pool.c - the workers, and what every turn does for them. */
#include "pool.h"

#include "dispatch.h"
#include "local.h"

#include "../store/log.h"

#include <stdlib.h>

typedef struct Member {
	Worker *worker;
	NodeState shown;        /* as events has it */
	TAILQ_ENTRY(Member) all;
} Member;

struct Pool {
	Turn *turn;
	Keep *keep;
	Local *local;
	TAILQ_HEAD(, Member) members;
};

Worker *pool_worker(Pool *pool, const Node *node)
{
	Member *member;

	TAILQ_FOREACH(member, &pool->members, all)
		if (worker_node(member->worker) == node)
			return member->worker;
	return NULL;
}

Turn *pool_turn(Pool *pool)
{
	return pool->turn;
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

static void before_commit(void *arg)
{
	Pool *pool = arg;

	dispatch(turn_cluster(pool->turn));
}

static void after_commit(void *arg)
{
	Pool *pool = arg;
	Member *member;

	TAILQ_FOREACH(member, &pool->members, all)
		worker_flush(member->worker);
	show_states(pool);
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

static void add_member(Pool *pool, Node *node, Patience patience, Connector connector)
{
	Member *member = mem_new_zeroed(sizeof *member);

	member->worker = worker_new(pool->turn, pool->keep, node, patience, connector);
	member->shown = node_state(node);
	TAILQ_INSERT_TAIL(&pool->members, member, all);
}

static int add_local(Pool *pool, PoolOptions options, Err *err)
{
	Cluster *cluster = turn_cluster(pool->turn);
	Node *node = cluster_node(cluster, "local");

	if (options.local_slots == 0) {
		if (node)
			node_set_text(&node->trouble, "this mount was made with local=0; mount without it to use this machine");
		return 0;
	}
	pool->local = local_new(pool->turn, err);
	if (!pool->local)
		return -1;
	if (!node)
		node = cluster_add_node(cluster, "local", "local");
	local_describe(node, options.local_slots);
	add_member(pool, node, options.patience, local_connector(pool->local));
	return 0;
}

Pool *pool_new(Turn *turn, PoolOptions options, Err *err)
{
	Pool *pool = mem_new_zeroed(sizeof *pool);

	pool->turn = turn;
	pool->keep = keep_new(turn, output_kept, pool);
	TAILQ_INIT(&pool->members);
	if (add_local(pool, options, err) < 0) {
		pool_free(pool);
		return NULL;
	}
	cluster_watch(turn_cluster(turn), task_changed, pool);
	turn_hook(turn, TURN_BEFORE, before_commit, pool);
	turn_hook(turn, TURN_AFTER, after_commit, pool);
	turn_hook(turn, TURN_FAILED, disk_failed, pool);
	turn_hook(turn, TURN_MENDED, disk_mended, pool);
	return pool;
}

void pool_free(Pool *pool)
{
	Member *member;

	if (!pool)
		return;
	while ((member = TAILQ_FIRST(&pool->members))) {
		TAILQ_REMOVE(&pool->members, member, all);
		worker_free(member->worker);
		free(member);
	}
	local_free(pool->local);
	keep_free(pool->keep);
	free(pool);
}
