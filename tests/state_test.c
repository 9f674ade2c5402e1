/* state_test.c - the state directory: made, locked, and refused where it would not be safe. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/base/buf.h"
#include "store/state.h"

typedef struct Place {
	char directory[64], state[80];
} Place;

static int set_up(void **state)
{
	Place *place = mem_new_zeroed(sizeof *place);

	strcpy(place->directory, "/tmp/wulfs-state-XXXXXX");
	if (!mkdtemp(place->directory))
		return -1;
	snprintf(place->state, sizeof place->state, "%s/a/b", place->directory);
	*state = place;
	return 0;
}

static int tear_down(void **state)
{
	Place *place = *state;
	char line[128];

	snprintf(line, sizeof line, "rm -r %s", place->directory);
	free(place);
	return system(line);
}

static void assert_refused(const char *directory, int number, const char *words)
{
	State state;
	Err err = { 0 };

	assert_int_equal(state_open(&state, directory, &err), -1);
	assert_int_equal(err.number, number);
	if (!strstr(err.text, words))
		fail_msg("\"%s\" does not say \"%s\"", err.text, words);
	assert_null(state.directory);
	assert_int_equal(state.lock, -1);
}

static void it_is_made_for_the_owner_alone(void **state)
{
	Place *place = *state;
	struct stat st;
	State made;
	char *path;
	Err err;

	assert_int_equal(state_open(&made, place->state, &err), 0);
	assert_string_equal(made.directory, place->state);
	assert_int_equal(stat(place->state, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	path = state_path(&made, "lock");
	assert_int_equal(strncmp(path, place->state, strlen(place->state)), 0);
	assert_int_equal(access(path, F_OK), 0);
	free(path);
	state_close(&made);
}

static void a_second_daemon_is_told_who_has_it(void **state)
{
	Place *place = *state;
	char wanted[128];
	State first;
	Err err;

	assert_int_equal(state_open(&first, place->state, &err), 0);
	state_sign(&first, "/mnt/cluster");
	snprintf(wanted, sizeof wanted, "pid %d, mounted on /mnt/cluster", (int)getpid());
	assert_refused(place->state, EBUSY, wanted);
	state_close(&first);
	assert_int_equal(state_open(&first, place->state, &err), 0);
	state_close(&first);
}

static void one_that_others_can_write_is_refused(void **state)
{
	Place *place = *state;

	mkdir(place->state, 0700);
	assert_int_equal(chmod(place->directory, 0777), 0);
	assert_refused(place->directory, EACCES, "chmod go-w");
	assert_int_equal(chmod(place->directory, 0700), 0);
}

static void one_that_is_a_file_is_refused(void **state)
{
	Place *place = *state;
	char path[96];
	FILE *file;

	snprintf(path, sizeof path, "%s/file", place->directory);
	file = fopen(path, "w");
	assert_non_null(file);
	fclose(file);
	assert_refused(path, ENOTDIR, "not a directory");
}

static void anothers_is_refused(void **state)
{
	Place *place = *state;

	if (geteuid() != 0)
		skip();
	assert_int_equal(chown(place->directory, 12345, 12345), 0);
	assert_refused(place->directory, EACCES, "another user");
	assert_int_equal(chown(place->directory, 0, 0), 0);
}

static void the_default_is_in_the_home(void **state)
{
	Place *place = *state;
	char wanted[96];
	State made;
	Err err;

	unsetenv("XDG_STATE_HOME");
	setenv("HOME", place->directory, 1);
	assert_int_equal(state_open(&made, NULL, &err), 0);
	snprintf(wanted, sizeof wanted, "%s/.local/state/wulfs", place->directory);
	assert_string_equal(made.directory, wanted);
	state_close(&made);

	setenv("XDG_STATE_HOME", place->state, 1);
	assert_int_equal(state_open(&made, NULL, &err), 0);
	snprintf(wanted, sizeof wanted, "%s/wulfs", place->state);
	assert_string_equal(made.directory, wanted);
	state_close(&made);
}

#define placed_test(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		placed_test(it_is_made_for_the_owner_alone),
		placed_test(a_second_daemon_is_told_who_has_it),
		placed_test(one_that_others_can_write_is_refused),
		placed_test(one_that_is_a_file_is_refused),
		placed_test(anothers_is_refused),
		placed_test(the_default_is_in_the_home),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
