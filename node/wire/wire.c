/* wire.c - frames. One table says what each message is made of; one writer and one reader walk it, so
 * that the two sides cannot disagree and the fuzzer needs one entrance. */
#include "node/wire/wire.h"

#include "node/wire/signals.h"

#include <errno.h>
#include <string.h>

/* KIND_SIGNAL and KIND_CODE are u32: a signal, by the wire's number; what a run ended with, which may be one. */
typedef enum Kind { KIND_END, KIND_U8, KIND_U32, KIND_U64, KIND_BYTES, KIND_SIGNAL, KIND_CODE } Kind;

typedef struct Field {
	Kind kind;
	size_t offset;          /* in Message */
	uint32_t most;          /* bytes: longest; u8: first value that is none (0: any) */
} Field;

typedef struct Layout {
	const char *name;
	Field fields[24];       /* KIND_END follows the last */
} Layout;

#define U8(member, bound) { KIND_U8, offsetof(Message, member), bound }
#define U32(member) { KIND_U32, offsetof(Message, member), 0 }
#define U64(member) { KIND_U64, offsetof(Message, member), 0 }
#define BYTES(member, bound) { KIND_BYTES, offsetof(Message, member), bound }
#define SIGNAL(member) { KIND_SIGNAL, offsetof(Message, member), 0 }
#define CODE(member) { KIND_CODE, offsetof(Message, member), 0 }
#define RUN_NAME U64(run.task), U32(run.number)

enum { PARCELS_BYTES = WIRE_PARCELS_MAX * WIRE_PARCEL_BYTES, RETURNS_MAX = 64 * 1024 };
enum { NAME_MAX_BYTES = 256, COMMAND_MAX = 4 * 1024 * 1024, PATH_MAX_BYTES = 4096, ENVIRONMENT_MAX = 1024 * 1024 };

static const Layout layouts[WIRE_TYPE_END] = {
	[WIRE_HELLO] = { "HELLO", { U32(hello.version), BYTES(hello.state, NAME_MAX_BYTES), U32(hello.slots),
		U32(hello.lease_s), U64(hello.credit), U64(hello.cache) } },
	[WIRE_SLOTS] = { "SLOTS", { U32(slots.slots) } },
	[WIRE_RUN] = { "RUN", { RUN_NAME, U32(start.slots), U64(start.limit_ms), U32(start.grace_ms),
		U8(start.script, 2), BYTES(start.command, COMMAND_MAX), BYTES(start.directory, PATH_MAX_BYTES),
		BYTES(start.environment, ENVIRONMENT_MAX), U64(start.memory), SIGNAL(start.warn_signal),
		U64(start.warn_ms), U8(start.warn_first, 2), BYTES(start.input, PATH_MAX_BYTES), U8(start.fed, 2),
		BYTES(start.parcels, PARCELS_BYTES), BYTES(start.returns, RETURNS_MAX) } },
	[WIRE_ATTACH] = { "ATTACH", { RUN_NAME, U64(attach.from[0]), U64(attach.from[1]),
		U64(attach.from[2]) } },
	[WIRE_RECALL] = { "RECALL", { RUN_NAME } },
	[WIRE_SIGNAL] = { "SIGNAL", { RUN_NAME, SIGNAL(signal.signal) } },
	[WIRE_CANCEL] = { "CANCEL", { RUN_NAME, U32(cancel.grace_ms) } },
	[WIRE_RELEASE] = { "RELEASE", { RUN_NAME } },
	[WIRE_CREDIT_MORE] = { "CREDIT_MORE", { U64(credit.bytes) } },
	[WIRE_PING] = { "PING", { U64(ping.stamp) } },
	[WIRE_INPUT] = { "INPUT", { RUN_NAME, U64(input.offset), U8(input.last, 2),
		BYTES(input.data, WIRE_INPUT_MAX) } },
	[WIRE_WELCOME] = { "WELCOME", { U32(welcome.version), BYTES(welcome.instance, NAME_MAX_BYTES),
		BYTES(welcome.boot, NAME_MAX_BYTES), BYTES(welcome.host, NAME_MAX_BYTES),
		BYTES(welcome.arch, NAME_MAX_BYTES), BYTES(welcome.os, NAME_MAX_BYTES), U32(welcome.cpus),
		U64(welcome.memory) } },
	[WIRE_HELD] = { "HELD", { RUN_NAME, U8(held.phase, HELD_PHASE_END), U64(held.age_ms), U64(held.size[0]),
		U64(held.size[1]), U64(held.size[2]) } },
	[WIRE_THAT_IS_ALL] = { "THAT_IS_ALL", { { KIND_END, 0, 0 } } },
	[WIRE_RECALLED] = { "RECALLED", { RUN_NAME } },
	[WIRE_STARTED] = { "STARTED", { RUN_NAME, U64(started.age_ms) } },
	[WIRE_OUTPUT] = { "OUTPUT", { RUN_NAME, U8(output.stream, WIRE_STREAMS), U64(output.offset),
		BYTES(output.data, WIRE_OUTPUT_MAX) } },
	[WIRE_ENDED] = { "ENDED", { RUN_NAME, U8(ended.how, END_END), CODE(ended.code), U64(ended.ran_ms),
		U64(ended.age_ms), U64(ended.size[0]), U64(ended.size[1]), U64(ended.size[2]),
		U64(ended.user_us), U64(ended.system_us), U64(ended.memory), BYTES(ended.reason, NAME_MAX_BYTES) } },
	[WIRE_PONG] = { "PONG", { U64(pong.stamp), U32(pong.load), U64(pong.memory_free) } },
	[WIRE_INPUT_WANTED] = { "INPUT_WANTED", { RUN_NAME, U64(wanted.from), U64(wanted.until) } },
	[WIRE_FETCH] = { "FETCH", { BYTES(fetch.hash, WIRE_HASH), U64(fetch.offset), U64(fetch.most) } },
	[WIRE_PARCEL] = { "PARCEL", { BYTES(parcel.hash, WIRE_HASH), U64(parcel.offset), U64(parcel.total),
		BYTES(parcel.data, WIRE_OUTPUT_MAX) } },
	[WIRE_STUCK] = { "STUCK", { RUN_NAME, U32(stuck.pid), BYTES(stuck.user, NAME_MAX_BYTES) } },
};

