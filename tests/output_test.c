/* output_test.c - the bytes a task writes: small ones in memory, large ones in a file, and what there is of
 * them after a crash or on a full disk. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "stage.h"

enum { LARGE = OUTPUT_SMALL + 1000 };

static char block[LARGE];

static Output *new_output(Stage *stage)
{
	for (size_t i = 0; i < sizeof block; i++)
		block[i] = (char)('a' + i % 23);
	return output_new(&stage->state, 42, STREAM_STDOUT);
}

static bool exists(const Stage *stage, const char *name)
{
	char *path = state_path(&stage->state, name);
	bool is = access(path, F_OK) == 0;

	free(path);
	return is;
}

static void assert_holds(Output *output, size_t n)
{
	char *bytes = mem_new(n + 100);

	assert_int_equal(output_size(output), n);
	assert_int_equal(output_read(output, 0, bytes, n + 100), n);
	assert_memory_equal(bytes, block, n);
	if (n > 10) {
		assert_int_equal(output_read(output, n - 7, bytes, 100), 7);
		assert_memory_equal(bytes, block + n - 7, 7);
	}
	assert_int_equal(output_read(output, n, bytes, 100), 0);
	free(bytes);
}

static void a_small_one_stays_in_memory(void **state)
{
	Stage *stage = *state;
	Output *output = new_output(stage);
	Err err;

	assert_holds(output, 0);
	for (int i = 0; i < 100; i++)
		assert_int_equal(output_append(output, block + i, 1, &err), 0);
	assert_holds(output, 100);
	assert_non_null(output_small(output));
	assert_null(output_path(output));
	assert_false(exists(stage, "outputs/42.stdout.part"));
	output_free(output);
}

static void a_large_one_is_a_file_that_is_named_when_whole(void **state)
{
	Stage *stage = *state;
	Output *output = new_output(stage);
	char *read_back = mem_new(LARGE + 1);
	Err err;
	int fd;

	assert_int_equal(output_append(output, block, OUTPUT_SMALL, &err), 0);
	assert_non_null(output_small(output));
	assert_int_equal(output_append(output, block + OUTPUT_SMALL, LARGE - OUTPUT_SMALL, &err), 0);
	assert_null(output_small(output));
	assert_holds(output, LARGE);
	assert_true(exists(stage, "outputs/42.stdout.part"));
	assert_false(exists(stage, "outputs/42.stdout"));
	assert_int_equal(output_finish(output, &err), 0);
	assert_int_equal(output_finish(output, &err), 0);
	output_free(output);
	assert_false(exists(stage, "outputs/42.stdout.part"));

	fd = outputs_open(&stage->state, 42, STREAM_STDOUT, &err);
	assert_true(fd >= 0);
	assert_int_equal(read(fd, read_back, LARGE + 1), LARGE);
	assert_memory_equal(read_back, block, LARGE);
	close(fd);
	free(read_back);
	outputs_remove(&stage->state, 42);
	assert_int_equal(outputs_open(&stage->state, 42, STREAM_STDOUT, &err), -1);
	assert_int_equal(err.number, ENOENT);
}

static void after_a_crash_it_goes_on_where_it_was_kept(void **state)
{
	Stage *stage = *state;
	Output *output = new_output(stage);
	Err err;

	output_append(output, block, LARGE, &err);
	output_synced(output, LARGE - 500);
	assert_int_equal(output_kept(output), LARGE - 500);
	output_free(output);
	output = output_reopen(&stage->state, 42, STREAM_STDOUT, LARGE - 500, &err);
	assert_non_null(output);
	assert_holds(output, LARGE - 500);
	output_append(output, block + LARGE - 500, 500, &err);
	assert_holds(output, LARGE);
	output_free(output);
}

/* The file had its name, the commit that would have said so never came. */
static void after_a_crash_a_named_file_is_unfinished_again(void **state)
{
	Stage *stage = *state;
	Output *output = new_output(stage);
	Err err;

	output_append(output, block, LARGE, &err);
	output_synced(output, LARGE);
	assert_int_equal(output_finish(output, &err), 0);
	output_free(output);
	output = output_reopen(&stage->state, 42, STREAM_STDOUT, LARGE, &err);
	assert_non_null(output);
	assert_holds(output, LARGE);
	assert_false(exists(stage, "outputs/42.stdout"));
	output_free(output);
}

static void what_was_never_kept_begins_anew(void **state)
{
	Stage *stage = *state;
	Output *output = new_output(stage);
	Err err;

	output_append(output, block, LARGE, &err);
	output_free(output);
	output = output_reopen(&stage->state, 42, STREAM_STDOUT, 0, &err);
	assert_holds(output, 0);
	output_append(output, block, LARGE, &err);
	assert_holds(output, LARGE);
	output_free(output);
}

