/* wire_test.c - every message survives the wire; nothing that was cut, stretched or made up does. */
#include "node/wire/signals.h"
#include "node/wire/wire.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define RUN { 10000001, 7 }

/* One of each, every field different from zero and from its neighbours. */
static const Message samples[] = {
	{ .type = WIRE_HELLO, .hello = { 2, { "uuid", 4 }, 8, 604800, 1ULL << 40 } },
	{ .type = WIRE_SLOTS, .slots = { 3 } },
	{ .type = WIRE_RUN, .run = RUN, .start = { 2, 600000, 30000, 1, { "#!/bin/sh\n", 10 }, { "/home", 5 },
		{ "A=1\0B=2\0", 8 }, 1ULL << 33, 10, 60000, 1, { "data.txt", 8 }, 1 } },
	{ .type = WIRE_ATTACH, .run = RUN, .attach = { { 5, UINT64_MAX } } },
	{ .type = WIRE_RECALL, .run = RUN },
	{ .type = WIRE_SIGNAL, .run = RUN, .signal = { 15 } },
	{ .type = WIRE_CANCEL, .run = RUN, .cancel = { 30000 } },
	{ .type = WIRE_RELEASE, .run = RUN },
	{ .type = WIRE_CREDIT_MORE, .credit = { 65536 } },
	{ .type = WIRE_PING, .ping = { 0x0123456789abcdef } },
	{ .type = WIRE_INPUT, .run = RUN, .input = { 1ULL << 34, 1, { "\0\xff\n", 3 } } },
	{ .type = WIRE_PARCEL, .parcel = { { "hash", 4 }, 1ULL << 40, 1ULL << 41, { "\0x", 2 } } },
	{ .type = WIRE_WELCOME, .welcome = { 2, { "i", 1 }, { "boot", 4 }, { "host", 4 }, { "x86_64", 6 },
		{ "Linux 6.1", 9 }, 16, 1ULL << 36 } },
	{ .type = WIRE_HELD, .run = RUN, .held = { HELD_ENDED, 12, { 3, 4 } } },
	{ .type = WIRE_THAT_IS_ALL },
	{ .type = WIRE_RECALLED, .run = RUN },
	{ .type = WIRE_STARTED, .run = RUN, .started = { 9 } },
	{ .type = WIRE_OUTPUT, .run = RUN, .output = { 1, 77, { "\0\xff\n", 3 } } },
	{ .type = WIRE_ENDED, .run = RUN, .ended = { END_LOST, 137, 1, 2, { 3, 4 }, 5, 6, 7, { "why", 3 } } },
	{ .type = WIRE_PONG, .pong = { 0x0123456789abcdef, 150, 1ULL << 33 } },
	{ .type = WIRE_INPUT_WANTED, .run = RUN, .wanted = { 5, UINT64_MAX } },
	{ .type = WIRE_FETCH, .fetch = { { "hash", 4 }, 1ULL << 40, 1024 } },
	{ .type = WIRE_STUCK, .run = RUN, .stuck = { 4711, { "root", 4 } } },
};

enum { SAMPLES = sizeof samples / sizeof *samples };

static Buf frame_of(const Message *message)
{
	Buf frame = BUF_INIT;

	wire_put(&frame, message);
	return frame;
}

/* Exactly n bytes on the heap, so that a sanitizer sees whoever reads on. */
static long take_exactly(const char *bytes, size_t n, Err *err)
{
	char *copy = malloc(n ? n : 1);
	Message message;
	long taken;

	memcpy(copy, bytes, n);
	taken = wire_take(copy, n, &message, err);
	free(copy);
	return taken;
}

static void put_length(Buf *frame, size_t length)
{
	for (size_t i = 0; i < 4; i++)
		frame->data[i] = (char)(length >> (8 * i));
}