/* --- fields --------------------------------------------------------------------------------------- */

/* Little-endian whatever the machine is. */
static void put_number(Buf *out, uint64_t value, size_t bytes)
{
	unsigned char *to = (unsigned char *)buf_space(out, bytes);

	for (size_t i = 0; i < bytes; i++)
		to[i] = (unsigned char)(value >> (8 * i));
	buf_grew(out, bytes);
}

static uint64_t get_number(const char *from, size_t bytes)
{
	uint64_t value = 0;

	for (size_t i = bytes; i-- > 0;)
		value = value << 8 | (unsigned char)from[i];
	return value;
}

static bool is_signal(const Message *message)
{
	return message->ended.how == END_SIGNALLED;
}

static void put_field(Buf *out, const Field *field, const Message *message)
{
	const char *at = (const char *)message + field->offset;

	switch (field->kind) {
	case KIND_U8:
		put_number(out, *(const uint8_t *)at, 1);
		break;
	case KIND_U32:
		put_number(out, *(const uint32_t *)at, 4);
		break;
	case KIND_SIGNAL:
		put_number(out, signal_to_wire(*(const uint32_t *)at), 4);
		break;
	case KIND_CODE:
		put_number(out, is_signal(message) ? signal_to_wire(*(const uint32_t *)at) : *(const uint32_t *)at, 4);
		break;
	case KIND_U64:
		put_number(out, *(const uint64_t *)at, 8);
		break;
	case KIND_BYTES: {
		const Slice *slice = (const Slice *)at;

		put_number(out, slice->length, 4);
		buf_add(out, slice->data, slice->length);
		break;
	}
	case KIND_END:
		break;
	}
}

/* --- frames --------------------------------------------------------------------------------------- */

void wire_put(Buf *out, const Message *message)
{
	const Layout *layout = &layouts[message->type];
	size_t start = out->length;
	uint32_t length;

	put_number(out, 0, 4);
	put_number(out, message->type, 1);
	for (const Field *field = layout->fields; field->kind != KIND_END; field++)
		put_field(out, field, message);
	length = (uint32_t)(out->length - start - 4);
	for (size_t i = 0; i < 4; i++)
		out->data[start + i] = (char)(length >> (8 * i));
}

