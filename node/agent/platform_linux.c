/* platform_linux.c - platform.h on Linux.
 *
 * Descendants are found by one pass over /proc: the quicker /proc/PID/task/TID/children is a build
 * option of the kernel that not every node has. The pass costs only tasks that are signalled, or leave
 * processes behind. */
#ifdef __linux__

#define _GNU_SOURCE 1
#include "node/agent/platform_linux.h"

#include "node/agent/platform.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int platform_poll(struct pollfd *fds, size_t n, int64_t timeout_ms)
{
	struct timespec span = { timeout_ms / 1000, timeout_ms % 1000 * 1000000 };
	sigset_t none;

	sigemptyset(&none);
	return ppoll(fds, (nfds_t)n, timeout_ms < 0 ? NULL : &span, &none);
}

int platform_pipe(int ends[2])
{
	return pipe2(ends, O_CLOEXEC);
}

typedef struct Process {
	pid_t pid, parent;
	bool ended;             /* it only waits to be waited for */
	bool chosen;
} Process;

typedef struct Census {         /* every process there is */
	Buf bytes;              /* an array of Process */
} Census;

static Process *census_list(const Census *census, size_t *count)
{
	*count = census->bytes.length / sizeof(Process);
	return (Process *)(void *)census->bytes.data;
}

/* State and parent follow the name, which is in parentheses and may hold any byte. */
static void look_at(int proc, const char *pid, Process *process)
{
	char path[64], text[512], *name_end;
	ssize_t n;
	int fd;

	snprintf(path, sizeof path, "%.20s/stat", pid);
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	n = read(fd, text, sizeof text - 1);
	close(fd);
	if (n <= 0)
		return;
	text[n] = '\0';
	name_end = strrchr(text, ')');
	if (!name_end || strlen(name_end) <= 4)
		return;
	process->ended = name_end[2] == 'Z' || name_end[2] == 'X';
	process->parent = (pid_t)atoi(name_end + 4);
}

static void census_take(Census *census)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;

	while (proc && (entry = readdir(proc))) {
		Process process = { .pid = (pid_t)atoi(entry->d_name) };

		if (process.pid <= 0)
			continue;
		look_at(dirfd(proc), entry->d_name, &process);
		buf_add(&census->bytes, &process, sizeof process);
	}
	if (proc)
		closedir(proc);
}

static int by_pid(const void *a, const void *b)
{
	pid_t x = ((const Process *)a)->pid, y = ((const Process *)b)->pid;

	return (x > y) - (x < y);
}

/* The kernel lists /proc in the order of pids, so the census is sorted. A child mostly has a higher one
 * than its parent: one pass, and a second that finds nothing new, usually do. */
static void choose_descendants(Process *list, size_t n)
{
	bool more = true;

	while (more) {
		more = false;
		for (size_t i = 0; i < n; i++) {
			Process wanted = { .pid = list[i].parent };
			const Process *parent = bsearch(&wanted, list, n, sizeof *list, by_pid);

			if (!list[i].chosen && parent && parent->chosen)
				list[i].chosen = more = true;
		}
	}
}

static size_t signal_chosen(const Process *list, size_t n, int signal, int then)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++) {
		if (!list[i].chosen)
			continue;
		count += kill(list[i].pid, signal) == 0;
		kill(list[i].pid, then);
	}
	return count;
}

static bool is_among(pid_t pid, const pid_t *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == pid)
			return true;
	return false;
}

/* The census, with our descendants chosen but those in skip and theirs. */
static Process *census_take_without(Census *census, const pid_t *skip, size_t n_skip, size_t *n)
{
	Process *list;

	census_take(census);
	list = census_list(census, n);
	for (size_t i = 0; i < *n; i++)
		list[i].chosen = list[i].parent == getpid() && !is_among(list[i].pid, skip, n_skip);
	choose_descendants(list, *n);
	return list;
}