static void on_a_full_disk_nothing_is_appended(void **state)
{
	Stage *stage = *state;
	Output *output = new_output(stage);
	Err err = { 0 };

	output_append(output, block, 1000, &err);
	fill_disk(true);
	assert_int_equal(output_append(output, block + 1000, LARGE - 1000, &err), -1);
	fill_disk(false);
	assert_true(err.number > 0);
	assert_holds(output, 1000);
	assert_false(exists(stage, "outputs/42.stdout.part"));

	assert_int_equal(output_append(output, block + 1000, LARGE - 1100, &err), 0);
	fill_disk(true);
	assert_int_equal(output_append(output, block + LARGE - 100, 100, &err), -1);
	fill_disk(false);
	assert_holds(output, LARGE - 100);
	assert_int_equal(output_append(output, block + LARGE - 100, 100, &err), 0);
	assert_holds(output, LARGE);
	output_free(output);
}

static unsigned descriptors(void)
{
	unsigned count = 0;

	for (int fd = 0; fd < 1024; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static void set_limit(rlim_t files)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = files;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static void any_number_may_grow_whatever_may_be_open(void **state)
{
	enum { MANY = 200, LIMIT = 64 };
	Stage *stage = *state;
	Output *outputs[MANY];
	unsigned before = descriptors();
	struct rlimit limit;
	Err err = { 0 };

	output_free(new_output(stage));         /* fills the block */
	getrlimit(RLIMIT_NOFILE, &limit);
	set_limit(LIMIT);
	for (uint64_t i = 0; i < MANY; i++)
		outputs[i] = output_new(&stage->state, 100 + i, STREAM_STDOUT);
	for (int i = 0; i < MANY; i++)
		if (output_append(outputs[i], block, LARGE - 100, &err) < 0)
			fail_msg("%s", err.text);
	for (int i = 0; i < MANY; i++)
		if (output_append(outputs[i], block + LARGE - 100, 100, &err) < 0)
			fail_msg("%s", err.text);
	assert_true(descriptors() - before <= LIMIT / 4);
	for (int i = 0; i < MANY; i++) {
		assert_holds(outputs[i], LARGE);
		assert_int_equal(output_finish(outputs[i], &err), 0);
		assert_int_equal(output_finish(outputs[i], &err), 0);   /* as after a commit that failed */
		assert_holds(outputs[i], LARGE);
		output_free(outputs[i]);
	}
	assert_int_equal(descriptors(), before);
	set_limit(limit.rlim_cur);
}

static void without_descriptors_the_limit_is_named(void **state)
{
	Stage *stage = *state;
	Output *output = new_output(stage);
	struct rlimit limit;
	Err err = { 0 };

	getrlimit(RLIMIT_NOFILE, &limit);
	set_limit(3);
	assert_int_equal(output_append(output, block, LARGE, &err), -1);
	set_limit(limit.rlim_cur);
	assert_int_equal(err.number, EMFILE);
	assert_non_null(strstr(err.text, "the limit is 3 (ulimit -n)"));
	assert_int_equal(output_append(output, block, LARGE, &err), 0);
	assert_holds(output, LARGE);
	output_free(output);
}

static void one_whose_file_was_removed_at_rest_begins_anew(void **state)
{
	Stage *stage = *state;
	Output *output = new_output(stage), *others[8];
	struct rlimit limit;
	char *path;
	Err err = { 0 };

	getrlimit(RLIMIT_NOFILE, &limit);
	set_limit(32);
	assert_int_equal(output_append(output, block, LARGE, &err), 0);
	for (uint64_t i = 0; i < 8; i++) {
		others[i] = output_new(&stage->state, 100 + i, STREAM_STDOUT);
		assert_int_equal(output_append(others[i], block, LARGE, &err), 0);
	}
	path = output_path(output);
	assert_int_equal(unlink(path), 0);
	free(path);
	assert_int_equal(output_append(output, "x", 1, &err), -1);
	assert_int_equal(output_size(output), 0);
	assert_int_equal(output_append(output, block, LARGE, &err), 0);
	assert_holds(output, LARGE);
	for (int i = 0; i < 8; i++)
		output_free(others[i]);
	output_free(output);
	set_limit(limit.rlim_cur);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		staged_test(a_small_one_stays_in_memory),
		staged_test(a_large_one_is_a_file_that_is_named_when_whole),
		staged_test(after_a_crash_it_goes_on_where_it_was_kept),
		staged_test(after_a_crash_a_named_file_is_unfinished_again),
		staged_test(what_was_never_kept_begins_anew),
		staged_test(on_a_full_disk_nothing_is_appended),
		staged_test(any_number_may_grow_whatever_may_be_open),
		staged_test(without_descriptors_the_limit_is_named),
		staged_test(one_whose_file_was_removed_at_rest_begins_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
