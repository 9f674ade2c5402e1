/* input_test.c - what is written to a job's stdin is kept, in order, until nobody reads it any more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/input.h"
#include "stage.h"

static void append(Stage *stage, uint64_t job, const char *text)
{
	Err err = { 0 };

	if (input_append(&stage->state, job, text, strlen(text), &err) != (ssize_t)strlen(text))
		fail_msg("%s", err.text);
}

static void assert_reads(Stage *stage, uint64_t job, uint64_t offset, const char *text, bool is_last)
{
	char bytes[64] = "";
	bool last = !is_last;
	Err err = { 0 };

	assert_int_equal(input_read(&stage->state, job, offset, bytes, sizeof bytes - 1, &last, &err), strlen(text));
	assert_string_equal(bytes, text);
	assert_int_equal(last, is_last);
}

static bool exists(Stage *stage, const char *name, mode_t *mode)
{
	char *path = state_path(&stage->state, name);
	struct stat st = { 0 };
	int rc = lstat(path, &st);

	free(path);
	if (mode)
		*mode = st.st_mode & 07777;
	return rc == 0;
}

static void bytes_are_read_from_any_offset_as_often_as_wanted(void **state)
{
	Stage *stage = *state;

	assert_reads(stage, 7, 0, "", false);
	append(stage, 7, "one ");
	append(stage, 7, "two");
	append(stage, 8, "another's");
	for (int i = 0; i < 2; i++) {
		assert_reads(stage, 7, 0, "one two", false);
		assert_reads(stage, 7, 4, "two", false);
		assert_reads(stage, 7, 7, "", false);
		assert_reads(stage, 7, 99, "", false);
	}
	assert_int_equal(input_size(&stage->state, 7), 7);
	assert_int_equal(input_size(&stage->state, 9), 0);
}

static void the_end_follows_the_last_byte(void **state)
{
	Stage *stage = *state;
	bool last;
	char two[2];
	Err err = { 0 };

	append(stage, 7, "abc");
	assert_int_equal(input_close(&stage->state, 7, &err), 0);
	assert_int_equal(input_read(&stage->state, 7, 0, two, 2, &last, &err), 2);
	assert_false(last);
	assert_reads(stage, 7, 2, "c", true);
	assert_reads(stage, 7, 3, "", true);
	assert_int_equal(input_close(&stage->state, 7, &err), 0);
	assert_int_equal(input_append(&stage->state, 7, "d", 1, &err), -1);
	assert_int_equal(err.number, EPIPE);
	assert_reads(stage, 7, 0, "abc", true);
}

static void nothing_at_all_can_be_closed_too(void **state)
{
	Stage *stage = *state;
	Err err = { 0 };

	assert_int_equal(input_close(&stage->state, 7, &err), 0);
	assert_reads(stage, 7, 0, "", true);
}

static void it_is_the_owners_alone(void **state)
{
	Stage *stage = *state;
	mode_t mode;

	append(stage, 7, "secret");
	assert_true(exists(stage, "inputs/7", &mode));
	assert_int_equal(mode, 0600);
	assert_true(exists(stage, "inputs", &mode));
	assert_int_equal(mode, 0700);
}

static void it_outlives_the_daemon_and_ends_with_its_job(void **state)
{
	Stage *stage = *state;
	Task *first = submit(stage, "--stdin cat"), *second = submit(stage, "--stdin cat");
	uint64_t ids[2] = { first->id, second->id };
	char name[32];
	Err err = { 0 };

	commit(stage);
	append(stage, ids[0], "kept");
	append(stage, ids[1], "kept");
	append(stage, 12345678, "of no job");
	input_close(&stage->state, ids[1], &err);
	open_again(stage);
	assert_reads(stage, ids[0], 0, "kept", false);
	assert_reads(stage, ids[1], 0, "kept", true);
	assert_false(exists(stage, "inputs/12345678", NULL));
	for (int i = 0; i < 2; i++) {
		start(stage, task_of(stage, ids[i]));
		commit(stage);
		finish(stage, task_of(stage, ids[i]), TASK_COMPLETED, 0);
		snprintf(name, sizeof name, "inputs/%llu", (unsigned long long)ids[i]);
		assert_true(exists(stage, name, NULL));
		commit(stage);
		assert_false(exists(stage, name, NULL));
	}
}

static void a_run_that_starts_over_finds_it_again(void **state)
{
	Stage *stage = *state;
	Task *task = submit(stage, "--stdin cat");

	commit(stage);
	append(stage, task->id, "again");
	start(stage, task);
	commit(stage);
	task_requeue(stage->cluster, task);
	commit(stage);
	assert_reads(stage, task->id, 0, "again", false);
}

static void a_full_disk_takes_nothing(void **state)
{
	Stage *stage = *state;
	Err err = { 0 };

	append(stage, 7, "before");
	fill_disk(true);
	assert_int_equal(input_append(&stage->state, 7, "x", 1, &err), -1);
	fill_disk(false);
	assert_true(err.number > 0 && strstr(err.text, "stdin of job 7"));
	append(stage, 7, " after");
	assert_reads(stage, 7, 0, "before after", false);
}

static void what_was_refused_after_all_is_cut_off(void **state)
{
	Stage *stage = *state;

	append(stage, 7, "kept");
	append(stage, 7, "refused");
	input_cut(&stage->state, 7, 4);
	assert_reads(stage, 7, 0, "kept", false);
	input_cut(&stage->state, 7, 100);
	assert_reads(stage, 7, 0, "kept", false);
	input_cut(&stage->state, 9, 0);
	append(stage, 7, "!");
	assert_reads(stage, 7, 0, "kept!", false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		staged_test(bytes_are_read_from_any_offset_as_often_as_wanted),
		staged_test(the_end_follows_the_last_byte),
		staged_test(nothing_at_all_can_be_closed_too),
		staged_test(it_is_the_owners_alone),
		staged_test(it_outlives_the_daemon_and_ends_with_its_job),
		staged_test(a_run_that_starts_over_finds_it_again),
		staged_test(a_full_disk_takes_nothing),
		staged_test(what_was_refused_after_all_is_cut_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
