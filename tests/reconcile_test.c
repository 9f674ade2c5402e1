/* reconcile_test.c - which nodes there are because machines announce themselves, and what is done about them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "node/discovery/reconcile.h"

#include "store/base/clock.h"
#include "store/nodes.h"
#include "stage.h"

#define KEY_A "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define KEY_B "SHA256:BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"

enum { NODES_MAX = 512, LATER = 10000 };

typedef struct World {
	Stage *stage;
	Proposals *proposals;
	Found *found;
	int64_t now;
	Node *engaged[NODES_MAX];
	size_t count;
	unsigned moves, engagements;
	const char *here;
} World;

/* --- whoever has the connections --------------------------------------------------------------- */

static bool is_engaged(void *arg, const Node *node)
{
	const World *world = arg;

	for (size_t i = 0; i < world->count; i++)
		if (world->engaged[i] == node)
			return true;
	return false;
}

static void engage(void *arg, Node *node)
{
	World *world = arg;

	world->engagements++;
	assert_false(node->found);
	if (!is_engaged(world, node))
		world->engaged[world->count++] = node;
}

static void dismiss(void *arg, Node *node)
{
	World *world = arg;

	for (size_t i = 0; i < world->count; i++)
		if (world->engaged[i] == node)
			world->engaged[i--] = world->engaged[--world->count];
	node->up = node->untrusted = false;
}

static void moved(void *arg, Node *node)
{
	(void)node;
	((World *)arg)->moves++;
}

static bool is_here(void *arg, const char *place)
{
	const World *world = arg;

	return world->here && strcmp(world->here, place) == 0;
}

static void begin(World *world, bool finds)
{
	FoundOwner owner = { is_engaged, engage, dismiss, moved, is_here, world };

	world->count = 0;
	world->proposals = finds ? proposals_new() : NULL;
	world->found = found_new(world->stage->cluster, world->proposals, owner, world->now);
	world->now += LATER;
}

static void end(World *world)
{
	found_free(world->found);
	proposals_free(world->proposals);
}

static int set_up(void **state)
{
	World *world = mem_new_zeroed(sizeof *world);
	void *stage;

	if (stage_set_up(&stage) < 0)
		return -1;
	world->stage = stage;
	world->now = 1000000;
	begin(world, true);
	*state = world;
	return 0;
}

static int tear_down(void **state)
{
	World *world = *state;
	void *stage = world->stage;

	end(world);
	free(world);
	return stage_tear_down(&stage);
}

/* --- what happens ------------------------------------------------------------------------------ */

static bool settle(World *world)
{
	return found_settle(world->found, world->now);
}

static void announce(World *world, uint64_t source, bool wulfs, const char *host, const char *place, const char *text)
{
	TxtString string = { text, strlen(text) };

	assert_true(proposals_hear(world->proposals, source, &(Announcement){ .wulfs = wulfs, .host = host, .port = 22,
				   .place = place, .txt = &string, .txt_count = 1 }));
	settle(world);
}

static void withdraw(World *world, uint64_t source)
{
	proposals_unhear(world->proposals, source);
	settle(world);
}

static Node *node(World *world, const char *name)
{
	return cluster_node(world->stage->cluster, name);
}

static size_t nodes(World *world)
{
	Node *one;
	size_t n = 0;

	TAILQ_FOREACH(one, cluster_nodes(world->stage->cluster), all)
		n += one->host != NULL;
	return n;
}

/* It is connected to, and has proved who it is. */
static void is_up(Node *one, const char *place, const char *key)
{
	one->up = true;
	one->seen = clock_wall_ms();
	node_set_text(&one->address, place);
	node_set_text(&one->proven, place);
	node_set_text(&one->fingerprint, key);
	node_set_text(&one->proven_key, key);
}

static void one_of_ssh_is_listed_and_left_alone(void **state)
{
	World *world = *state;

	announce(world, 1, false, "Pi.local", "10.0.0.1", "");
	assert_non_null(node(world, "pi"));
	assert_int_equal(node_state(node(world, "pi")), NODE_FOUND);
	assert_string_equal(node(world, "pi")->source, "dns-sd");
	assert_string_equal(node(world, "pi")->address, "10.0.0.1");
	assert_int_equal(world->engagements, 0);
	withdraw(world, 1);
	assert_int_equal(nodes(world), 0);
}

static void one_of_wulfs_is_contacted(void **state)
{
	World *world = *state;

	announce(world, 1, true, "pi.local", "10.0.0.1", "cpus=4");
	assert_int_equal(node(world, "pi")->cpus, 4);
	assert_true(is_engaged(world, node(world, "pi")));
	announce(world, 2, false, "pi.local", "10.0.0.1", "");
	assert_int_equal(nodes(world), 1);
	withdraw(world, 1);     /* what is left is not an offer */
	assert_int_equal(node_state(node(world, "pi")), NODE_FOUND);
	assert_false(is_engaged(world, node(world, "pi")));
	withdraw(world, 2);
	assert_int_equal(nodes(world), 0);
}

