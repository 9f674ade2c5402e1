/* listener_wire_test.c - what the listening process says arrives as it was said; what it cannot have said ends it. */
#include "node/discovery/listener_wire.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static Hearsay sample(void)
{
	Hearsay said = { .kind = HEARSAY_SAID, .number = 1ULL << 40, .wulfs = true, .port = 65535, .host = "pi.local",
			 .place = "fe80::1%eth0", .txt_count = 3 };

	said.txt[0] = (TxtString){ "cpus=4", 6 };
	said.txt[1] = (TxtString){ "", 0 };
	said.txt[2] = (TxtString){ "\0\xff\n", 3 };
	return said;
}

static void what_is_said_arrives_as_it_was_said(void **state)
{
	Hearsay said = sample(), heard;
	Buf frame = BUF_INIT;
	long size;
	Err err;

	(void)state;
	hearsay_put(&frame, &said);
	hearsay_put(&frame, &(Hearsay){ .kind = HEARSAY_STATE, .on = true, .text = "why" });
	for (size_t n = 0; n < 12; n++)
		assert_int_equal(hearsay_take(frame.data, n, &heard, &err), 0);
	size = hearsay_take(frame.data, frame.length, &heard, &err);
	assert_true(size > 0);
	assert_int_equal(heard.kind, HEARSAY_SAID);
	assert_true(heard.number == said.number && heard.wulfs && !heard.on && heard.port == 65535);
	assert_string_equal(heard.host, "pi.local");
	assert_string_equal(heard.place, "fe80::1%eth0");
	assert_int_equal(heard.txt_count, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(heard.txt[i].length, said.txt[i].length);
		assert_memory_equal(heard.txt[i].bytes, said.txt[i].bytes, said.txt[i].length);
	}
	buf_consume(&frame, (size_t)size);
	assert_int_equal(hearsay_take(frame.data, frame.length, &heard, &err), (long)frame.length);
	assert_int_equal(heard.kind, HEARSAY_STATE);
	assert_true(heard.on);
	assert_string_equal(heard.text, "why");
	buf_release(&frame);
}

/* Each byte of a frame changed to each of a few values: it is refused or understood, never more than it holds. */
static void a_changed_byte_is_refused_or_harmless(void **state)
{
	static const unsigned char values[] = { 0, 1, 32, 127, 128, 255 };
	Hearsay said = sample(), heard;
	Buf frame = BUF_INIT;
	int refused = 0;
	Err err;

	(void)state;
	hearsay_put(&frame, &said);
	for (size_t i = 0; i < frame.length; i++)
		for (size_t v = 0; v < sizeof values; v++) {
			char *copy = mem_copy(frame.data, frame.length);
			long size;

			copy[i] = (char)values[v];
			size = hearsay_take(copy, frame.length, &heard, &err);
			assert_true(size <= (long)frame.length);
			refused += size < 0;
			if (size > 0)
				assert_true(heard.txt_count <= HEARSAY_TXT_MAX && strlen(heard.host) < HEARSAY_TEXT);
			free(copy);
		}
	assert_true(refused > 20);
	buf_release(&frame);
}

static void a_frame_of_impossible_length_is_refused(void **state)
{
	Hearsay heard;
	Err err;

	(void)state;
	assert_int_equal(hearsay_take("\xff\xff\xff\x7f", 4, &heard, &err), -1);
	assert_int_equal(err.number, EPROTO);
	assert_int_equal(hearsay_take("\0\0\0\0", 4, &heard, &err), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_said_arrives_as_it_was_said),
		cmocka_unit_test(a_changed_byte_is_refused_or_harmless),
		cmocka_unit_test(a_frame_of_impossible_length_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
