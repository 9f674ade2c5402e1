/* indices_test.c - which tasks an array has: every form of sbatch's, and what is none. */
#include "store/indices.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* "0,4,8" */
static void list(const Indices *set, Buf *out)
{
	for (uint32_t i = 0; i < set->count; i++)
		buf_addf(out, "%s%u", i ? "," : "", indices_at(set, i));
}

static void every_form_means_what_sbatch_says(void **state)
{
	static const struct { const char *text, *members; uint32_t limit; } cases[] = {
		{ "5", "5", 0 },
		{ "0-3", "0,1,2,3", 0 },
		{ "1,3,5", "1,3,5", 0 },
		{ "0-15:4", "0,4,8,12", 0 },
		{ "0-16:4%2", "0,4,8,12,16", 2 },
		{ "0-2,7,9-10%1", "0,1,2,7,9,10", 1 },
		{ "0-15:4%2,20", "0,4,8,12,20", 2 },
		{ "7,0-2", "0,1,2,7", 0 },                      /* in order, whatever was written */
		{ "0-4,2-6,3", "0,1,2,3,4,5,6", 0 },            /* each once */
		{ "4000000", "4000000", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		Buf members = BUF_INIT;
		uint32_t limit = 99;
		Indices set;
		Err err;

		assert_int_equal(indices_parse(cases[i].text, &set, &limit, &err), 0);
		list(&set, &members);
		assert_string_equal(members.data, cases[i].members);
		assert_int_equal(limit, cases[i].limit);
		indices_release(&set);
		buf_release(&members);
	}
}

static void what_is_no_range_is_refused_with_the_piece(void **state)
{
	static const char *const cases[][2] = {
		{ "", "\"\"" }, { "a", "\"a\"" }, { "3-1", "\"3-1\"" }, { "1,,2", "\"\"" }, { "0-9:0", "\"0-9:0\"" },
		{ "-1", "\"-1\"" }, { "4000001", "\"4000001\"" }, { "0-3%0", "%0" }, { "0-3%", "%" }, { "0-3%2x", "%2x" },
		{ "1-2-3", "\"1-2-3\"" }, { "99999999999999999999", "\"9999" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint32_t limit;
		Indices set;
		Err err;

		assert_int_equal(indices_parse(cases[i][0], &set, &limit, &err), -1);
		assert_int_equal(err.number, EINVAL);
		assert_non_null(strstr(err.text, cases[i][1]));
	}
}

static void places_and_indices_lead_to_each_other(void **state)
{
	Indices set;
	uint32_t ordinal;
	Err err;

	(void)state;
	assert_int_equal(indices_parse("2-20:3,100-199,4000000", &set, NULL, &err), 0);
	for (uint32_t i = 0; i < set.count; i++) {
		assert_true(indices_find(&set, indices_at(&set, i), &ordinal));
		assert_int_equal(ordinal, i);
	}
	assert_false(indices_find(&set, 0, &ordinal));
	assert_false(indices_find(&set, 3, &ordinal));
	assert_false(indices_find(&set, 23, &ordinal));
	assert_false(indices_find(&set, 200, &ordinal));
	assert_false(indices_find(&set, 3999999, &ordinal));
	indices_release(&set);
}

static void the_rest_is_shown_as_squeue_does(void **state)
{
	Buf out = BUF_INIT;
	Indices set;
	Err err;

	(void)state;
	assert_int_equal(indices_parse("0-15:4,20,30-31", &set, NULL, &err), 0);
	indices_show(&set, 0, &out);
	assert_string_equal(out.data, "0-12:4,20,30-31");
	buf_clear(&out);
	indices_show(&set, 3, &out);
	assert_string_equal(out.data, "12,20,30-31");
	buf_clear(&out);
	indices_show(&set, 6, &out);
	assert_string_equal(out.data, "31");
	buf_release(&out);
	indices_release(&set);
}

static void the_same_tasks_over_and_over_are_refused(void **state)
{
	Indices set;
	Err err;

	(void)state;
	assert_int_equal(indices_parse("0-4000000", &set, NULL, &err), 0);
	assert_int_equal(set.count, INDEX_MAX + 1);
	indices_release(&set);
	assert_int_equal(indices_parse("0-4000000,0-4000000", &set, NULL, &err), -1);
	assert_string_equal(err.text, "more than 4000001 tasks are named");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_means_what_sbatch_says),
		cmocka_unit_test(what_is_no_range_is_refused_with_the_piece),
		cmocka_unit_test(places_and_indices_lead_to_each_other),
		cmocka_unit_test(the_rest_is_shown_as_squeue_does),
		cmocka_unit_test(the_same_tasks_over_and_over_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
