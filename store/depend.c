/* depend.c - the text of dependencies: reading and showing it. */
#include "store/depend.h"

#include "store/base/buf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const words[DEPEND_KINDS] = {
	[DEPEND_AFTER] = "after", [DEPEND_OK] = "afterok", [DEPEND_ANY] = "afterany",
	[DEPEND_NOT_OK] = "afternotok", [DEPEND_CORR] = "aftercorr", [DEPEND_SINGLETON] = "singleton",
};

enum { MINUTES_MAX = 10 * 366 * 24 * 60 };

/* --- reading ------------------------------------------------------------------------------- */

static void add(Depends *depends, Depend item)
{
	depends->items = mem_resize(depends->items, (depends->count + 1) * sizeof *depends->items);
	depends->items[depends->count++] = item;
}

void depends_free(Depends *depends)
{
	if (!depends)
		return;
	free(depends->items);
	free(depends);
}

/* "10000001_4" */
static bool is_task(const char *word, unsigned long long *job, unsigned *index)
{
	int end = 0;

	return sscanf(word, "%8llu_%7u%n", job, index, &end) == 2 && !word[end] && word[0] != '+' && word[0] != '-';
}

/* The numbers in it; a name leaves job 0. */
static void read_target(const char *word, Depend *item)
{
	unsigned long long id;
	unsigned index;

	item->index = -1;
	if (is_task(word, &id, &index))
		item->index = index;
	else
		id = word[strspn(word, "0123456789")] ? 0 : strtoull(word, NULL, 10);
	item->job = id;
}

/* "+5" behind a job that --dependency=after names; cut off. */
static int cut_minutes(char *word, Depend *item, Err *err)
{
	char *plus = item->kind == DEPEND_AFTER ? strchr(word, '+') : NULL, *end;
	long minutes;

	item->minutes = 0;
	if (!plus)
		return 0;
	minutes = strtol(plus + 1, &end, 10);
	if (!plus[1] || *end || minutes < 0 || minutes > MINUTES_MAX)
		return err_set(err, EINVAL, "\"%.80s\" is not a number of minutes", plus + 1);
	*plus = '\0';
	item->minutes = (uint32_t)minutes;
	return 0;
}

/* resolver NULL: only looked at, not looked up. */
static int read_targets(Depends *depends, const DependResolver *resolver, DependKind kind, char *targets, Err *err)
{
	char *word;

	while ((word = strsep(&targets, ":"))) {
		Depend item = { .kind = kind };

		if (!*word)
			return err_set(err, EINVAL, "%s: the id or name of a job is expected after the colon", words[kind]);
		if (cut_minutes(word, &item, err) < 0)
			return -1;
		read_target(word, &item);
		if (resolver && resolver->resolve(resolver->arg, word, &item, err) < 0)
			return -1;
		add(depends, item);
	}
	return 0;
}

static int read_piece(Depends *depends, const DependResolver *resolver, char *piece, Err *err)
{
	char *targets = piece;
	const char *word = strsep(&targets, ":");

	for (DependKind kind = 0; kind < DEPEND_KINDS; kind++) {
		if (strcmp(words[kind], word) != 0)
			continue;
		if ((kind == DEPEND_SINGLETON) != !targets)
			return err_set(err, EINVAL, kind == DEPEND_SINGLETON ? "%s takes no job" : "%s: a job is missing; "
				       "expected %s:ID", word, word);
		if (targets)
			return read_targets(depends, resolver, kind, targets, err);
		add(depends, (Depend){ .kind = kind, .index = -1 });
		return 0;
	}
	return err_set(err, EINVAL, "\"%.80s\" is no dependency; expected after, afterok, afterany, afternotok, "
		       "aftercorr, each with :ID, or singleton", word);
}

static int read_pieces(Depends *depends, const DependResolver *resolver, char *text, Err *err)
{
	char *piece;

	if (strchr(text, ',') && strchr(text, '?'))
		return err_set(err, EINVAL, "either all (commas) or any (question marks) can be asked for, not a mixture");
	depends->any = strchr(text, '?');
	while ((piece = strsep(&text, ",?")))
		if (read_piece(depends, resolver, piece, err) < 0)
			return -1;
	return 0;
}

static Depends *read_all(const DependResolver *resolver, const char *text, Err *err)
{
	Depends *depends = mem_new_zeroed(sizeof *depends);
	char *copy = mem_copy_text(text);
	int rc = read_pieces(depends, resolver, copy, err);

	free(copy);
	if (rc == 0)
		return depends;
	depends_free(depends);
	return NULL;
}

int depends_check(const char *text, Err *err)
{
	Depends *depends = read_all(NULL, text, err);

	depends_free(depends);
	return depends ? 0 : -1;
}

Depends *depends_parse(const DependResolver *resolver, const char *text, Err *err)
{
	return read_all(resolver, text, err);
}

Depends *depends_restore(const char *text)
{
	return read_all(NULL, text, NULL);
}

/* --- showing ------------------------------------------------------------------------------- */

void depends_show(const Depends *depends, Buf *out)
{
	for (size_t i = 0; i < depends->count; i++) {
		const Depend *item = &depends->items[i];

		buf_addf(out, "%s%s", i == 0 ? "" : depends->any ? "?" : ",", words[item->kind]);
		if (item->job)
			buf_addf(out, ":%llu", (unsigned long long)item->job);
		if (item->index >= 0)
			buf_addf(out, "_%lld", (long long)item->index);
		if (item->minutes)
			buf_addf(out, "+%u", item->minutes);
	}
}
