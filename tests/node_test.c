/* node_test.c - orders to a node: they hold with the commit, are told once, and a turn that failed has not happened. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/node.h"
#include "stage.h"
#include "store/queues.h"

typedef struct Heard {
	unsigned times;
	bool was_drained;
	uint32_t slots_before;
} Heard;

static void hear(void *arg, Node *node, const NodeOrders *before)
{
	Heard *heard = arg;

	(void)node;
	heard->times++;
	heard->was_drained = before->drain;
	heard->slots_before = before->slots_wanted;
}

static void orders_are_told_once_after_the_commit(void **state)
{
	Stage *stage = *state;
	Heard heard = { 0 };

	cluster_watch_nodes(stage->cluster, hear, &heard);
	node_set_slots(stage->cluster, stage->node, 7);
	node_drain(stage->cluster, stage->node, "new disk");
	node_set_slots(stage->cluster, stage->node, 9);
	assert_int_equal(heard.times, 0);
	commit(stage);
	assert_int_equal(heard.times, 1);
	assert_false(heard.was_drained);
	assert_int_equal(heard.slots_before, 0);

	node_resume(stage->cluster, stage->node);
	commit(stage);
	assert_int_equal(heard.times, 2);
	assert_true(heard.was_drained);
	assert_int_equal(heard.slots_before, 9);
	assert_null(stage->node->drain);
	assert_int_equal(ask(stage, "SELECT slots FROM nodes WHERE drain IS NULL"), 9);
}

static void what_is_no_order_is_not_told(void **state)
{
	Stage *stage = *state;
	Heard heard = { 0 };
	Task *task = submit(stage, "true");

	cluster_watch_nodes(stage->cluster, hear, &heard);
	start(stage, task);
	finish(stage, task, TASK_COMPLETED, 0);
	commit(stage);
	assert_int_equal(stage->node->completed, 1);
	assert_int_equal(heard.times, 0);
}

/* Whoever gave them was refused. */
static void orders_of_a_failed_turn_are_undone(void **state)
{
	Stage *stage = *state;
	Heard heard = { 0 };

	node_set_features(stage->cluster, stage->node, "fast");
	commit(stage);
	cluster_watch_nodes(stage->cluster, hear, &heard);
	node_drain(stage->cluster, stage->node, "new disk");
	node_set_slots(stage->cluster, stage->node, 7);
	node_set_features(stage->cluster, stage->node, "slow");
	node_set_user(stage->cluster, stage->node, "pi");
	commit_on_a_full_disk(stage);
	assert_null(stage->node->drain);
	assert_null(stage->node->user);
	assert_string_equal(stage->node->features, "fast");
	assert_int_equal(node_slots(stage->node), 2);
	commit(stage);
	assert_int_equal(heard.times, 0);
	assert_int_equal(ask(stage, "SELECT count(*) FROM nodes WHERE drain IS NULL AND features = 'fast' AND slots = 0"), 1);
}

/* It was set aside while the node was drained. */
static void a_resumed_node_is_thought_of_again(void **state)
{
	Stage *stage = *state;
	Task *task = submit(stage, "true");

	node_drain(stage->cluster, stage->node, "new disk");
	cluster_set_aside(stage->cluster, task, QUEUE_ASIDE);
	assert_null(cluster_next_pending(stage->cluster));
	node_resume(stage->cluster, stage->node);
	assert_ptr_equal(cluster_next_pending(stage->cluster), task);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		staged_test(orders_are_told_once_after_the_commit),
		staged_test(what_is_no_order_is_not_told),
		staged_test(orders_of_a_failed_turn_are_undone),
		staged_test(a_resumed_node_is_thought_of_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
