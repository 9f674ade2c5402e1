/* returned.c - unpacked trees: made, named, shown, thrown away. */
#include "store/returned.h"

#include "store/base/tree_remove.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_ROOM = 64 };

static const char trash_prefix[] = "trash.", new_prefix[] = "new.";

static bool trash_waits;        /* the owner's thread only */

static bool begins_with(const char *name, const char *prefix)
{
	return strncmp(name, prefix, strlen(prefix)) == 0;
}

static int open_directory(int at, const char *path)
{
	return openat(at, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static int open_outputs(const State *state)
{
	char *path = state_path(state, "outputs");
	int fd = open_directory(AT_FDCWD, path);

	free(path);
	return fd;
}

/* An earlier one of the task may still lie there, under any number. */
static void throw_away(int outputs, const char *name)
{
	char trash[NAME_ROOM + sizeof trash_prefix + 16];

	for (unsigned n = 0; n < 1000; n++) {
		snprintf(trash, sizeof trash, "%s%s.%u", trash_prefix, name, n);
		if (renameat(outputs, name, outputs, trash) == 0) {
			trash_waits = true;
			return;
		}
		if (errno != ENOTEMPTY && errno != EEXIST)
			return;
	}
}

static int note_half_done(void *arg, int outputs, const char *name, Err *err)
{
	(void)arg, (void)err;
	if (begins_with(name, new_prefix) && strlen(name) < NAME_ROOM)
		throw_away(outputs, name);
	trash_waits |= begins_with(name, trash_prefix);
	return 0;
}

int returned_prepare(const State *state, Err *err)
{
	int outputs = open_outputs(state), rc;

	if (outputs < 0)
		return err_sys(err, errno, "%s/outputs", state->directory);
	rc = parcel_each_name(outputs, note_half_done, NULL, err);
	close(outputs);
	return rc;
}

static void name_of(uint64_t task, char name[NAME_ROOM])
{
	snprintf(name, NAME_ROOM, "%llu.out", (unsigned long long)task);
}

/* The whole filesystem: a sync for each of many small files would take far longer. */
static int unpack_here(int outputs, const char *name, const char *fresh, ParcelSource source, Err *err)
{
	int fd = open_directory(outputs, fresh), rc;

	if (fd < 0)
		return err_sys(err, errno, "%s", fresh);
	rc = parcel_unpack(source, fd, err);
	if (rc == 0 && syncfs(fd) < 0)
		rc = err_sys(err, errno, "%s", fresh);
	close(fd);
	if (rc < 0)
		return rc;
	if (tree_remove(outputs, name) < 0 || renameat(outputs, fresh, outputs, name) < 0 || fsync(outputs) < 0)
		return err_sys(err, errno, "%s", name);
	return 0;
}

int returned_unpack(const char *path, uint64_t task, ParcelSource source, Err *err)
{
	int outputs = open_directory(AT_FDCWD, path), rc;
	char fresh[NAME_ROOM], name[NAME_ROOM];

	if (outputs < 0)
		return err_sys(err, errno, "%s", path);
	name_of(task, name);
	snprintf(fresh, sizeof fresh, "%s%llu", new_prefix, (unsigned long long)task);
	if (tree_remove(outputs, fresh) < 0 || mkdirat(outputs, fresh, 0700) < 0)
		rc = err_sys(err, errno, "%s", fresh);
	else
		rc = unpack_here(outputs, name, fresh, source, err);
	if (rc < 0)
		tree_remove(outputs, fresh);
	close(outputs);
	return rc;
}

static int sweep_one(void *arg, int outputs, const char *name, Err *err)
{
	(void)arg, (void)err;
	if (begins_with(name, trash_prefix))
		tree_remove(outputs, name);
	return 0;
}

void returned_sweep(const char *path)
{
	int outputs = open_directory(AT_FDCWD, path);

	if (outputs < 0)
		return;
	parcel_each_name(outputs, sweep_one, NULL, NULL);
	close(outputs);
}

void returned_discard(const State *state, uint64_t task)
{
	int outputs = open_outputs(state);
	char name[NAME_ROOM];

	name_of(task, name);
	if (outputs < 0)
		return;
	throw_away(outputs, name);
	close(outputs);
}

bool returned_has_trash(void)
{
	bool has = trash_waits;

	trash_waits = false;
	return has;
}

typedef struct Visit {
	void (*visit)(void *arg, uint64_t task);
	void *arg;
} Visit;

static int visit_one(void *arg, int outputs, const char *name, Err *err)
{
	const Visit *visit = arg;
	char *rest;
	uint64_t task = strtoull(name, &rest, 10);

	(void)outputs, (void)err;
	if (rest != name && strcmp(rest, ".out") == 0)
		visit->visit(visit->arg, task);
	return 0;
}

void returned_each(const State *state, void (*visit)(void *arg, uint64_t task), void *arg)
{
	int outputs = open_outputs(state);

	if (outputs < 0)
		return;
	parcel_each_name(outputs, visit_one, &(Visit){ visit, arg }, NULL);
	close(outputs);
}

int returned_open(const State *state, uint64_t task)
{
	int outputs = open_outputs(state), fd;
	char name[NAME_ROOM];

	if (outputs < 0)
		return -1;
	name_of(task, name);
	fd = open_directory(outputs, name);
	close(outputs);
	return fd;
}
