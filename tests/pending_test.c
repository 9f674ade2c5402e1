/* pending_test.c - the heap of what waits: always the best first, and anyone can leave. */
#include "store/pending.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MANY = 1000 };

static Task tasks[MANY];

static void fill(Pending *pending)
{
	memset(tasks, 0, sizeof tasks);
	for (int i = 0; i < MANY; i++) {
		tasks[i].id = (uint64_t)i + 1;
		tasks[i].now.priority = rand() % 10;
		pending_add(pending, &tasks[i]);
	}
}

static bool goes_before(const Task *a, const Task *b)
{
	return a->now.priority != b->now.priority ? a->now.priority > b->now.priority : a->id < b->id;
}

/* Takes all that is left; returns how many. */
static int drain_in_order(Pending *pending)
{
	Task *last = NULL, *task;
	int n = 0;

	for (; (task = pending_first(pending)); last = task, n++) {
		assert_true(!last || goes_before(last, task));
		pending_remove(pending, task);
		assert_int_equal(task->pending_at, 0);
	}
	return n;
}

static void an_empty_queue_has_no_first(void **state)
{
	Pending pending = { 0 };

	(void)state;
	assert_null(pending_first(&pending));
	pending_release(&pending);
}

static void priority_then_age_decide(void **state)
{
	Pending pending = { 0 };

	(void)state;
	fill(&pending);
	assert_int_equal(drain_in_order(&pending), MANY);
	pending_release(&pending);
}

static void anyone_can_leave(void **state)
{
	Pending pending = { 0 };

	(void)state;
	fill(&pending);
	for (int i = 0; i < MANY; i += 3)
		pending_remove(&pending, &tasks[i]);
	assert_int_equal(drain_in_order(&pending), MANY - (MANY + 2) / 3);
	pending_release(&pending);
}

static void who_left_can_come_back_with_another_priority(void **state)
{
	Pending pending = { 0 };

	(void)state;
	fill(&pending);
	for (int i = 0; i < MANY; i += 2) {
		pending_remove(&pending, &tasks[i]);
		tasks[i].now.priority = rand() % 20;
		pending_add(&pending, &tasks[i]);
	}
	assert_int_equal(drain_in_order(&pending), MANY);
	pending_release(&pending);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_queue_has_no_first),
		cmocka_unit_test(priority_then_age_decide),
		cmocka_unit_test(anyone_can_leave),
		cmocka_unit_test(who_left_can_come_back_with_another_priority),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
