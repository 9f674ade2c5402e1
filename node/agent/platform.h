/* platform.h - what the agent needs of a kernel beyond POSIX, in one place.
 *
 * Linux is the full answer. Elsewhere there is no subreaper and no /proc: a task is then its process
 * group, and what leaves the group escapes (the man page says so). */
#ifndef NODE_AGENT_PLATFORM_H
#define NODE_AGENT_PLATFORM_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* From now on orphans among our descendants become our children, where the kernel can do that. */
void platform_adopt_orphans(void);
bool platform_adopts_orphans(void);

/* Send signal, then the signal then (0: none), to every process of the task whose first process is first:
 * all our descendants, where orphans are adopted, else first's process group. Return how many of them hear it
 * and had not ended; 0 where that is not known. */
size_t platform_signal_task(pid_t first, int signal, int then);

/* Send signal to every process of the task but its first (where orphans are not adopted: to that too). */
void platform_signal_others(pid_t first, int signal);

/* Bound the memory of a group of processes in the kernel. A descriptor: who writes "0" to it joins the group
 * with all its children to come. -1: not on this machine, or not for this user; then watch. label is the
 * caller's own name for the group. */
int platform_bound_memory(const char *label, uint64_t bytes);
bool platform_memory_ran_out(const char *label);        /* it killed, to keep the bound */
void platform_unbound_memory(const char *label);        /* its processes are gone */

/* Bytes that all processes of the task have in memory together, pages shared counted once. If that is at most
 * enough, a cheaper estimate that is not below it will do. 0: not known here. */
uint64_t platform_task_memory(pid_t first, uint64_t enough);

/* The program that is running, as an absolute path. -1: not known; try argv[0]. */
int platform_own_program(char *path, size_t size);

/* SIGKILL our children that are not among the n ours, and all their descendants. Returns how many
 * such processes there were that hear it; 0 means that nothing is left but what became another user's. */
size_t platform_kill_strangers(const pid_t *ours, size_t n);

/* Who is left of our descendants, the n in skip and theirs left out. Where descendants are not known, nobody is. */
typedef struct Survivors {
	size_t ours;            /* that have not ended and hear our signals */
	size_t foreign;         /* that do not, as they became another user's */
	pid_t pid;              /* one of these, and its user */
	uid_t user;
} Survivors;

Survivors platform_survivors(const pid_t *skip, size_t n);

/* poll(2) during which the signals that are otherwise blocked may come in: no wake-up is lost between
 * looking at a handler's flag and going to sleep. timeout_ms below 0: for ever. */
int platform_poll(struct pollfd *fds, size_t n, int64_t timeout_ms);

/* pipe(2), both ends closed on exec. */
int platform_pipe(int ends[2]);

/* Close every descriptor from first up. */
void platform_close_from(int first);

/* The user at the other end of a unix socket. -1 with errno set if that is not known. */
int platform_peer(int fd, uid_t *user);

/* ru_maxrss in bytes: kernels disagree about the unit. */
uint64_t platform_resident_bytes(long maxrss);

uint64_t platform_memory_all(void);             /* bytes; 0: unknown */
uint64_t platform_memory_free(void);            /* bytes that could be had without swapping */
void platform_boot_id(char *text, size_t size); /* different after every boot; "" if unknown */

#endif