/* Reads one field from what is left of the frame; false if it is not all there or out of its bound. */
static bool get_field(const char **from, const char *end, const Field *field, Message *message)
{
	static const size_t fixed[] = { [KIND_U8] = 1, [KIND_U32] = 4, [KIND_U64] = 8, [KIND_BYTES] = 4,
					[KIND_SIGNAL] = 4, [KIND_CODE] = 4 };
	char *to = (char *)message + field->offset;
	size_t bytes = fixed[field->kind];
	uint64_t value;

	if ((size_t)(end - *from) < bytes)
		return false;
	value = get_number(*from, bytes);
	*from += bytes;
	switch (field->kind) {
	case KIND_U8:
		*(uint8_t *)to = (uint8_t)value;
		return field->most == 0 || value < field->most;
	case KIND_U32:
		*(uint32_t *)to = (uint32_t)value;
		return true;
	case KIND_SIGNAL:
		*(uint32_t *)to = signal_from_wire((uint32_t)value);
		return true;
	case KIND_CODE:         /* how it ended stands before it */
		*(uint32_t *)to = is_signal(message) ? signal_from_wire((uint32_t)value) : (uint32_t)value;
		return true;
	case KIND_U64:
		*(uint64_t *)to = value;
		return true;
	case KIND_BYTES:
		if (value > field->most || value > (size_t)(end - *from))
			return false;
		*(Slice *)to = (Slice){ *from, (uint32_t)value };
		*from += value;
		return true;
	case KIND_END:
		break;
	}
	return false;
}

long wire_take(const char *bytes, size_t n, Message *message, Err *err)
{
	const Field *field;
	const char *from, *end;
	uint64_t length;

	if (n < 4)
		return 0;
	length = get_number(bytes, 4);
	if (length < 1 || length > WIRE_FRAME_MAX)
		return err_set(err, EPROTO, "a frame claims %llu bytes; 1 to %d are possible",
			       (unsigned long long)length, WIRE_FRAME_MAX);
	if (n < 4 + length)
		return 0;
	from = bytes + 5;
	end = bytes + 4 + length;
	memset(message, 0, sizeof *message);
	message->type = (MessageType)(unsigned char)bytes[4];
	if (message->type < WIRE_HELLO || message->type >= WIRE_TYPE_END)
		return err_set(err, EPROTO, "a frame of unknown type %d", (unsigned char)bytes[4]);
	for (field = layouts[message->type].fields; field->kind != KIND_END; field++)
		if (!get_field(&from, end, field, message))
			return err_set(err, EPROTO, "a malformed %s frame", layouts[message->type].name);
	if (from != end)
		return err_set(err, EPROTO, "a %s frame with %ld bytes too many", layouts[message->type].name,
			       (long)(end - from));
	return (long)(4 + length);
}

void wire_put_parcel(Buf *list, const WireParcel *parcel)
{
	buf_add(list, parcel->hash, WIRE_HASH);
	put_number(list, parcel->size, 8);
}

bool wire_take_parcel(Slice *list, WireParcel *parcel)
{
	if (list->length < WIRE_PARCEL_BYTES)
		return false;
	memcpy(parcel->hash, list->data, WIRE_HASH);
	parcel->size = get_number(list->data + WIRE_HASH, 8);
	list->data += WIRE_PARCEL_BYTES;
	list->length -= WIRE_PARCEL_BYTES;
	return true;
}

const char *wire_name(MessageType type)
{
	return type < WIRE_TYPE_END && layouts[type].name ? layouts[type].name : "?";
}

Slice slice_of(const char *text)
{
	return text ? (Slice){ text, (uint32_t)strlen(text) } : (Slice){ NULL, 0 };
}

bool slice_is(Slice slice, const char *text)
{
	return slice.length == strlen(text) && memcmp(slice.data, text, slice.length) == 0;
}

bool run_is(RunName a, RunName b)
{
	return a.task == b.task && a.number == b.number;
}