static void names_that_are_taken_get_a_number(void **state)
{
	World *world = *state;

	cluster_add_node(world->stage->cluster, "pi", "mkdir");
	announce(world, 1, false, "pi.local", "10.0.0.1", "");
	announce(world, 2, false, "local.local", "10.0.0.2", "");
	assert_string_equal(node(world, "pi")->source, "mkdir");
	assert_null(node(world, "pi")->host);
	assert_string_equal(node(world, "pi-2")->host, "pi.local");
	assert_string_equal(node(world, "local-2")->host, "local.local");
}

static void one_that_its_owner_named_is_not_listed_twice(void **state)
{
	World *world = *state;
	Cluster *cluster = world->stage->cluster;

	announce(world, 1, true, "pi.local", "10.0.0.1", "fingerprint=" KEY_A);
	announce(world, 2, true, "six.local", "fd00::6", "");
	announce(world, 3, true, "four.local", "10.0.0.4", "");
	announce(world, 4, true, "this.local", "10.0.0.5", "");
	assert_int_equal(nodes(world), 4);
	cluster_add_node(cluster, "me@pi.LOCAL:22", "mkdir");
	cluster_add_node(cluster, "[fd00::6]:22", "mkdir");
	cluster_add_node(cluster, "10.0.0.4", "mkdir");
	world->here = "10.0.0.5";
	settle(world);
	assert_int_equal(nodes(world), 0);
	assert_string_equal(node(world, "me@pi.LOCAL:22")->places, "10.0.0.1");
	cluster_remove_node(cluster, node(world, "me@pi.LOCAL:22"));
	cluster_add_node(cluster, "me@pi", "mkdir");
	settle(world);
	assert_int_equal(nodes(world), 1);      /* another pi, for all we know */
	node_set_text(&node(world, "me@pi")->fingerprint, KEY_A);
	settle(world);
	assert_int_equal(nodes(world), 0);
}

static void one_with_work_leaves_when_it_is_done(void **state)
{
	World *world = *state;
	Task *task;

	announce(world, 1, true, "pi.local", "10.0.0.1", "");
	is_up(node(world, "pi"), "10.0.0.1", KEY_A);
	node(world, "pi")->slots_default = 1;
	task = submit(world->stage, "true");
	start_on(world->stage, task, node(world, "pi"));
	withdraw(world, 1);
	assert_int_equal(node_state(node(world, "pi")), NODE_DRAINING);
	assert_non_null(node(world, "pi")->drain);
	assert_true(settle(world));
	announce(world, 1, true, "pi.local", "10.0.0.1", "");
	assert_null(node(world, "pi")->drain);
	withdraw(world, 1);
	finish(world->stage, task, TASK_COMPLETED, 0);
	commit(world->stage);
	settle(world);
	assert_null(node(world, "pi"));
	assert_int_equal(world->count, 0);
	assert_string_equal(task->now.node->name, "pi");
	announce(world, 1, true, "pi.local", "10.0.0.1", "");
	assert_ptr_equal(task->now.node, node(world, "pi"));
	assert_null(node(world, "pi")->drain);
}

static void what_is_missing_is_waited_for_at_the_start(void **state)
{
	World *world = *state;
	Task *task;

	announce(world, 1, true, "pi.local", "10.0.0.1", "");
	is_up(node(world, "pi"), "10.0.0.1", KEY_A);
	cluster_node_changed(world->stage->cluster, node(world, "pi"));
	task = submit(world->stage, "true");
	start_on(world->stage, task, node(world, "pi"));
	commit(world->stage);
	end(world);
	open_again(world->stage);
	begin(world, true);
	world->now -= LATER;
	assert_true(is_engaged(world, node(world, "pi")));
	assert_string_equal(node(world, "pi")->places, "10.0.0.1");
	assert_true(settle(world));
	assert_null(node(world, "pi")->drain);
	world->now += PATIENCE_MS;
	settle(world);
	assert_non_null(node(world, "pi")->drain);
	end(world);
	begin(world, false);    /* a mount that looks for nothing finishes what is there */
	assert_non_null(node(world, "pi"));
	settle(world);
	assert_non_null(node(world, "pi")->drain);
}

static void the_owners_word_is_kept(void **state)
{
	World *world = *state;
	Node *pi;

	announce(world, 1, false, "pi.local", "10.0.0.1", "");
	pi = node(world, "pi");
	found_use(world->found, pi);
	pi->slots_wanted = 3;
	settle(world);
	assert_true(is_engaged(world, pi));
	withdraw(world, 1);
	assert_null(node(world, "pi"));
	commit(world->stage);
	assert_int_equal(ask(world->stage, "SELECT count(*) FROM node WHERE host = 'pi.local'"), 1);
	end(world);
	open_again(world->stage);
	begin(world, true);
	assert_null(node(world, "pi"));
	announce(world, 1, false, "pi.local", "10.0.0.9", "");
	assert_true(is_engaged(world, node(world, "pi")));
	assert_int_equal(node(world, "pi")->slots_wanted, 3);
}

