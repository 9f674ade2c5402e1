/* environment.c - merges the agent's environment, the run's and what only the node knows. What has no '=' or no NUL at its
 * end is no variable and is dropped. */
#include "node/agent/environment.h"

#include <stdio.h>
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

static void add_own(Buf *vector, const char *name, const char *value)
{
	Buf variable = BUF_INIT;

	buf_addf(&variable, "%s=%s", name, value);
	add(vector, buf_take(&variable));
}

const char *environment_value(Slice given, const char *name)
{
	const char *at = given.data, *end = given.data + given.length, *nul;
	size_t n = strlen(name);

	for (; at < end && (nul = memchr(at, '\0', (size_t)(end - at))); at = nul + 1)
		if (strncmp(at, name, n) == 0 && at[n] == '=')
			return at + n + 1;
	return NULL;
}

/* Ours in front: a real srun would ask another cluster about a job it does not know. */
static void add_path(Buf *vector, Slice given, const char *directory)
{
	const char *path = environment_value(given, "PATH");
	Buf value = BUF_INIT;

	if (!path)
		path = getenv("PATH");
	buf_addf(&value, "%s/bin:%s", directory, path && *path ? path : "/usr/local/bin:/usr/bin:/bin");
	add_own(vector, "PATH", buf_text(&value));
	buf_release(&value);
}

/* A login shell, or `module purge`, sets PATH anew and would lose ours: bash finds a function first. It is on one
 * line, as some read the environment line by line; other shells take it for a variable with an odd name. */
static void add_srun(Buf *vector, const char *directory)
{
	Buf path = BUF_INIT;

	buf_addf(&path, "%s/bin/srun", directory);
	add_own(vector, "WULFS_SRUN", buf_text(&path));
	add_own(vector, "BASH_FUNC_srun%%", "() { \"$WULFS_SRUN\" \"$@\"; }");
	buf_release(&path);
}

/* The first OWN entries are the vector's to free. */
enum { OWN = 7 };

char **environment_new(Slice given, const Surroundings *here)
{
	Buf vector = BUF_INIT;
	char runner[32];
	size_t first;

	snprintf(runner, sizeof runner, "%ld", here->runner);
	add_own(&vector, "TMPDIR", here->scratch);
	add_own(&vector, "SLURM_TMPDIR", here->scratch);
	add_path(&vector, given, here->directory);
	add_srun(&vector, here->directory);
	add_own(&vector, "WULFS_STEPS", here->steps);
	add_own(&vector, "WULFS_RUNNER", runner);
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
	for (int i = 0; i < OWN; i++)
		free(environment[i]);
	free(environment);
}
