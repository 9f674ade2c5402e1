/* match.c - lists of names and features, as sbatch(1) has them: --nodelist, --exclude, --constraint. */
#include "node/match.h"

#include "store/base/list.h"
#include "store/nodes.h"

#include <string.h>

/* "a&b" and "a,b": all of them. */
static bool has_all(const char *features, const char *wanted, size_t n)
{
	const char *end = wanted + n;

	while (wanted < end) {
		size_t length = strcspn(wanted, "&,|");

		if (!list_has(features, ",", wanted, length))
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

	if (spec->nodelist && !list_has(spec->nodelist, ",", node->name, n))
		return false;
	if (spec->exclude && list_has(spec->exclude, ",", node->name, n))
		return false;
	return !spec->constraint || fits(node->features, spec->constraint);
}

Match match_begin(Cluster *cluster, const Spec *spec)
{
	const char *named = spec ? spec->nodelist : NULL;

	return (Match){ cluster, spec, named, named ? NULL : TAILQ_FIRST(cluster_nodes(cluster)) };
}

static Node *next_named(Match *match)
{
	size_t n = strcspn(match->named, ",");
	const char *word = match->named;

	match->named += n + (word[n] != '\0');
	return cluster_node_named(match->cluster, word, n);
}

static Node *next_of_all(Match *match)
{
	Node *node = match->next;

	match->next = TAILQ_NEXT(node, all);
	return node;
}

Node *match_next(Match *match)
{
	while (match->named ? *match->named != '\0' : match->next != NULL) {
		Node *node = match->named ? next_named(match) : next_of_all(match);

		if (node && (!match->spec || match_node(node, match->spec)))
			return node;
	}
	return NULL;
}

static bool is_same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

bool match_is_same(const Spec *a, const Spec *b)
{
	static const Spec nothing;

	a = a ? a : &nothing;
	b = b ? b : &nothing;
	return is_same_text(a->nodelist, b->nodelist) && is_same_text(a->exclude, b->exclude) &&
		is_same_text(a->constraint, b->constraint);
}

bool match_is_choosy(const Spec *spec)
{
	return spec->nodelist || spec->exclude || spec->constraint;
}
