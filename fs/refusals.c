/* refusals.c - errno says a number; this says why. */
#include "fs/refusals.h"

#include "store/base/clock.h"
#include "store/base/harmless.h"
#include "store/model.h"

#include <stdlib.h>
#include <string.h>

enum { AGAIN_MS = 1000 };

/* The line around err->at, cut to a length a terminal shows. */
static void pick_line(Refusal *refusal, const char *text, size_t n)
{
	size_t at = refusal->err.at < n ? refusal->err.at : 0;
	size_t start = at, end = at;

	while (start > 0 && text[start - 1] != '\n')
		start--;
	while (end < n && text[end] != '\n')
		end++;
	if (at - start > REFUSAL_LINE_MAX / 2)
		start = at - REFUSAL_LINE_MAX / 2;
	if (end - start > REFUSAL_LINE_MAX)
		end = start + REFUSAL_LINE_MAX;
	refusal->line = mem_copy(text + start, end - start);
	for (char *tab = refusal->line; (tab = strchr(tab, '\t'));)
		*tab = ' ';
	refusal->column = at - start;
	if (refusal->err.length > end - at)
		refusal->err.length = end - at;
}

static const Refusal *newest(const Refusals *refusals)
{
	return &refusals->ring[(refusals->next + REFUSALS_KEPT - 1) % REFUSALS_KEPT];
}

/* Who is told that only a part of a write was taken writes the rest again at once, and is refused for it. */
static bool is_the_same(const Refusal *last, const char *path, const Err *err, int64_t now)
{
	return last->time && now - last->time < AGAIN_MS && strcmp(last->path, path) == 0 && strcmp(last->err.text, err->text) == 0;
}

void refusals_add(Refusals *refusals, const char *path, const char *text, size_t n, const Err *err)
{
	int64_t now = clock_wall_ms();
	Refusal *refusal;

	if (is_the_same(newest(refusals), path, err, now))
		return;
	refusal = &refusals->ring[refusals->next++ % REFUSALS_KEPT];
	free(refusal->path);
	free(refusal->line);
	*refusal = (Refusal){ .time = now, .path = mem_copy_text(path), .err = *err };
	harmless_text(refusal->path);
	if (text && n)
		pick_line(refusal, text, n);
}

static void show_one(const Refusal *refusal, Buf *out)
{
	buf_addf(out, "%lld.%03d %s: %s\n", (long long)(refusal->time / 1000), (int)(refusal->time % 1000),
		 refusal->path, refusal->err.text);
	if (!refusal->line)
		return;
	buf_add_text(out, "    ");
	harmless_add(out, refusal->line, strlen(refusal->line));
	buf_add_char(out, '\n');
	if (refusal->err.length == 0)
		return;
	buf_addf(out, "    %*s", (int)refusal->column, "");
	for (size_t i = 0; i < refusal->err.length; i++)
		buf_add_char(out, '^');
	buf_add_char(out, '\n');
}

void refusals_show(const Refusals *refusals, Buf *out)
{
	for (unsigned i = 0; i < REFUSALS_KEPT; i++) {
		const Refusal *refusal = &refusals->ring[(refusals->next + i) % REFUSALS_KEPT];

		if (refusal->time)
			show_one(refusal, out);
	}
}

int64_t refusals_changed(const Refusals *refusals)
{
	return newest(refusals)->time;
}

void refusals_release(Refusals *refusals)
{
	for (unsigned i = 0; i < REFUSALS_KEPT; i++) {
		free(refusals->ring[i].path);
		free(refusals->ring[i].line);
	}
	*refusals = (Refusals){ .next = 0 };
}