void platform_adopt_orphans(void)
{
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

bool platform_adopts_orphans(void)
{
	return true; /* since 3.4 */
}

size_t platform_signal_task(pid_t first, int signal, int then)
{
	Census census = { BUF_INIT };
	size_t n, alive = 0;
	const Process *list = census_take_without(&census, NULL, 0, &n);

	(void)first;
	for (size_t i = 0; i < n; i++)
		alive += list[i].chosen && !list[i].ended && kill(list[i].pid, 0) == 0;
	signal_chosen(list, n, signal, then);
	buf_release(&census.bytes);
	return alive;
}

void platform_descendants(Buf *pids)
{
	Census census = { BUF_INIT };
	size_t n;
	const Process *list = census_take_without(&census, NULL, 0, &n);

	for (size_t i = 0; i < n; i++)
		if (list[i].chosen)
			buf_add(pids, &list[i].pid, sizeof list[i].pid);
	buf_release(&census.bytes);
}

void platform_signal_others(pid_t first, int signal)
{
	Buf pids = BUF_INIT;
	const pid_t *list;

	platform_descendants(&pids);
	list = (const pid_t *)(void *)pids.data;
	for (size_t i = 0; i < pids.length / sizeof *list; i++)
		if (list[i] != first)
			kill(list[i], signal);
	buf_release(&pids);
}

size_t platform_kill_strangers(const pid_t *ours, size_t n_ours)
{
	Census census = { BUF_INIT };
	size_t n, count;
	const Process *list = census_take_without(&census, ours, n_ours, &n);

	count = signal_chosen(list, n, SIGKILL, 0);
	buf_release(&census.bytes);
	return count;
}

static uid_t user_of(pid_t pid)
{
	char path[32];
	struct stat st;

	snprintf(path, sizeof path, "/proc/%d", (int)pid);
	return stat(path, &st) == 0 ? st.st_uid : (uid_t)-1;
}

Survivors platform_survivors(const pid_t *skip, size_t n_skip)
{
	Survivors left = { 0, 0, 0, 0 };
	Census census = { BUF_INIT };
	size_t n;
	const Process *list = census_take_without(&census, skip, n_skip, &n);

	for (size_t i = 0; i < n; i++) {
		if (!list[i].chosen || list[i].ended)
			continue;
		if (kill(list[i].pid, 0) == 0) {
			left.ours++;
		} else if (errno == EPERM && left.foreign++ == 0) {
			left.pid = list[i].pid;
			left.user = user_of(left.pid);
		}
	}
	buf_release(&census.bytes);
	return left;
}

void platform_close_from(int first)
{
#ifdef SYS_close_range
	if (syscall(SYS_close_range, (unsigned)first, ~0U, 0U) == 0)
		return;
#endif
	for (int fd = first; fd < (int)sysconf(_SC_OPEN_MAX); fd++)
		close(fd);
}

int platform_peer(int fd, uid_t *user)
{
	struct ucred peer;
	socklen_t size = sizeof peer;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
		return -1;
	*user = peer.uid;
	return 0;
}

uint64_t platform_resident_bytes(long maxrss)
{
	return (uint64_t)maxrss * 1024;
}

int platform_own_program(char *path, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", path, size);

	if (n <= 0 || (size_t)n >= size)
		return -1;
	path[n] = '\0';
	return 0;
}

uint64_t platform_memory_all(void)
{
	return (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
}

uint64_t platform_memory_free(void)
{
	FILE *file = fopen("/proc/meminfo", "re");
	unsigned long long kilobytes = 0;
	char line[128];

	while (file && fgets(line, sizeof line, file))
		if (sscanf(line, "MemAvailable: %llu", &kilobytes) == 1)
			break;
	if (file)
		fclose(file);
	return kilobytes * 1024;
}

void platform_boot_id(char *text, size_t size)
{
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");

	text[0] = '\0';
	if (!file)
		return;
	if (fgets(text, (int)size, file))
		text[strcspn(text, "\n")] = '\0';
	fclose(file);
}

#endif
