/* serve.c - from a command line to an agent in the background, or the finding that there is one. */
#include "node/agent/serve.h"

#include "node/agent/agent.h"
#include "node/agent/platform.h"
#include "node/agent/remove.h"
#include "node/agent/say.h"
#include "store/base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	LOCK_WAIT_MS = 10000,           /* for a dying agent's runners to kill their tasks */
	LOCK_PAUSE_MS = 20,
	BACKLOG = 16,
	LOG_MAX = 1024 * 1024,          /* begun anew when it is larger */
};

/* Relative, because the room for a path in a socket's address is short. */
static struct sockaddr_un address(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	strcpy(address.sun_path, "socket");
	return address;
}

int serve_connect(void)
{
	struct sockaddr_un at = address();
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), failed;

	if (fd < 0)
		return -1;
	/* Not to wait for one that is stopped and whose backlog is full. */
	fcntl(fd, F_SETFL, O_NONBLOCK);
	if (connect(fd, (struct sockaddr *)&at, sizeof at) == 0)
		return fd;
	failed = errno;
	close(fd);
	errno = failed;
	return -1;
}

/* Looked at from inside, so that nobody can put another one in its place afterwards. */
static int enter(const char *directory, Err *err)
{
	struct stat st;

	if (mkdir(directory, 0700) < 0 && errno != EEXIST)
		return err_sys(err, errno, "cannot make %s", directory);
	if (chdir(directory) < 0 || stat(".", &st) < 0)
		return err_sys(err, errno, "cannot enter %s", directory);
	if (st.st_uid != geteuid())
		return err_set(err, EPERM, "%s is another user's", directory);
	if (st.st_mode & 022)
		return err_set(err, EPERM, "%s can be written by others; chmod go-w makes it safe", directory);
	return 0;
}

/* Opened, as LOCK_FD. */
static int open_lock(const char *directory, Err *err)
{
	int fd = open("lock", O_RDWR | O_CREAT | O_NOFOLLOW, 0600);

	if (fd < 0 || (fd != LOCK_FD && dup2(fd, LOCK_FD) < 0))
		return err_sys(err, errno, "%s/lock", directory);
	if (fd != LOCK_FD)
		close(fd);
	fcntl(LOCK_FD, F_SETFD, FD_CLOEXEC);
	return 0;
}

/* An agent that goes takes its lock file with it, so what was locked may not be what others find. */
static bool is_lock_of_all(void)
{
	struct stat ours, found;

	return fstat(LOCK_FD, &ours) == 0 && lstat("lock", &found) == 0 && ours.st_ino == found.st_ino &&
	       ours.st_dev == found.st_dev;
}

/* Takes the lock. 1: no need to, there is an agent that answers. */
static int take_lock(const char *directory, Err *err)
{
	int64_t give_up = clock_mono_ms() + LOCK_WAIT_MS;
	int peer;

	for (;;) {
		if (open_lock(directory, err) < 0)
			return -1;
		if (flock(LOCK_FD, LOCK_EX | LOCK_NB) == 0 && is_lock_of_all())
			return 0;
		close(LOCK_FD);
		peer = serve_connect();
		if (peer >= 0) {
			close(peer);
			return 1;
		}
		if (clock_mono_ms() > give_up)
			return err_set(err, EBUSY, "another agent holds %s/lock and does not answer", directory);
		platform_poll(NULL, 0, LOCK_PAUSE_MS);
	}
}

static int make_clean(const char *directory, const char *name, Err *err)
{
	remove_tree(AT_FDCWD, name);
	if (mkdir(name, 0700) < 0)
		return err_sys(err, errno, "cannot make %s/%s", directory, name);
	return 0;
}

static char program[PATH_MAX];  /* "": not known */

void serve_as(const char *argv0)
{
	if (platform_own_program(program, sizeof program) == 0)
		return;
	if (!strchr(argv0, '/') || !realpath(argv0, program))
		program[0] = '\0';
}

/* Without it tasks run all the same, as long as they do not use it. */
static void offer_srun(void)
{
	if (program[0] == '\0' || symlink(program, "bin/srun") < 0)
		say("tasks here have no srun: %s", program[0] ? strerror(errno) : "where the agent's program is, is not known");
}

static int listen_here(const char *directory, Err *err)
{
	struct sockaddr_un at = address();
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	mode_t mask = umask(0177);
	int failed;

	unlink("socket");
	failed = fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) < 0 || listen(fd, BACKLOG) < 0 ? errno : 0;
	umask(mask);
	if (!failed && fcntl(fd, F_SETFL, O_NONBLOCK) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return err_sys(err, failed, "cannot listen on %s/socket", directory);
}

static void redirect(int to, const char *path, int flags)
{
	int fd = open(path, flags, 0600);

	if (fd < 0 || fd == to)
		return;
	dup2(fd, to);
	close(fd);
}

static void detach(void)
{
	struct stat st;

	setsid();
	redirect(STDIN_FILENO, "/dev/null", O_RDONLY);
	redirect(STDOUT_FILENO, "/dev/null", O_WRONLY);
	redirect(STDERR_FILENO, "log", O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW);
	if (fstat(STDERR_FILENO, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > LOG_MAX &&
	    ftruncate(STDERR_FILENO, 0) < 0)
		return;
}

static void write_pid(pid_t pid)
{
	char text[32];
	int n = snprintf(text, sizeof text, "%d\n", (int)pid);

	if (ftruncate(LOCK_FD, 0) < 0 || pwrite(LOCK_FD, text, (size_t)n, 0) < 0)
		return; /* it is for people to read; the lock is what counts */
}

/* A log that says something stays for people to read. */
static void remove_empty_log(void)
{
	struct stat st;

	if (lstat("log", &st) == 0 && st.st_size == 0)
		unlink("log");
}

/* By whoever holds it: not while a runner that cannot die has it, nor once another agent does. */
static void remove_lock(const char *directory)
{
	Err err;

	close(LOCK_FD);
	if (open_lock(directory, &err) == 0 && flock(LOCK_FD, LOCK_EX | LOCK_NB) == 0 && is_lock_of_all())
		unlink("lock");
}

/* The agent itself, in the background from here on. */
static void live(int listener, const char *directory)
{
	detach();
	agent_main(listener, directory);
	remove_tree(AT_FDCWD, "spool");
	remove_tree(AT_FDCWD, "scratch");
	remove_tree(AT_FDCWD, "bin");
	unlink("state");
	remove_empty_log();
	remove_lock(directory);
	exit(0);
}

int serve(const char *directory, Err *err)
{
	char path[PATH_MAX];
	int taken, listener;
	pid_t pid;

	platform_close_from(LOCK_FD);
	if (enter(directory, err) < 0)
		return -1;
	if (!getcwd(path, sizeof path))
		return err_sys(err, errno, "where %s is", directory);
	taken = take_lock(directory, err);
	if (taken != 0)
		return taken < 0 ? -1 : 0;
	if (make_clean(directory, "spool", err) < 0 || make_clean(directory, "scratch", err) < 0 ||
	    make_clean(directory, "bin", err) < 0)
		return -1;
	unlink("state");
	offer_srun();
	listener = listen_here(directory, err);
	if (listener < 0)
		return -1;
	pid = fork();
	if (pid == 0)
		live(listener, path);
	write_pid(pid);
	close(listener);
	close(LOCK_FD);
	return pid < 0 ? err_sys(err, errno, "cannot fork") : 0;
}