static void every_message_survives(void **state)
{
	(void)state;
	assert_int_equal(SAMPLES, WIRE_TYPE_END - 1);
	for (size_t i = 0; i < SAMPLES; i++) {
		Buf frame = frame_of(&samples[i]), again;
		Message message;

		assert_int_equal(samples[i].type, i + 1);
		assert_int_equal(wire_take(frame.data, frame.length, &message, NULL), frame.length);
		assert_int_equal(message.type, samples[i].type);
		again = frame_of(&message);
		assert_int_equal(again.length, frame.length);
		assert_memory_equal(again.data, frame.data, frame.length);
		buf_release(&again);
		buf_release(&frame);
	}
}

static void fields_arrive_as_they_were_sent(void **state)
{
	Buf frame = frame_of(&samples[WIRE_RUN - 1]);
	Message message;

	(void)state;
	assert_true(wire_take(frame.data, frame.length, &message, NULL) > 0);
	assert_true(run_is(message.run, (RunName){ 10000001, 7 }));
	assert_int_equal(message.start.slots, 2);
	assert_int_equal(message.start.limit_ms, 600000);
	assert_int_equal(message.start.grace_ms, 30000);
	assert_int_equal(message.start.script, 1);
	assert_true(slice_is(message.start.command, "#!/bin/sh\n"));
	assert_true(slice_is(message.start.directory, "/home"));
	assert_int_equal(message.start.environment.length, 8);
	assert_int_equal(message.start.memory, 1ULL << 33);
	assert_int_equal(message.start.warn_signal, 10);
	assert_int_equal(message.start.warn_ms, 60000);
	assert_int_equal(message.start.warn_first, 1);
	assert_true(slice_is(message.start.input, "data.txt"));
	assert_int_equal(message.start.fed, 1);
	buf_release(&frame);
}

static void parcels_are_listed_in_a_run(void **state)
{
	Buf list = BUF_INIT;
	WireParcel one = { .size = 1ULL << 40 }, two = { .size = 2 }, taken;
	Slice rest;

	(void)state;
	memset(one.hash, 'a', WIRE_HASH);
	memset(two.hash, '\xff', WIRE_HASH);
	wire_put_parcel(&list, &one);
	wire_put_parcel(&list, &two);
	rest = (Slice){ list.data, (uint32_t)list.length };
	assert_true(wire_take_parcel(&rest, &taken));
	assert_memory_equal(taken.hash, one.hash, WIRE_HASH);
	assert_int_equal(taken.size, one.size);
	assert_true(wire_take_parcel(&rest, &taken));
	assert_memory_equal(taken.hash, two.hash, WIRE_HASH);
	assert_int_equal(taken.size, 2);
	assert_false(wire_take_parcel(&rest, &taken));
	assert_int_equal(rest.length, 0);
	buf_release(&list);
}

static void integers_are_little_endian(void **state)
{
	static const char expected[] = "\x09\0\0\0\x0a\xef\xcd\xab\x89\x67\x45\x23\x01";
	Buf frame = frame_of(&samples[WIRE_PING - 1]);

	(void)state;
	assert_int_equal(frame.length, sizeof expected - 1);
	assert_memory_equal(frame.data, expected, frame.length);
	buf_release(&frame);
}

static void a_cut_frame_is_waited_for(void **state)
{
	(void)state;
	for (size_t i = 0; i < SAMPLES; i++) {
		Buf frame = frame_of(&samples[i]);

		for (size_t n = 0; n < frame.length; n++)
			assert_int_equal(take_exactly(frame.data, n, NULL), 0);
		buf_release(&frame);
	}
}

static void a_frame_that_does_not_add_up_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < SAMPLES; i++) {
		Buf frame = frame_of(&samples[i]);
		size_t whole = frame.length - 4;
		Err err;

		for (size_t length = 1; length < whole; length++) {
			put_length(&frame, length);
			assert_int_equal(take_exactly(frame.data, 4 + length, &err), -1);
			assert_int_equal(err.number, EPROTO);
		}
		buf_add_char(&frame, 'x');
		put_length(&frame, whole + 1);
		assert_int_equal(take_exactly(frame.data, frame.length, &err), -1);
		assert_non_null(strstr(err.text, wire_name(samples[i].type)));
		buf_release(&frame);
	}
}

