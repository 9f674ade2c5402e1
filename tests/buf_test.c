/* buf_test.c - growing bytes, and the sentences of errors. */
#include "store/base/buf.h"
#include "store/base/err.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void an_empty_buf_is_an_empty_text(void **state)
{
	Buf buf = BUF_INIT;

	(void)state;
	assert_string_equal(buf_text(&buf), "");
	buf_add(&buf, NULL, 0);
	buf_consume(&buf, 0);
	buf_clear(&buf);
	assert_null(buf.data);
	buf_release(&buf);
}

static void what_is_added_stands_at_the_end(void **state)
{
	Buf buf = BUF_INIT;

	(void)state;
	buf_add(&buf, "job 10", 4);
	buf_addf(&buf, "%d", 10000001);
	buf_add_char(&buf, ' ');
	buf_add_text(&buf, "RUNNING");
	assert_string_equal(buf_text(&buf), "job 10000001 RUNNING");
	assert_int_equal(buf.length, strlen("job 10000001 RUNNING"));
	buf_release(&buf);
}

static void what_is_consumed_leaves_at_the_front(void **state)
{
	Buf buf = BUF_INIT;

	(void)state;
	buf_add_text(&buf, "first\nsecond\n");
	buf_consume(&buf, strlen("first\n"));
	assert_string_equal(buf_text(&buf), "second\n");
	buf_consume(&buf, buf.length);
	assert_string_equal(buf_text(&buf), "");
	buf_release(&buf);
}

/* Around 64 bytes buf_addf changes from one formatting to two. */
static void formatted_text_of_any_length_is_whole(void **state)
{
	int n;

	(void)state;
	for (n = 0; n < 300; n++) {
		Buf buf = BUF_INIT;

		buf_add_text(&buf, "=");
		buf_addf(&buf, "%*s", n, "");
		assert_int_equal(buf.length, n + 1);
		assert_int_equal(strlen(buf_text(&buf)), n + 1);
		buf_release(&buf);
	}
}

static void bytes_may_be_nul(void **state)
{
	Buf buf = BUF_INIT;

	(void)state;
	buf_add(&buf, "A=1\0B=2", 8);
	assert_int_equal(buf.length, 8);
	assert_memory_equal(buf.data, "A=1\0B=2", 8);
	buf_release(&buf);
}

static void space_is_filled_by_the_caller(void **state)
{
	Buf buf = BUF_INIT;

	(void)state;
	buf_add_text(&buf, "from ");
	memcpy(buf_space(&buf, 1000), "read", 4);
	buf_grew(&buf, 4);
	assert_string_equal(buf_text(&buf), "from read");
	buf_release(&buf);
}

static void growing_byte_by_byte_keeps_every_byte(void **state)
{
	Buf buf = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < 100000; i++)
		buf_add_char(&buf, (char)('a' + i % 26));
	assert_int_equal(buf.length, 100000);
	for (i = 0; i < 100000; i++)
		assert_int_equal(buf.data[i], 'a' + i % 26);
	buf_release(&buf);
}

static void a_taken_text_is_the_callers(void **state)
{
	Buf buf = BUF_INIT;
	char *text;

	(void)state;
	buf_add_text(&buf, "mine");
	text = buf_take(&buf);
	assert_string_equal(text, "mine");
	assert_string_equal(buf_text(&buf), "");
	free(text);

	text = buf_take(&buf);
	assert_string_equal(text, "");
	free(text);
}

static void a_cleared_buf_keeps_its_memory(void **state)
{
	Buf buf = BUF_INIT;
	size_t room;

	(void)state;
	buf_add_text(&buf, "gone");
	room = buf.room;
	buf_clear(&buf);
	assert_string_equal(buf_text(&buf), "");
	assert_int_equal(buf.room, room);
	buf_release(&buf);
	assert_int_equal(buf.room, 0);
}

static void copies_end_in_a_nul(void **state)
{
	char *copy = mem_copy("abcdef", 3);

	(void)state;
	assert_string_equal(copy, "abc");
	free(copy);
	copy = mem_copy_text("text");
	assert_string_equal(copy, "text");
	free(copy);
}

static void an_error_is_a_number_and_a_sentence(void **state)
{
	Err err;

	(void)state;
	assert_int_equal(err_set(&err, EINVAL, "--%s: \"%s\" is not a number", "ntasks", "lots"), -1);
	assert_int_equal(err.number, EINVAL);
	assert_string_equal(err.text, "--ntasks: \"lots\" is not a number");
	assert_int_equal(err.length, 0);
}

static void a_system_error_brings_the_systems_words(void **state)
{
	Err err;

	(void)state;
	assert_int_equal(err_sys(&err, ENOENT, "open %s", "/nowhere"), -1);
	assert_string_equal(err.text, "open /nowhere: No such file or directory");
}

static void an_error_points_at_its_word(void **state)
{
	Err err;

	(void)state;
	err_set(&err, EINVAL, "wrong");
	assert_int_equal(err_point(&err, 7, 3), -1);
	assert_int_equal(err.at, 7);
	assert_int_equal(err.length, 3);
	err_set(&err, EINVAL, "wrong elsewhere");
	assert_int_equal(err.length, 0);
}

static void control_characters_do_not_reach_the_terminal(void **state)
{
	Err err;

	(void)state;
	err_set(&err, EINVAL, "no \"%s\"", "\033[2J\n\177");
	assert_string_equal(err.text, "no \"?[2J??\"");
}

static void a_sentence_too_long_is_cut(void **state)
{
	Err err;

	(void)state;
	err_sys(&err, EIO, "%0400d", 0);
	assert_int_equal(strlen(err.text), sizeof err.text - 1);
}

static void nobody_needs_to_listen(void **state)
{
	(void)state;
	assert_int_equal(err_set(NULL, EINVAL, "unheard"), -1);
	assert_int_equal(err_sys(NULL, EINVAL, "unheard"), -1);
	assert_int_equal(err_point(NULL, 1, 2), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_buf_is_an_empty_text),
		cmocka_unit_test(what_is_added_stands_at_the_end),
		cmocka_unit_test(what_is_consumed_leaves_at_the_front),
		cmocka_unit_test(formatted_text_of_any_length_is_whole),
		cmocka_unit_test(bytes_may_be_nul),
		cmocka_unit_test(space_is_filled_by_the_caller),
		cmocka_unit_test(growing_byte_by_byte_keeps_every_byte),
		cmocka_unit_test(a_taken_text_is_the_callers),
		cmocka_unit_test(a_cleared_buf_keeps_its_memory),
		cmocka_unit_test(copies_end_in_a_nul),
		cmocka_unit_test(an_error_is_a_number_and_a_sentence),
		cmocka_unit_test(a_system_error_brings_the_systems_words),
		cmocka_unit_test(an_error_points_at_its_word),
		cmocka_unit_test(control_characters_do_not_reach_the_terminal),
		cmocka_unit_test(a_sentence_too_long_is_cut),
		cmocka_unit_test(nobody_needs_to_listen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
