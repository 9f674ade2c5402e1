/* scratch.c - makes and removes tasks' directories. On a disk filesystem that costs a third of what a
 * short task does, a rename next to nothing; so a directory that its task left as it found it is put
 * aside and becomes the next task's. */
#include "node/agent/scratch.h"

#include "node/agent/remove.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void scratch_init(Scratch *scratch)
{
	*scratch = (Scratch){ .parent = open("scratch", O_RDONLY | O_DIRECTORY | O_CLOEXEC) };
}

void scratch_release(Scratch *scratch)
{
	if (scratch->spare[0])
		unlinkat(scratch->parent, scratch->spare, AT_REMOVEDIR);
	close(scratch->parent);
}

int scratch_make(Scratch *scratch, const char *name, Err *err)
{
	int at = scratch->parent;
	bool made = scratch->spare[0] && renameat(at, scratch->spare, at, name) == 0;

	scratch->spare[0] = '\0';
	if (!made && mkdirat(at, name, 0700) < 0)
		return err_sys(err, errno, "scratch directory %s", name);
	if (fstatat(at, name, &scratch->made, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(err, errno, "scratch directory %s", name);
	return 0;
}

static bool is_empty(int parent, const char *name)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	int entries = 0;

	if (!dir)
		return false;
	while (entries < 3 && readdir(dir))
		entries++;
	closedir(dir);
	return entries <= 2; /* . and .. */
}

/* Nothing was ever put into it and its mode and attributes were not touched: that all changes ctime. Since
 * that clock is coarse, a look inside is needed too. */
static bool is_as_made(const Scratch *scratch, const char *name)
{
	const struct stat *made = &scratch->made;
	struct stat now;

	return fstatat(scratch->parent, name, &now, AT_SYMLINK_NOFOLLOW) == 0 && now.st_ino == made->st_ino &&
	       now.st_dev == made->st_dev && now.st_mode == made->st_mode &&
	       memcmp(&now.st_ctim, &made->st_ctim, sizeof now.st_ctim) == 0 && is_empty(scratch->parent, name);
}

void scratch_clear(Scratch *scratch, const char *name)
{
	int at = scratch->parent;

	if (is_as_made(scratch, name)) {
		snprintf(scratch->spare, sizeof scratch->spare, "spare-%d", (int)getpid());
		if (renameat(at, name, at, scratch->spare) == 0)
			return;
		scratch->spare[0] = '\0';
	}
	remove_tree(at, name);
}
