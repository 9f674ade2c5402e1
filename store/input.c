/* input.c - a file a job, opened for each use: nothing of it has to be remembered, or can be forgotten. */
#include "store/input.h"

#include "store/base/buf.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OPEN_MODE = 0600, CLOSED_MODE = 0400 };

static char *path_of(const State *state, uint64_t job)
{
	char name[40];

	snprintf(name, sizeof name, "inputs/%llu", (unsigned long long)job);
	return state_path(state, name);
}

int inputs_prepare(const State *state, Err *err)
{
	char *path = state_path(state, "inputs");
	int rc = state_make_directories(path, err);

	free(path);
	return rc;
}

static int fail(uint64_t job, int number, Err *err)
{
	return err_sys(err, number, "the stdin of job %llu", (unsigned long long)job);
}

/* -1 with errno. A closed one can be opened for writing by root only; who writes looks at st. */
static int open_file(const State *state, uint64_t job, int flags, struct stat *st)
{
	char *path = path_of(state, job);
	int fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW, OPEN_MODE), failed = errno;

	free(path);
	errno = failed;
	if (fd >= 0 && fstat(fd, st) < 0) {
		failed = errno;
		close(fd);
		errno = failed;
		return -1;
	}
	return fd;
}

static bool is_closed(const struct stat *st)
{
	return !(st->st_mode & 0200);
}

static int refuse_closed(uint64_t job, Err *err)
{
	return err_set(err, EPIPE, "the stdin of job %llu was closed by eof", (unsigned long long)job);
}

ssize_t input_append(const State *state, uint64_t job, const char *bytes, size_t n, Err *err)
{
	struct stat st;
	int fd = open_file(state, job, O_WRONLY | O_APPEND | O_CREAT, &st);
	size_t done = 0;
	ssize_t wrote = 0;

	if (fd < 0)
		return errno == EACCES ? refuse_closed(job, err) : fail(job, errno, err);
	if (is_closed(&st)) {
		close(fd);
		return refuse_closed(job, err);
	}
	while (done < n && (wrote = write(fd, bytes + done, n - done)) > 0)
		done += (size_t)wrote;
	if (done == 0 && n > 0)
		fail(job, wrote < 0 ? errno : ENOSPC, err);
	close(fd);
	return done || !n ? (ssize_t)done : -1;
}

void input_cut(const State *state, uint64_t job, uint64_t size)
{
	char *path = path_of(state, job);

	if (input_size(state, job) > size && truncate(path, (off_t)size) < 0)
		unlink(path);
	free(path);
}

uint64_t input_size(const State *state, uint64_t job)
{
	char *path = path_of(state, job);
	struct stat st;
	int rc = lstat(path, &st);

	free(path);
	return rc < 0 ? 0 : (uint64_t)st.st_size;
}

int input_open(const State *state, uint64_t job)
{
	struct stat st;

	return open_file(state, job, O_RDONLY, &st);
}

int input_close(const State *state, uint64_t job, Err *err)
{
	struct stat st;
	int fd = open_file(state, job, O_WRONLY | O_CREAT, &st), rc = 0;

	if (fd < 0)
		return errno == EACCES ? 0 : fail(job, errno, err);     /* closed already */
	if (fchmod(fd, CLOSED_MODE) < 0)
		rc = fail(job, errno, err);
	close(fd);
	return rc;
}

ssize_t input_read(const State *state, uint64_t job, uint64_t offset, char *to, size_t n, bool *last, Err *err)
{
	struct stat st;
	int fd = open_file(state, job, O_RDONLY, &st);
	ssize_t got;

	*last = false;
	if (fd < 0)
		return errno == ENOENT ? 0 : fail(job, errno, err);
	got = pread(fd, to, n, (off_t)offset);
	if (got < 0)
		fail(job, errno, err);
	else
		*last = is_closed(&st) && offset + (uint64_t)got >= (uint64_t)st.st_size;
	close(fd);
	return got;
}

void input_remove(const State *state, uint64_t job)
{
	char *path = path_of(state, job);

	unlink(path);
	free(path);
}

void inputs_sweep(const State *state, bool (*wanted)(void *arg, uint64_t job), void *arg)
{
	char *path = state_path(state, "inputs");
	DIR *dir = opendir(path);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		uint64_t job = strtoull(entry->d_name, NULL, 10);

		if (job && !wanted(arg, job))
			unlinkat(dirfd(dir), entry->d_name, 0);
	}
	if (dir)
		closedir(dir);
	free(path);
}
