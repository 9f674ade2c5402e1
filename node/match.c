/* match.c - lists of names and features, as sbatch(1) has them: --nodelist, --exclude, --constraint. */
#include "match.h"

#include <string.h>

/* Is the word of n bytes among those of list, which any of separators part? */
static bool has_word(const char *list, const char *separators, const char *word, size_t n)
{
	while (*list) {
		size_t length = strcspn(list, separators);

		if (length == n && memcmp(list, word, n) == 0)
			return true;
		list += length + (list[length] != '\0');
	}
	return false;
}

/* "a&b" and "a,b": all of them. */
static bool has_all(const char *features, const char *wanted, size_t n)
{
	const char *end = wanted + n;

	while (wanted < end) {
		size_t length = strcspn(wanted, "&,|");

		if (!has_word(features, ",", wanted, length))
			return false;
		wanted += length + 1;
	}
	return true;
}

/* "a|b": any of them; & binds closer. */
static bool fits(const char *features, const char *constraint)
{
	while (*constraint) {
		size_t length = strcspn(constraint, "|");

		if (has_all(features, constraint, length))
			return true;
		constraint += length + (constraint[length] != '\0');
	}
	return false;
}

bool match_node(const Node *node, const Spec *spec)
{
	size_t n = strlen(node->name);

	if (spec->nodelist && !has_word(spec->nodelist, ",", node->name, n))
		return false;
	if (spec->exclude && has_word(spec->exclude, ",", node->name, n))
		return false;
	return !spec->constraint || fits(node->features, spec->constraint);
}

bool match_is_choosy(const Spec *spec)
{
	return spec->nodelist || spec->exclude || spec->constraint;
}
