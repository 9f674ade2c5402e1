/* harmless.c - one filter for all that is shown. Bytes are read as UTF-8 (RFC 3629: the shortest form, no surrogates). */
#include "store/base/harmless.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

typedef struct Range {
	uint32_t first, last;
} Range;

/* General categories Cc, Cf, Zl and Zp of Unicode 15. */
static const Range harmful[] = {
	{ 0x00, 0x1f },       { 0x7f, 0x9f },       { 0xad, 0xad },       { 0x600, 0x605 },     { 0x61c, 0x61c },
	{ 0x6dd, 0x6dd },     { 0x70f, 0x70f },     { 0x890, 0x891 },     { 0x8e2, 0x8e2 },     { 0x180e, 0x180e },
	{ 0x200b, 0x200f },   { 0x2028, 0x202e },   { 0x2060, 0x206f },   { 0xfeff, 0xfeff },   { 0xfff9, 0xfffb },
	{ 0x110bd, 0x110bd }, { 0x110cd, 0x110cd }, { 0x13430, 0x1343f }, { 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a },
	{ 0xe0000, 0xe0fff },
};

static bool is_harmful(uint32_t character)
{
	for (size_t i = 0; i < sizeof harmful / sizeof *harmful; i++)
		if (character >= harmful[i].first && character <= harmful[i].last)
			return true;
	return false;
}

static size_t length_of(unsigned char first)
{
	return first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
}

/* Bytes of the character at text, 0 if there is none. */
static size_t decode(const char *text, size_t n, uint32_t *character)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t length = length_of((unsigned char)text[0]);

	if (length == 0 || length > n)
		return 0;
	*character = (unsigned char)text[0] & (length == 1 ? 0x7f : 0xff >> (length + 1));
	for (size_t i = 1; i < length; i++) {
		if (((unsigned char)text[i] & 0xc0) != 0x80)
			return 0;
		*character = *character << 6 | ((unsigned char)text[i] & 0x3f);
	}
	if (*character < least[length] || *character > 0x10ffff || (*character >= 0xd800 && *character <= 0xdfff))
		return 0;
	return length;
}

/* Writes to `to`, which may be text itself; returns how many bytes. */
static size_t filter(char *to, const char *text, size_t n)
{
	size_t done = 0;

	for (size_t at = 0, length; at < n; at += length) {
		uint32_t character = 0;

		length = decode(text + at, n - at, &character);
		if (length && !is_harmful(character)) {
			memmove(to + done, text + at, length);
			done += length;
			continue;
		}
		to[done++] = '?';
		length += !length;
	}
	return done;
}

void harmless_text(char *text)
{
	text[filter(text, text, strlen(text))] = '\0';
}

void harmless_add(Buf *out, const char *text, size_t n)
{
	if (n)
		buf_grew(out, filter(buf_space(out, n), text, n));
}
