/* spawn.c - vfork and exec.
 *
 * By hand, because posix_spawn(3) of glibc makes 62 calls to reset signals where two will do, and leaves
 * its own two ignored. The child borrows our memory until exec, so it only makes system calls, and tells
 * why exec failed through a variable. */
#include "node/agent/spawn.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* Handlers go with exec; SIGCHLD's must not run in borrowed memory before. What we ignore would stay so. */
static void reset_signals(void)
{
	sigset_t none;

	signal(SIGCHLD, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static struct rlimit files_before;

/* Every run has pipes and perhaps spools: take as many descriptors as the hard limit allows. */
void spawn_raise_files(void)
{
	struct rlimit more;

	if (getrlimit(RLIMIT_NOFILE, &files_before) < 0)
		return;
	more = files_before;
	more.rlim_cur = more.rlim_max;
	setrlimit(RLIMIT_NOFILE, &more);
}

pid_t spawn(const char *path, char *const argv[], char *const environment[], Ends *ends, Err *err)
{
	static volatile int failed, grouped;
	pid_t pid;

	failed = grouped = 0;
	pid = vfork();
	if (pid == 0) {
		setsid();
		if (ends->input >= 0)
			dup2(ends->input, STDIN_FILENO);
		dup2(ends->output[0], STDOUT_FILENO);
		dup2(ends->output[1], STDERR_FILENO);
		if (ends->group >= 0)
			grouped = write(ends->group, "0", 1) == 1;
		reset_signals();
		if (files_before.rlim_max)
			setrlimit(RLIMIT_NOFILE, &files_before);
		execve(path, argv, environment);
		failed = errno;
		_exit(127);
	}
	if (pid < 0)
		return err_sys(err, errno, "cannot fork");
	ends->grouped = grouped;
	if (!failed)
		return pid;
	waitpid(pid, NULL, 0);
	return err_sys(err, failed, "%s", path);
}