static void a_length_out_of_bounds_is_refused_at_once(void **state)
{
	static const char none[] = "\0\0\0\0", huge[] = "\x01\0\x60\0", all[] = "\xff\xff\xff\xff";
	Err err;

	(void)state;
	assert_int_equal(take_exactly(none, 4, &err), -1);
	assert_int_equal(take_exactly(huge, 4, &err), -1);
	assert_int_equal(take_exactly(all, 4, &err), -1);
	assert_int_equal(err.number, EPROTO);
}

static void unknown_types_are_refused(void **state)
{
	(void)state;
	for (int type = 0; type < 256; type++) {
		char frame[] = { 1, 0, 0, 0, (char)type };

		if (type == 0 || type >= WIRE_TYPE_END)
			assert_int_equal(take_exactly(frame, sizeof frame, NULL), -1);
	}
	assert_string_equal(wire_name(WIRE_HELLO), "HELLO");
	assert_string_equal(wire_name(WIRE_TYPE_END), "?");
}

/* Puts message, takes it back, and expects that to fail. */
static void assert_too_much(const Message *message)
{
	Buf frame = frame_of(message);
	Err err;

	assert_int_equal(take_exactly(frame.data, frame.length, &err), -1);
	assert_int_equal(err.number, EPROTO);
	buf_release(&frame);
}

static void bytes_and_enums_have_bounds(void **state)
{
	static char many[5 * 1024 * 1024];
	const Slice too_long = { many, WIRE_OUTPUT_MAX + 1 };
	Message message;

	(void)state;
	message = samples[WIRE_OUTPUT - 1];
	message.output.data = too_long;
	assert_too_much(&message);
	message = samples[WIRE_OUTPUT - 1];
	message.output.stream = WIRE_STREAMS;
	assert_too_much(&message);
	message = samples[WIRE_PARCEL - 1];
	message.parcel.data = too_long;
	assert_too_much(&message);
	message = samples[WIRE_FETCH - 1];
	message.fetch.hash = (Slice){ many, WIRE_HASH + 1 };
	assert_too_much(&message);
	message = samples[WIRE_RUN - 1];
	message.start.parcels = (Slice){ many, WIRE_PARCELS_MAX * WIRE_PARCEL_BYTES + 1 };
	assert_too_much(&message);
	message = samples[WIRE_HELLO - 1];
	message.hello.state = too_long;
	assert_too_much(&message);
	message = samples[WIRE_RUN - 1];
	message.start.command = (Slice){ many, 4 * 1024 * 1024 + 1 };
	assert_too_much(&message);
	message = samples[WIRE_RUN - 1];
	message.start.directory = too_long;
	assert_too_much(&message);
	message = samples[WIRE_RUN - 1];
	message.start.script = 2;
	assert_too_much(&message);
	message = samples[WIRE_RUN - 1];
	message.start.input = too_long;
	assert_too_much(&message);
	message = samples[WIRE_INPUT - 1];
	message.input.data = too_long;
	assert_too_much(&message);
	message = samples[WIRE_INPUT - 1];
	message.input.last = 2;
	assert_too_much(&message);
	message = samples[WIRE_HELD - 1];
	message.held.phase = HELD_PHASE_END;
	assert_too_much(&message);
	message = samples[WIRE_ENDED - 1];
	message.ended.how = END_END;
	assert_too_much(&message);
}

static void the_largest_run_fits(void **state)
{
	static char many[4 * 1024 * 1024];
	Message message = samples[WIRE_RUN - 1], taken;
	Buf frame;

	(void)state;
	message.start.command = (Slice){ many, 4 * 1024 * 1024 };
	message.start.environment = (Slice){ many, 1024 * 1024 };
	message.start.directory = (Slice){ many, 4096 };
	frame = frame_of(&message);
	assert_int_equal(wire_take(frame.data, frame.length, &taken, NULL), frame.length);
	assert_int_equal(taken.start.command.length, 4 * 1024 * 1024);
	buf_release(&frame);
}

static void frames_follow_one_another(void **state)
{
	Buf stream = BUF_INIT;
	Message message;
	size_t at = 0;

	(void)state;
	for (size_t i = 0; i < SAMPLES; i++)
		wire_put(&stream, &samples[i]);
	for (size_t i = 0; i < SAMPLES; i++) {
		at += (size_t)wire_take(stream.data + at, stream.length - at, &message, NULL);
		assert_int_equal(message.type, samples[i].type);
	}
	assert_int_equal(at, stream.length);
	buf_release(&stream);
}

