/* mountpoint.c - refuse to hide anything; clean up after a wulfs that was killed. */
#include "fs/mountpoint.h"

#include "store/base/buf.h"
#include "store/base/log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

enum { RESERVE_TRIES = 500, RESERVE_PAUSE_MS = 10 };

/* proc(5), mountinfo: blanks and backslashes in paths are written in octal. */
static void unescape(char *path)
{
	char *to = path;

	for (char *from = path; *from; to++) {
		if (from[0] == '\\' && from[1] && from[2] && from[3]) {
			*to = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0'));
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
}

/* The type of what is mounted on path, topmost; "" if nothing is. */
static void type_of_mount(const char *path, char type[64])
{
	FILE *table = fopen("/proc/self/mountinfo", "re");
	char *line = NULL;
	size_t room = 0;

	type[0] = '\0';
	while (table && getline(&line, &room, table) > 0) {
		char *where = mem_new(room), *dash = strstr(line, " - "), found[64];

		if (dash && sscanf(line, "%*s %*s %*s %*s %s", where) == 1 && sscanf(dash + 3, "%63s", found) == 1) {
			unescape(where);
			if (strcmp(where, path) == 0)
				strcpy(type, found);
		}
		free(where);
	}
	free(line);
	if (table)
		fclose(table);
}

static int run_fusermount(const char *path)
{
	char *args[] = { (char *)"fusermount3", (char *)"-u", (char *)"-z", (char *)"-q", (char *)"--", (char *)path, NULL };
	int status;
	pid_t pid;

	if (posix_spawnp(&pid, args[0], NULL, NULL, args, environ) != 0 || waitpid(pid, &status, 0) < 0)
		return -1;
	return status == 0 ? 0 : -1;
}

/* Lazily, as somebody may still stand in it. */
static int unmount_dead(const char *path, Err *err)
{
	log_info("%s: an earlier wulfs was killed; cleaning up its mount", path);
	if (umount2(path, MNT_DETACH) < 0 && run_fusermount(path) < 0)
		return err_set(err, EBUSY, "%s: an earlier wulfs was killed and its mount cannot be removed; "
			       "try fusermount3 -u -z %s", path, path);
	return 0;
}

static int refuse_mounted(const char *path, Err *err)
{
	char type[64];

	type_of_mount(path, type);
	if (type[0])
		return err_set(err, EBUSY, "%s: has a %s filesystem mounted on it already; unmount it or choose another directory",
			       path, type);
	return 0;
}

static int refuse_not_empty(const char *path, Err *err)
{
	DIR *directory = opendir(path);
	int entries = 0;

	if (!directory)
		return err_sys(err, errno, "%s", path);
	while (entries <= 2 && readdir(directory))
		entries++;
	closedir(directory);
	if (entries > 2)
		return err_set(err, ENOTEMPTY, "%s: is not empty; mounting would hide what is in it", path);
	return 0;
}

static int check(const char *path, Err *err)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return err_sys(err, errno, "%s", path);
	if (!S_ISDIR(st.st_mode))
		return err_set(err, ENOTDIR, "%s: is not a directory", path);
	if (refuse_mounted(path, err) < 0)
		return -1;
	return refuse_not_empty(path, err);
}

/* realpath(3) fails on a dead mount: resolve its parent instead. */
static char *resolve(const char *path, Err *err)
{
	char *copy, *slash, *parent, *whole = realpath(path, NULL);
	Buf joined = BUF_INIT;

	if (whole)
		return whole;
	if (errno != ENOTCONN && errno != ECONNABORTED) {
		err_sys(err, errno, "%s", path);
		return NULL;
	}
	copy = mem_copy_text(path);
	while ((slash = strrchr(copy, '/')) && slash > copy && !slash[1])
		*slash = '\0';
	parent = realpath(slash ? (slash == copy ? "/" : (*slash = '\0', copy)) : ".", NULL);
	if (parent)
		buf_addf(&joined, "%s/%s", strcmp(parent, "/") == 0 ? "" : parent, slash ? slash + 1 : copy);
	else
		err_sys(err, errno, "%s", path);
	free(copy);
	free(parent);
	return joined.length ? buf_take(&joined) : NULL;
}

/* statvfs(3) always asks the daemon; what stat(2) says may be remembered by the kernel from when it lived. */
static int clean_dead(const char *path, Err *err)
{
	struct statvfs fs;
	char type[64];

	if (statvfs(path, &fs) == 0 || (errno != ENOTCONN && errno != ECONNABORTED))
		return 0;
	type_of_mount(path, type);
	if (strcmp(type, "fuse.wulfs") != 0)
		return err_set(err, EBUSY, "%s: has a dead %s mount on it that is not ours to remove", path, type);
	return unmount_dead(path, err);
}

/* By a lock on the directory it is in, as what is mounted on it changes. One that cannot be had, or that
 * somebody does not let go of, keeps nobody out. */
static int reserve(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *parent = mem_copy(path, slash == path ? 1 : (size_t)(slash - path));
	int fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	free(parent);
	for (int i = 0; fd >= 0 && i < RESERVE_TRIES && flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK; i++)
		poll(NULL, 0, RESERVE_PAUSE_MS);
	return fd;
}

char *mountpoint_prepare(const char *path, int *reserved, Err *err)
{
	char *absolute = resolve(path, err);

	*reserved = absolute ? reserve(absolute) : -1;
	if (absolute && clean_dead(absolute, err) == 0 && check(absolute, err) == 0)
		return absolute;
	free(absolute);
	return NULL;
}
