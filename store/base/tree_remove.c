/* tree_remove.c - rm -rf that what is in the tree cannot lead astray: it works on directory descriptors only, makes
 * directories it owns enterable first, and takes trees of any depth with a few descriptors by moving
 * what lies too deep up to the top. */
#include "store/base/tree_remove.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEPTH_MAX = 16 };

typedef struct Removal {
	int top;                /* the tree's root */
	dev_t device;           /* the one it is on */
	unsigned moved;         /* directories moved up to top: they still have to go */
} Removal;

static void empty(Removal *removal, int fd, int depth);

/* Opens a directory that is really one, is on the device (0: on any), and is ours to enter. */
static int open_directory(int dir, const char *name, dev_t device)
{
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -1;
	if (!S_ISDIR(st.st_mode) || (device && st.st_dev != device)) {
		errno = S_ISDIR(st.st_mode) ? EXDEV : ENOTDIR;
		return -1;
	}
	if ((st.st_mode & 0700) != 0700 && fchmodat(dir, name, 0700, 0) < 0)
		return -1;
	return openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static bool move_up(Removal *removal, int dir, const char *name)
{
	char higher[40];

	snprintf(higher, sizeof higher, ".wulfs-deep-%u", removal->moved);
	if (renameat(dir, name, removal->top, higher) < 0)
		return false;
	removal->moved++;
	return true;
}

static void remove_entry(Removal *removal, int dir, const char *name, int depth)
{
	int fd;

	if (unlinkat(dir, name, 0) == 0 || unlinkat(dir, name, AT_REMOVEDIR) == 0)
		return;
	fd = open_directory(dir, name, removal->device);
	if (fd < 0)
		return;
	if (depth >= DEPTH_MAX && move_up(removal, dir, name)) {
		close(fd);
		return;
	}
	empty(removal, fd, depth + 1);
	unlinkat(dir, name, AT_REMOVEDIR);
}

/* Takes fd over. */
static void empty(Removal *removal, int fd, int depth)
{
	DIR *dir = fdopendir(fd);
	struct dirent *entry;

	if (!dir) {
		close(fd);
		return;
	}
	while ((entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			remove_entry(removal, dirfd(dir), entry->d_name, depth);
	closedir(dir);
}

int tree_remove(int dir, const char *name)
{
	Removal removal = { .top = -1 };
	unsigned moved_before;
	struct stat st;

	/* The common case, an empty directory, is one call. */
	if (unlinkat(dir, name, AT_REMOVEDIR) == 0 || errno == ENOENT || unlinkat(dir, name, 0) == 0)
		return 0;
	removal.top = open_directory(dir, name, 0);
	if (removal.top >= 0 && fstat(removal.top, &st) == 0) {
		removal.device = st.st_dev;
		do {
			moved_before = removal.moved;
			empty(&removal, openat(removal.top, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), 0);
		} while (removal.moved > moved_before);
	}
	if (removal.top >= 0)
		close(removal.top);
	return unlinkat(dir, name, AT_REMOVEDIR);
}
