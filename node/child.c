/* child.c - posix_spawn, which is safe in a program of many threads, and a patient end. */
#include "node/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE_MS = 500, PAUSE_MS = 5 };

/* Our threads block every signal and the daemon ignores SIGPIPE; a program expects neither. */
static void set_attributes(posix_spawnattr_t *attributes)
{
	sigset_t none, all;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_init(attributes);
	posix_spawnattr_setsigmask(attributes, &none);
	posix_spawnattr_setsigdefault(attributes, &all);
	posix_spawnattr_setpgroup(attributes, 0);
	posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
}

pid_t child_start(char *const *argv, const int stdio[3], Err *err)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	pid_t pid;
	int failed;

	set_attributes(&attributes);
	posix_spawn_file_actions_init(&actions);
	for (int i = 0; i < 3; i++) {
		if (stdio[i] < 0)
			posix_spawn_file_actions_addopen(&actions, i, "/dev/null", i ? O_WRONLY : O_RDONLY, 0);
		else
			posix_spawn_file_actions_adddup2(&actions, stdio[i], i);
	}
	failed = posix_spawnp(&pid, argv[0], &actions, &attributes, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return failed ? err_sys(err, failed, "%s cannot be started", argv[0]) : pid;
}

static int ended(pid_t pid, int *status)
{
	for (int waited = 0; waited < PATIENCE_MS; waited += PAUSE_MS) {
		pid_t got = waitpid(pid, status, WNOHANG);

		if (got == pid || (got < 0 && errno != EINTR))
			return 1;
		poll(NULL, 0, PAUSE_MS);
	}
	return 0;
}

int child_end(pid_t pid)
{
	int status = 0;

	if (ended(pid, &status))
		return status;
	kill(-pid, SIGTERM);
	if (ended(pid, &status))
		return status;
	kill(-pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

int child_pipe(int ends[2])
{
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	for (int i = 0; i < 2; i++)
		fcntl(ends[i], F_SETFL, fcntl(ends[i], F_GETFL) | O_NONBLOCK);
	return 0;
}
