/* listener_wire.c - frames: length (u32), kind, flags, port, number, then the texts, each behind its length. */
#include "node/discovery/listener_wire.h"

#include <errno.h>
#include <string.h>

enum { FLAG_ON = 1, FLAG_WULFS = 2, TXT_BYTES = 255 };

/* --- writing ----------------------------------------------------------------------------------- */

static void put_number(Buf *out, uint64_t value, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		buf_add_char(out, (char)(value >> (8 * i)));
}

static void put_bytes(Buf *out, const char *bytes, size_t n)
{
	put_number(out, n, 2);
	buf_add(out, bytes, n);
}

void hearsay_put(Buf *out, const Hearsay *hearsay)
{
	size_t start = out->length, length;

	put_number(out, 0, 4);
	put_number(out, hearsay->kind, 1);
	put_number(out, (hearsay->on ? FLAG_ON : 0) | (hearsay->wulfs ? FLAG_WULFS : 0), 1);
	put_number(out, hearsay->port, 2);
	put_number(out, hearsay->number, 8);
	put_bytes(out, hearsay->host, strnlen(hearsay->host, HEARSAY_TEXT - 1));
	put_bytes(out, hearsay->place, strnlen(hearsay->place, PLACE_TEXT - 1));
	put_bytes(out, hearsay->text, strnlen(hearsay->text, HEARSAY_TEXT - 1));
	put_number(out, hearsay->txt_count, 1);
	for (size_t i = 0; i < hearsay->txt_count; i++)
		put_bytes(out, hearsay->txt[i].bytes, hearsay->txt[i].length < TXT_BYTES ? hearsay->txt[i].length : TXT_BYTES);
	length = out->length - start - 4;
	for (size_t i = 0; i < 4; i++)
		out->data[start + i] = (char)(length >> (8 * i));
}

/* --- reading ----------------------------------------------------------------------------------- */

typedef struct Reader {
	const char *at, *end;
	bool failed;
} Reader;

static uint64_t take_number(Reader *reader, size_t bytes)
{
	uint64_t value = 0;

	if ((size_t)(reader->end - reader->at) < bytes) {
		reader->failed = true;
		return 0;
	}
	for (size_t i = bytes; i-- > 0;)
		value = value << 8 | (unsigned char)reader->at[i];
	reader->at += bytes;
	return value;
}

static TxtString take_bytes(Reader *reader, size_t most)
{
	size_t n = take_number(reader, 2);
	TxtString string = { reader->at, n };

	if (reader->failed || n > most || n > (size_t)(reader->end - reader->at)) {
		reader->failed = true;
		return (TxtString){ reader->at, 0 };
	}
	reader->at += n;
	return string;
}

static void take_text(Reader *reader, char *to, size_t room)
{
	TxtString string = take_bytes(reader, room - 1);

	memcpy(to, string.bytes, string.length);
	to[string.length] = '\0';
}

static void take_txt(Reader *reader, Hearsay *hearsay)
{
	size_t n = take_number(reader, 1);

	if (n > HEARSAY_TXT_MAX)
		reader->failed = true;
	for (size_t i = 0; i < n && !reader->failed; i++)
		hearsay->txt[hearsay->txt_count++] = take_bytes(reader, TXT_BYTES);
}

long hearsay_take(const char *bytes, size_t n, Hearsay *hearsay, Err *err)
{
	Reader reader = { bytes, bytes + n, false };
	uint64_t length, flags;

	if (n < 4)
		return 0;
	length = take_number(&reader, 4);
	if (length > HEARSAY_FRAME_MAX)
		return err_set(err, EPROTO, "a frame claims %llu bytes", (unsigned long long)length);
	if (n < 4 + length)
		return 0;
	reader.end = reader.at + length;
	*hearsay = (Hearsay){ .kind = (HearsayKind)take_number(&reader, 1) };
	flags = take_number(&reader, 1);
	hearsay->on = flags & FLAG_ON;
	hearsay->wulfs = flags & FLAG_WULFS;
	hearsay->port = (unsigned)take_number(&reader, 2);
	hearsay->number = take_number(&reader, 8);
	take_text(&reader, hearsay->host, sizeof hearsay->host);
	take_text(&reader, hearsay->place, sizeof hearsay->place);
	take_text(&reader, hearsay->text, sizeof hearsay->text);
	take_txt(&reader, hearsay);
	if (reader.failed || reader.at != reader.end || hearsay->kind >= HEARSAY_KINDS)
		return err_set(err, EPROTO, "a malformed frame");
	return (long)(4 + length);
}
