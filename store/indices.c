/* indices.c - sets of array indices, as ranges.
 *
 * Ranges are kept as they were written, which is nearly always in order. Those that are not, or overlap,
 * are put in order by way of a bitmap. */
#include "store/indices.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* --- reading ----------------------------------------------------------------------------------- */

/* The number at *text, which it moves past; -1: none there, or too large. */
static int64_t read_index(const char **text, int64_t most)
{
	int64_t n = 0;
	const char *from = *text;

	while (**text >= '0' && **text <= '9' && n <= most)
		n = n * 10 + (*(*text)++ - '0');
	return *text == from || n > most ? -1 : n;
}

static int refuse_piece(const char *piece, Err *err)
{
	return err_set(err, EINVAL, "\"%.*s\" is no range of tasks; expected N, N-M or N-M:STEP, from 0 to %d",
		       (int)strcspn(piece, ",%") > 80 ? 80 : (int)strcspn(piece, ",%"), piece, INDEX_MAX);
}

/* One piece: "7", "0-15", "0-15:4". */
static int read_range(const char **text, IndexRange *range, Err *err)
{
	const char *piece = *text;
	int64_t first = read_index(text, INDEX_MAX), last = first, step = 1;

	if (first >= 0 && **text == '-') {
		(*text)++;
		last = read_index(text, INDEX_MAX);
		if (last >= 0 && **text == ':') {
			(*text)++;
			step = read_index(text, INDEX_MAX);
		}
	}
	if (first < 0 || last < first || step < 1 || (**text && **text != ',' && **text != '%'))
		return refuse_piece(piece, err);
	*range = (IndexRange){ (uint32_t)first, (uint32_t)step, (uint32_t)((last - first) / step + 1), 0 };
	return 0;
}

static uint32_t last_of(const IndexRange *range)
{
	return range->first + (range->count - 1) * range->step;
}

static void add_range(Indices *set, IndexRange range)
{
	if ((set->length & (set->length - 1)) == 0)     /* room doubles at powers of two */
		set->ranges = mem_resize(set->ranges, (set->length ? 2 * set->length : 1) * sizeof *set->ranges);
	range.before = set->count;
	set->count += range.count;
	set->ranges[set->length++] = range;
}

static void mark(const IndexRange *range, uint8_t *bitmap)
{
	for (uint32_t i = 0; i < range->count; i++) {
		uint32_t index = range->first + i * range->step;

		bitmap[index / 8] |= (uint8_t)(1 << index % 8);
	}
}

/* In order and each once, whatever was written. */
static void put_in_order(Indices *set)
{
	uint8_t *bitmap = mem_new_zeroed(INDEX_MAX / 8 + 1);
	Indices ordered = { NULL, 0, 0 };

	for (size_t i = 0; i < set->length; i++)
		mark(&set->ranges[i], bitmap);
	for (uint32_t index = 0; index <= INDEX_MAX; index++) {
		IndexRange run = { index, 1, 0, 0 };

		while (index <= INDEX_MAX && bitmap[index / 8] & 1 << index % 8)
			index++, run.count++;
		if (run.count)
			add_range(&ordered, run);
	}
	free(bitmap);
	indices_release(set);
	*set = ordered;
}

/* "%N" */
static int read_limit(const char **text, uint32_t *limit, Err *err)
{
	const char *from = *text;
	int64_t number;

	if (*from != '%')
		return 0;
	++*text;
	number = limit ? read_index(text, INDEX_MAX) : -1;
	if (number < 1 || (**text && **text != ','))
		return err_set(err, EINVAL, "\"%.80s\" is not how many tasks may run at a time; expected %%N", from);
	*limit = (uint32_t)number;
	return 0;
}

static int read_ranges(const char *text, Indices *set, uint32_t *limit, bool *in_order, Err *err)
{
	IndexRange range = { 0, 1, 0, 0 };

	*in_order = true;
	for (;; text++) {
		if (read_range(&text, &range, err) < 0)
			return -1;
		if (set->length && range.first <= last_of(&set->ranges[set->length - 1]))
			*in_order = false;
		if (set->count + range.count > INDEX_MAX + 1)   /* the same ones over and over */
			return err_set(err, EINVAL, "more than %d tasks are named", INDEX_MAX + 1);
		add_range(set, range);
		if (read_limit(&text, limit, err) < 0)
			return -1;
		if (*text != ',')
			return 0;
	}
}

int indices_parse(const char *text, Indices *set, uint32_t *limit, Err *err)
{
	bool in_order;

	*set = (Indices){ NULL, 0, 0 };
	if (limit)
		*limit = 0;
	if (read_ranges(text, set, limit, &in_order, err) < 0) {
		indices_release(set);
		return -1;
	}
	if (!in_order)
		put_in_order(set);
	return 0;
}

void indices_release(Indices *set)
{
	free(set->ranges);
	*set = (Indices){ NULL, 0, 0 };
}

/* --- asking ------------------------------------------------------------------------------------ */

/* The last range that is_before says true of. */
static const IndexRange *search(const Indices *set, bool (*is_before)(const IndexRange *, uint32_t), uint32_t value)
{
	size_t low = 0, high = set->length;

	while (low + 1 < high) {
		size_t middle = low + (high - low) / 2;

		if (is_before(&set->ranges[middle], value))
			low = middle;
		else
			high = middle;
	}
	return &set->ranges[low];
}

static bool begins_by_ordinal(const IndexRange *range, uint32_t ordinal)
{
	return range->before <= ordinal;
}

static bool begins_by_index(const IndexRange *range, uint32_t index)
{
	return range->first <= index;
}

uint32_t indices_at(const Indices *set, uint32_t ordinal)
{
	const IndexRange *range = search(set, begins_by_ordinal, ordinal);

	return range->first + (ordinal - range->before) * range->step;
}

bool indices_find(const Indices *set, uint32_t index, uint32_t *ordinal)
{
	const IndexRange *range = search(set, begins_by_index, index);

	if (index < range->first || index > last_of(range) || (index - range->first) % range->step)
		return false;
	*ordinal = range->before + (index - range->first) / range->step;
	return true;
}

static void show_range(uint32_t first, const IndexRange *range, Buf *out)
{
	buf_addf(out, "%u", first);
	if (first < last_of(range))
		buf_addf(out, "-%u", last_of(range));
	if (first < last_of(range) && range->step > 1)
		buf_addf(out, ":%u", range->step);
}

void indices_show(const Indices *set, uint32_t ordinal, Buf *out)
{
	const char *separator = "";

	for (size_t i = 0; i < set->length && ordinal < set->count; i++) {
		const IndexRange *range = &set->ranges[i];

		if (ordinal >= range->before + range->count)
			continue;
		buf_add_text(out, separator);
		separator = ",";
		show_range(indices_at(set, ordinal), range, out);
		ordinal = range->before + range->count;
	}
}
