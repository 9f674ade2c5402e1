/* environment.c - merges the agent's environment, the run's and TMPDIR. What has no '=' or no NUL at its
 * end is no variable and is dropped. */
#include "environment.h"

#include <stdlib.h>
#include <string.h>

extern char **environ;

static bool is_same_name(const char *a, const char *b)
{
	size_t n = strcspn(a, "=");

	return strncmp(a, b, n) == 0 && b[n] == '=';
}

static void add(Buf *vector, const char *variable)
{
	buf_add(vector, &variable, sizeof variable);
}

/* Whether one of the vector's first n has the variable's name. */
static bool has(const Buf *vector, size_t n, const char *variable)
{
	char *const *list = (char *const *)(void *)vector->data;

	for (size_t i = 0; i < n; i++)
		if (is_same_name(variable, list[i]))
			return true;
	return false;
}

/* The first of a name counts. */
static void add_given(Buf *vector, Slice given)
{
	const char *at = given.data, *end = given.data + given.length, *nul;

	for (; at < end && (nul = memchr(at, '\0', (size_t)(end - at))); at = nul + 1)
		if (strchr(at, '=') && !has(vector, vector->length / sizeof(char *), at))
			add(vector, at);
}

/* The first entry is TMPDIR, and the only one the vector owns. */
char **environment_new(Slice given, const char *tmpdir)
{
	Buf vector = BUF_INIT, variable = BUF_INIT;
	size_t first;

	buf_addf(&variable, "TMPDIR=%s", tmpdir);
	add(&vector, buf_take(&variable));
	add_given(&vector, given);
	first = vector.length / sizeof(char *);
	for (char **own = environ; *own; own++)
		if (!has(&vector, first, *own))
			add(&vector, *own);
	add(&vector, NULL);
	return (char **)(void *)buf_take(&vector);
}

void environment_free(char **environment)
{
	free(environment[0]);
	free(environment);
}