static void what_is_hidden_stays_so_until_mkdir(void **state)
{
	World *world = *state;
	Node *pi;

	announce(world, 1, true, "pi.local", "10.0.0.1", "");
	dismiss(world, node(world, "pi"));
	found_hide(world->found, node(world, "pi"));
	settle(world);
	assert_null(node(world, "pi"));
	commit(world->stage);
	end(world);
	open_again(world->stage);
	begin(world, true);
	assert_null(found_unhide(world->found, "pi"));
	announce(world, 1, true, "pi.local", "10.0.0.1", "");
	assert_int_equal(nodes(world), 0);
	pi = found_unhide(world->found, "pi");
	assert_non_null(pi);
	assert_string_equal(pi->source, "mkdir");
	assert_string_equal(pi->host, "pi.local");
	withdraw(world, 1);
	assert_ptr_equal(node(world, "pi"), pi);
}

static void a_new_address_is_followed_when_the_old_one_is_silent(void **state)
{
	World *world = *state;
	Node *pi;

	announce(world, 1, true, "pi.local", "10.0.0.1", "");
	pi = node(world, "pi");
	is_up(pi, "10.0.0.1", KEY_A);
	announce(world, 1, true, "pi.local", "10.0.0.2", "");
	assert_int_equal(world->moves, 0);      /* it answers: somebody may just say so */
	assert_true(settle(world));
	pi->seen -= SILENT_MS + 1;
	settle(world);
	assert_int_equal(world->moves, 1);
	assert_string_equal(pi->places, "10.0.0.2 10.0.0.1");
}

static void one_that_lost_its_name_is_the_same(void **state)
{
	World *world = *state;
	Node *pi;

	announce(world, 1, true, "pi.local", "10.0.0.1", "fingerprint=" KEY_A);
	pi = node(world, "pi");
	is_up(pi, "10.0.0.1", KEY_A);
	announce(world, 1, true, "pi-2.local", "10.0.0.1", "fingerprint=" KEY_A);
	assert_int_equal(nodes(world), 1);
	assert_ptr_equal(node(world, "pi"), pi);
	announce(world, 2, true, "pi.local", "10.0.0.66", "fingerprint=" KEY_B);        /* and this one took it */
	assert_int_equal(nodes(world), 1);
	assert_true(place_in(pi->places, "10.0.0.1"));
	announce(world, 3, true, "other.local", "10.0.0.3", "fingerprint=" KEY_B);
	assert_int_equal(nodes(world), 2);
}

static void two_with_one_key_are_two(void **state)
{
	World *world = *state;

	announce(world, 1, true, "pi.local", "10.0.0.1", "fingerprint=" KEY_A);
	is_up(node(world, "pi"), "10.0.0.1", KEY_A);
	announce(world, 2, true, "pi-2.local", "10.0.0.2", "fingerprint=" KEY_A);
	assert_int_equal(nodes(world), 2);
	assert_string_equal(node(world, "pi-2")->host, "pi-2.local");
}

static void a_crowd_is_contacted_bit_by_bit_and_leaves_nothing(void **state)
{
	World *world = *state;
	Node *one;
	char host[32];

	for (unsigned i = 0; i < PROPOSALS_MAX; i++) {
		snprintf(host, sizeof host, "fake%u.local", i);
		announce(world, i, true, host, "10.0.0.66", "");
	}
	assert_int_equal(world->engagements, CONTACTS_AT_ONCE);
	world->now += 10000;
	assert_true(settle(world));
	assert_int_equal(world->engagements, CONTACTS_AT_ONCE + 10 * CONTACTS_A_SECOND);
	for (unsigned i = 0; i < PROPOSALS_MAX; i++)
		proposals_unhear(world->proposals, i);
	settle(world);
	settle(world);
	assert_int_equal(nodes(world), 0);
	TAILQ_FOREACH(one, cluster_gone_nodes(world->stage->cluster), all)
		assert_null(one->host);
	commit(world->stage);
	assert_int_equal(ask(world->stage, "SELECT count(*) FROM node WHERE host IS NOT NULL"), 0);
}

#define with_world(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_world(one_of_ssh_is_listed_and_left_alone),
		with_world(one_of_wulfs_is_contacted),
		with_world(names_that_are_taken_get_a_number),
		with_world(one_that_its_owner_named_is_not_listed_twice),
		with_world(one_with_work_leaves_when_it_is_done),
		with_world(what_is_missing_is_waited_for_at_the_start),
		with_world(the_owners_word_is_kept),
		with_world(what_is_hidden_stays_so_until_mkdir),
		with_world(a_new_address_is_followed_when_the_old_one_is_silent),
		with_world(one_that_lost_its_name_is_the_same),
		with_world(two_with_one_key_are_two),
		with_world(a_crowd_is_contacted_bit_by_bit_and_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
