/* platform_linux_memory.c - platform.h's bounds on memory on Linux: a cgroup where we may make one, else what
 * /proc says of each process.
 *
 * We may make one where a cgroup v2 above ours is writable for us (systemd delegates a user's own) and hands
 * the memory controller on to its children. A session over SSH is mostly not in such a place, so watching is
 * the common case, and done with care: what shared pages count is divided by those who share them. */
#ifdef __linux__

#define _GNU_SOURCE 1
#include "node/agent/platform.h"
#include "node/agent/platform_linux.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { PATH_BYTES = 4096 };

/* --- watching ---------------------------------------------------------------------------------- */

static FILE *open_proc(pid_t pid, const char *name)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
	return fopen(path, "re");
}

/* All that is resident, shared or not: an upper bound, and cheap. */
static uint64_t resident_bytes(pid_t pid)
{
	FILE *file = open_proc(pid, "statm");
	unsigned long long pages = 0;

	if (!file)
		return 0;
	if (fscanf(file, "%*u %llu", &pages) != 1)
		pages = 0;
	fclose(file);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* What of it is its own: its share of what is shared, without pages of files, which the kernel can drop.
 * Costs a walk through its page tables. fallback: where the kernel does not tell. */
static uint64_t proportional_bytes(pid_t pid, uint64_t fallback)
{
	FILE *file = open_proc(pid, "smaps_rollup");
	unsigned long long all = 0, of_files = 0;
	bool known = false;
	char line[128];

	if (!file)
		return fallback;
	while (fgets(line, sizeof line, file)) {
		known |= sscanf(line, "Pss: %llu", &all) == 1;
		sscanf(line, "Pss_File: %llu", &of_files);
	}
	fclose(file);
	return known ? (all - (of_files < all ? of_files : all)) * 1024 : fallback;
}

uint64_t platform_task_memory(pid_t first, uint64_t enough)
{
	Buf pids = BUF_INIT;
	const pid_t *list;
	uint64_t bytes = 0;
	size_t n;

	(void)first;
	platform_descendants(&pids);
	list = (const pid_t *)(void *)pids.data;
	n = pids.length / sizeof *list;
	for (size_t i = 0; i < n; i++)
		bytes += resident_bytes(list[i]);
	if (bytes > enough) {
		bytes = 0;
		for (size_t i = 0; i < n; i++)
			bytes += proportional_bytes(list[i], resident_bytes(list[i]));
	}
	buf_release(&pids);
	return bytes;
}

/* --- a cgroup ---------------------------------------------------------------------------------- */

static bool file_has_word(const char *directory, const char *name, const char *word)
{
	char path[PATH_BYTES], text[512];
	FILE *file;
	bool found = false;

	if (snprintf(path, sizeof path, "%s/%s", directory, name) >= (int)sizeof path)
		return false;
	file = fopen(path, "re");
	while (file && !found && fscanf(file, "%511s", text) == 1)
		found = strcmp(text, word) == 0;
	if (file)
		fclose(file);
	return found;
}

static int write_file(const char *directory, const char *name, const char *text)
{
	char path[PATH_BYTES];
	int fd, rc;

	if (snprintf(path, sizeof path, "%s/%s", directory, name) >= (int)sizeof path)
		return -1;
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	rc = write(fd, text, strlen(text)) == (ssize_t)strlen(text) ? 0 : -1;
	close(fd);
	return rc;
}

/* Where cgroup v2 is mounted. */
static bool find_mount(char *path, size_t size)
{
	FILE *file = fopen("/proc/self/mounts", "re");
	char line[PATH_BYTES], at[1024], type[64];
	bool found = false;

	while (file && !found && fgets(line, sizeof line, file)) {
		found = sscanf(line, "%*s %1023s %63s", at, type) == 2 && strcmp(type, "cgroup2") == 0;
		if (found)
			snprintf(path, size, "%s", at);
	}
	if (file)
		fclose(file);
	return found;
}

/* Our own, below the mount: the line "0::/PATH". */
static bool find_own(char *path, size_t size)
{
	FILE *file = fopen("/proc/self/cgroup", "re");
	char line[2048];
	bool found = false;

	while (file && !found && fgets(line, sizeof line, file)) {
		found = strncmp(line, "0::/", 4) == 0;
		line[strcspn(line, "\n")] = '\0';
		if (found)
			snprintf(path, size, "%s", line + 3);
	}
	if (file)
		fclose(file);
	return found;
}

/* Who is root may write everywhere; but what its manager has not delegated is not his either. */
static bool is_delegated(const char *directory)
{
	char value[8];

	return geteuid() != 0 || getxattr(directory, "trusted.delegate", value, sizeof value) > 0 ||
	       getxattr(directory, "user.delegate", value, sizeof value) > 0;
}

static bool may_hold_ours(const char *directory)
{
	char path[PATH_BYTES];

	if (snprintf(path, sizeof path, "%s/cgroup.procs", directory) >= (int)sizeof path)
		return false;
	return access(directory, W_OK) == 0 && access(path, W_OK) == 0 &&
	       file_has_word(directory, "cgroup.subtree_control", "memory") && is_delegated(directory);
}

/* The nearest one above us that may. To move a process takes leave in all between the two. */
static bool find_base(char *base, size_t size)
{
	char mount[1024], own[2048], *slash;
	size_t top;

	if (!find_mount(mount, sizeof mount) || !find_own(own, sizeof own))
		return false;
	top = strlen(mount);
	snprintf(base, size, "%s%s", mount, own);
	while ((slash = strrchr(base, '/')) && (size_t)(slash - base) >= top) {
		if (may_hold_ours(base))
			return true;
		*slash = '\0';
	}
	return false;
}

/* "wulfs-PID-LABEL" of a runner that is no more: its processes are gone, as an agent sees to. */
static void sweep(const char *base)
{
	DIR *dir = opendir(base);
	struct dirent *entry;
	int pid;

	while (dir && (entry = readdir(dir)))
		if (sscanf(entry->d_name, "wulfs-%d-", &pid) == 1 && kill(pid, 0) < 0 && errno == ESRCH)
			unlinkat(dirfd(dir), entry->d_name, AT_REMOVEDIR);
	if (dir)
		closedir(dir);
}

/* "": there is none. Looked for once a process. */
static const char *base_directory(void)
{
	static char base[PATH_BYTES - 128];
	static bool looked;

	if (looked)
		return base;
	looked = true;
	if (find_base(base, sizeof base))
		sweep(base);
	else
		base[0] = '\0';
	return base;
}

static void group_path(const char *label, char *path, size_t size)
{
	snprintf(path, size, "%s/wulfs-%d-%s", base_directory(), (int)getpid(), label);
}

int platform_bound_memory(const char *label, uint64_t bytes)
{
	char path[PATH_BYTES], procs[PATH_BYTES + 16], number[32];
	int fd = -1;

	if (!base_directory()[0])
		return -1;
	group_path(label, path, sizeof path);
	if (mkdir(path, 0700) < 0)
		return -1;
	snprintf(number, sizeof number, "%" PRIu64, bytes);
	snprintf(procs, sizeof procs, "%s/cgroup.procs", path);
	if (write_file(path, "memory.max", number) == 0) {
		/* Without these it is still a bound: some of the tree may be left for us to kill, or swap be used. */
		write_file(path, "memory.oom.group", "1");
		write_file(path, "memory.swap.max", "0");
		fd = open(procs, O_WRONLY | O_CLOEXEC);
	}
	if (fd < 0)
		rmdir(path);
	return fd;
}

bool platform_memory_ran_out(const char *label)
{
	char path[PATH_BYTES], name[64];
	unsigned long long count;
	bool ran_out = false;
	FILE *file;
	size_t n;

	group_path(label, path, sizeof path);
	n = strlen(path);
	snprintf(path + n, sizeof path - n, "/memory.events");
	file = fopen(path, "re");
	while (file && fscanf(file, "%63s %llu", name, &count) == 2)
		ran_out |= strcmp(name, "oom_kill") == 0 && count > 0;
	if (file)
		fclose(file);
	return ran_out;
}

void platform_unbound_memory(const char *label)
{
	char path[PATH_BYTES];

	group_path(label, path, sizeof path);
	rmdir(path);
}

#endif
