/* hostlist.c - ranges of names, written out. What is no range is refused: a name that nobody has would be an
 * exclusion that excludes nothing. */
#include "store/hostlist.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS "0123456789"

enum { DIGITS_MAX = 9 };

typedef struct Expansion {
	const char *piece;      /* the name that is written out, of n bytes */
	size_t n;
	Buf prefix;             /* what of it is settled */
	Buf *names;
	size_t begun;           /* length of names before */
	unsigned count;
	Err *err;
} Expansion;

static void cut(Buf *buf, size_t length)
{
	if (buf->length > length)
		buf->data[buf->length = length] = '\0';
}

static int refuse(const Expansion *e, const char *why)
{
	return err_set(e->err, EINVAL, "\"%.*s\": %s", e->n < 80 ? (int)e->n : 80, e->piece, why);
}

/* How far it is to the bracket that closes; 0: it is never closed, or another opens before. */
static size_t bracket_length(const char *open, size_t n)
{
	for (size_t i = 1; i < n && open[i] != '['; i++)
		if (open[i] == ']')
			return i + 1;
	return 0;
}

static bool is_address(const char *open, size_t n)
{
	return memchr(open, ':', n) != NULL;
}

/* "010-019" or "7", which *text moves past. */
static int read_range(Expansion *e, const char **text, uint32_t *first, uint32_t *last, int *width)
{
	size_t digits = strspn(*text, DIGITS);

	*width = (int)digits;
	*first = *last = (uint32_t)strtoul(*text, NULL, 10);
	*text += digits;
	if (digits && **text == '-') {
		size_t more = strspn(*text + 1, DIGITS);

		*last = (uint32_t)strtoul(*text + 1, NULL, 10);
		*text += 1 + more;
		digits = more > digits || more == 0 ? more : digits;
	}
	if (digits == 0 || (**text != ',' && **text != ']'))
		return refuse(e, "brackets hold numbers and ranges of them, as in [01-16,20]");
	if (digits > DIGITS_MAX)
		return refuse(e, "a number has more than 9 digits");
	return *last < *first ? refuse(e, "a range ends before it begins") : 0;
}

static int add_name(Expansion *e, const char *rest, size_t n)
{
	if (++e->count > HOSTLIST_NAMES_MAX || e->names->length - e->begun + e->prefix.length + n >= HOSTLIST_BYTES_MAX)
		return refuse(e, "these are more names than one list may have, 4096");
	buf_add(e->names, e->prefix.data, e->prefix.length);
	buf_add(e->names, rest, n);
	buf_add_char(e->names, '\0');
	return 0;
}

static int expand(Expansion *e, const char *rest, size_t n, int depth);

/* All numbers of the bracket at open, each with what follows the bracket. */
static int expand_ranges(Expansion *e, const char *open, size_t length, size_t n, int depth)
{
	const char *text = open;
	uint32_t first, last;
	int width;

	if (depth == HOSTLIST_BRACKETS_MAX)
		return refuse(e, "a name has more than 8 brackets");
	while (*text != ']') {
		text++;
		if (read_range(e, &text, &first, &last, &width) < 0)
			return -1;
		for (uint32_t number = first; number <= last; number++) {
			size_t settled = e->prefix.length;

			buf_addf(&e->prefix, "%0*u", width, number);
			if (expand(e, open + length, n - length, depth + 1) < 0)
				return -1;
			cut(&e->prefix, settled);
		}
	}
	return 0;
}

/* Writes out the n bytes at rest, behind the prefix. */
static int expand(Expansion *e, const char *rest, size_t n, int depth)
{
	const char *open;
	size_t length, settled = e->prefix.length;
	int rc;

	for (size_t i = 0; i < n; i += length) {
		open = rest + i;
		if (*open == ']')
			return refuse(e, "a bracket is closed that was never opened");
		if (*open != '[') {
			length = 1;
			continue;
		}
		length = bracket_length(open, n - i);
		if (length == 0)
			return refuse(e, "a bracket is never closed");
		if (is_address(open, length))
			continue;
		buf_add(&e->prefix, rest, i);
		rc = expand_ranges(e, open, length, n - i, depth);
		cut(&e->prefix, settled);
		return rc;
	}
	return add_name(e, rest, n);
}

/* Up to the comma that stands in no bracket. */
static size_t piece_length(const char *text)
{
	size_t n = 0;

	for (bool inside = false; text[n] && (inside || text[n] != ','); n++)
		inside = text[n] == '[' || (inside && text[n] != ']');
	return n;
}

static int expand_pieces(Expansion *e, const char *list)
{
	for (; *list; list += e->n + (list[e->n] != '\0')) {
		e->piece = list;
		e->n = piece_length(list);
		if (e->n && expand(e, list, e->n, 0) < 0)
			return -1;
	}
	return 0;
}

int hostlist_expand(const char *list, Buf *names, Err *err)
{
	Expansion e = { .prefix = BUF_INIT, .names = names, .begun = names->length, .err = err };
	int rc = expand_pieces(&e, list);

	if (rc == 0 && e.count == 0)
		rc = err_set(err, EINVAL, "\"%.80s\" is not a list of nodes with commas between", list);
	if (rc < 0)
		cut(names, e.begun);
	buf_release(&e.prefix);
	return rc;
}

bool hostlist_is_name(const char *text)
{
	Buf names = BUF_INIT;
	bool is = hostlist_expand(text, &names, NULL) == 0 && names.length == strlen(text) + 1 &&
		  memcmp(names.data, text, names.length) == 0;

	buf_release(&names);
	return is;
}
