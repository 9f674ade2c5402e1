/* platform_posix.c - platform.h where there is neither a subreaper nor a Linux /proc: the process group has
 * to do, and what is not known is not told. */
#ifndef __linux__

#include "node/agent/platform.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/select.h>
#include <sys/time.h>
#include <unistd.h>

/* Not every system has ppoll; poll with the signals let in only around it could miss one, so it never
 * sleeps long. */
enum { NAP_MS = 50 };

int platform_poll(struct pollfd *fds, size_t n, int64_t timeout_ms)
{
	sigset_t none, old;
	int ready;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, &old);
	ready = poll(fds, (nfds_t)n, timeout_ms < 0 || timeout_ms > NAP_MS ? NAP_MS : (int)timeout_ms);
	sigprocmask(SIG_SETMASK, &old, NULL);
	return ready;
}

int platform_pipe(int ends[2])
{
	if (pipe(ends) < 0)
		return -1;
	fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	fcntl(ends[1], F_SETFD, FD_CLOEXEC);
	return 0;
}

void platform_adopt_orphans(void)
{
}

bool platform_adopts_orphans(void)
{
	return false;
}

size_t platform_signal_task(pid_t first, int signal, int then)
{
	kill(-first, signal);
	kill(-first, then);
	return 0;
}

void platform_signal_others(pid_t first, int signal)
{
	kill(-first, signal);
}

int platform_bound_memory(const char *label, uint64_t bytes)
{
	(void)label;
	(void)bytes;
	return -1;
}

bool platform_memory_ran_out(const char *label)
{
	(void)label;
	return false;
}

void platform_unbound_memory(const char *label)
{
	(void)label;
}

uint64_t platform_task_memory(pid_t first, uint64_t enough)
{
	(void)first;
	(void)enough;
	return 0;
}

int platform_own_program(char *path, size_t size)
{
	(void)path;
	(void)size;
	return -1;
}

size_t platform_kill_strangers(const pid_t *ours, size_t n)
{
	(void)ours;
	(void)n;
	return 0;
}

Survivors platform_survivors(const pid_t *skip, size_t n)
{
	(void)skip;
	(void)n;
	return (Survivors){ 0, 0, 0, 0 };
}

void platform_close_from(int first)
{
	for (int fd = first; fd < (int)sysconf(_SC_OPEN_MAX); fd++)
		close(fd);
}

int platform_peer(int fd, uid_t *user)
{
	gid_t group;

	return getpeereid(fd, user, &group);
}

uint64_t platform_resident_bytes(long maxrss)
{
#ifdef __APPLE__
	return (uint64_t)maxrss;
#else
	return (uint64_t)maxrss * 1024;
#endif
}

uint64_t platform_memory_all(void)
{
	return 0;
}

uint64_t platform_memory_free(void)
{
	return 0;
}

void platform_boot_id(char *text, size_t size)
{
	if (size)
		text[0] = '\0';
}

#endif
