/* base_test.c - small things that everything stands on: lists of words, and writing all of it. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/base/io.h"
#include "store/base/list.h"

static void a_list_has_whole_words(void **state)
{
	static const struct { const char *list, *separators, *word; bool has; } rows[] = {
		{ "a,b,c", ",", "a", true }, { "a,b,c", ",", "c", true }, { "a,b,c", ",", "d", false },
		{ "ab,c", ",", "a", false }, { "ab,c", ",", "b", false }, { "", ",", "a", false },
		{ "10.0.0.1 fe80::1", " ", "10.0.0.1", true }, { "10.0.0.12", " ", "10.0.0.1", false },
		{ "a&b|c", "&|", "b", true }, { "a,,b", ",", "b", true }, { "a", ",", "", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (list_has(rows[i].list, rows[i].separators, rows[i].word, strlen(rows[i].word)) != rows[i].has)
			fail_msg("\"%s\" in \"%s\"", rows[i].word, rows[i].list);
}

static void all_is_written_at_its_place(void **state)
{
	char path[] = "/tmp/wulfs-base-XXXXXX", text[8] = "";
	int fd = mkstemp(path);

	(void)state;
	assert_int_equal(write_all(fd, "abcdef", 6), 0);
	assert_int_equal(pwrite_all(fd, "XY", 2, 2), 0);
	assert_int_equal(pread(fd, text, 7, 0), 6);
	assert_string_equal(text, "abXYef");
	close(fd);
	unlink(path);
}

static void a_full_device_is_said(void **state)
{
	int fd = open("/dev/full", O_WRONLY);

	(void)state;
	assert_int_equal(write_all(fd, "a", 1), -1);
	assert_int_equal(errno, ENOSPC);
	close(fd);
	assert_int_equal(write_all(-1, "a", 1), -1);
	assert_int_equal(errno, EBADF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_has_whole_words),
		cmocka_unit_test(all_is_written_at_its_place),
		cmocka_unit_test(a_full_device_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