/* The bytes themselves: another layout is another version. */
static void a_frame_is_these_bytes(void **state)
{
	static const char hello[] = "\x25\0\0\0\1" "\1\0\0\0" "\4\0\0\0uuid" "\x08\0\0\0" "\x80\x3a\x09\0" "\0\0\0\0\0\1\0\0"
		"\0\0\0\0\1\0\0\0";
	Message greeting = samples[WIRE_HELLO - 1];
	Buf out = BUF_INIT;

	(void)state;
	greeting.hello.version = 1;
	greeting.hello.cache = (uint64_t)1 << 32;
	wire_put(&out, &greeting);
	assert_int_equal(out.length, sizeof hello - 1);
	assert_memory_equal(out.data, hello, out.length);
	buf_release(&out);
}

static uint32_t signal_in(const Buf *frame, size_t at)
{
	return (unsigned char)frame->data[at];
}

/* By name here, by a number of its own there. */
static void a_signal_has_the_wires_number(void **state)
{
	const struct { int here; uint32_t there; } rows[] = {
		{ SIGTERM, 15 }, { SIGUSR1, 10 }, { SIGUSR2, 12 }, { SIGSTOP, 19 }, { SIGCONT, 18 }, { SIGBUS, 7 },
		{ SIGRTMIN, 34 }, { SIGRTMAX, 34 + (uint32_t)(SIGRTMAX - SIGRTMIN) }, { 0, 0 },
	};
	Message message;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		Buf out = BUF_INIT;

		wire_put(&out, &(Message){ .type = WIRE_SIGNAL, .run = RUN, .signal = { (uint32_t)rows[i].here } });
		assert_int_equal(signal_in(&out, 4 + 1 + 8 + 4), rows[i].there);
		assert_true(wire_take(out.data, out.length, &message, NULL) > 0);
		assert_int_equal(message.signal.signal, rows[i].here);
		buf_clear(&out);
		wire_put(&out, &(Message){ .type = WIRE_ENDED, .run = RUN, .ended = { .how = END_SIGNALLED, .code = (uint32_t)rows[i].here } });
		assert_int_equal(signal_in(&out, 4 + 1 + 8 + 4 + 1), rows[i].there);
		assert_true(wire_take(out.data, out.length, &message, NULL) > 0);
		assert_int_equal(message.ended.code, rows[i].here);
		buf_release(&out);
	}
}

/* Were numbers of the wire another machine's: what has no name here stays what it is. */
static void a_signal_is_told_apart_from_an_exit_code(void **state)
{
	Buf out = BUF_INIT;

	(void)state;
	assert_int_equal(signal_from_wire(signal_to_wire(16)), 16);
	assert_int_equal(signal_from_wire(1000), 1000);
	wire_put(&out, &(Message){ .type = WIRE_ENDED, .run = RUN, .ended = { .how = END_EXITED, .code = 200 } });
	assert_int_equal(signal_in(&out, 4 + 1 + 8 + 4 + 1), 200);
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_message_survives),
		cmocka_unit_test(a_frame_is_these_bytes),
		cmocka_unit_test(a_signal_has_the_wires_number),
		cmocka_unit_test(a_signal_is_told_apart_from_an_exit_code),
		cmocka_unit_test(fields_arrive_as_they_were_sent),
		cmocka_unit_test(parcels_are_listed_in_a_run),
		cmocka_unit_test(integers_are_little_endian),
		cmocka_unit_test(a_cut_frame_is_waited_for),
		cmocka_unit_test(a_frame_that_does_not_add_up_is_refused),
		cmocka_unit_test(a_length_out_of_bounds_is_refused_at_once),
		cmocka_unit_test(unknown_types_are_refused),
		cmocka_unit_test(bytes_and_enums_have_bounds),
		cmocka_unit_test(the_largest_run_fits),
		cmocka_unit_test(frames_follow_one_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
