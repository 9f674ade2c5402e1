/* output.c - growing outputs: memory first, a file once they are large. */
#include "store/output.h"

#include "store/base/clock.h"
#include "store/returned.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/resource.h>
#include <unistd.h>

const char *const stream_names[STREAMS] = { "stdout", "stderr", "return" };

struct Output {
	const State *state;
	uint64_t task;
	Stream stream;
	Buf memory;             /* all of it while small */
	bool large;             /* in a file */
	int fd;                 /* of the file; -1 while it rests */
	TAILQ_ENTRY(Output) in_open;
	uint64_t size, kept;
	bool unpacked;
	int64_t changed;
};

/* Those with a descriptor, the one that rested longest first: however many there are, a part of what the process may
 * open is theirs. The owner's thread only. */
static TAILQ_HEAD(, Output) open_files = TAILQ_HEAD_INITIALIZER(open_files);
static unsigned open_count;

enum { OPEN_LEAST = 4, OPEN_MOST = 256, OPEN_SHARE = 4 };

static char *path_of(const State *state, uint64_t task, Stream stream, const char *suffix)
{
	char name[64];

	snprintf(name, sizeof name, "outputs/%llu.%s%s", (unsigned long long)task, stream_names[stream], suffix);
	return state_path(state, name);
}

int outputs_prepare(const State *state, Err *err)
{
	char *path = state_path(state, "outputs");
	int rc = state_make_directories(path, err);

	free(path);
	return rc < 0 ? -1 : returned_prepare(state, err);
}

Output *output_new(const State *state, uint64_t task, Stream stream)
{
	Output *output = mem_new_zeroed(sizeof *output);

	output->state = state;
	output->task = task;
	output->stream = stream;
	output->fd = -1;
	output->changed = clock_wall_ms();
	return output;
}

static void rest(Output *output)
{
	if (output->fd < 0)
		return;
	TAILQ_REMOVE(&open_files, output, in_open);
	open_count--;
	close(output->fd);
	output->fd = -1;
}

static unsigned open_most(void)
{
	struct rlimit limit;
	rlim_t share = getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur / OPEN_SHARE : OPEN_LEAST;

	return share < OPEN_LEAST ? OPEN_LEAST : share < OPEN_MOST ? (unsigned)share : OPEN_MOST;
}

static void note_open(Output *output, int fd)
{
	while (open_count >= open_most())
		rest(TAILQ_FIRST(&open_files));
	output->fd = fd;
	TAILQ_INSERT_TAIL(&open_files, output, in_open);
	open_count++;
}

/* Those that rest make place for it. */
static int open_file(const Output *output, const char *suffix, int flags, Err *err)
{
	char *path = path_of(output->state, output->task, output->stream, suffix);
	int fd = open(path, O_RDWR | O_CLOEXEC | flags, 0600);

	for (; fd < 0 && (errno == EMFILE || errno == ENFILE) && open_count;
	     fd = open(path, O_RDWR | O_CLOEXEC | flags, 0600))
		rest(TAILQ_FIRST(&open_files));
	if (fd < 0)
		err_sys(err, errno, "%s", path);
	free(path);
	return fd;
}

static void remove_file(const State *state, uint64_t task, Stream stream, const char *suffix)
{
	char *path = path_of(state, task, stream, suffix);

	unlink(path);
	free(path);
}

static int rename_file(const Output *output, const char *from_suffix, const char *to_suffix)
{
	char *from = path_of(output->state, output->task, output->stream, from_suffix);
	char *to = path_of(output->state, output->task, output->stream, to_suffix);
	int rc = rename(from, to) < 0 ? -errno : 0;

	free(from);
	free(to);
	return rc;
}

/* Somebody removed it: its node still has all of it, and sends it again from the start. */
static void begin_anew(Output *output)
{
	output->large = false;
	output->size = output->kept = 0;
}

/* The descriptor of a large one, or -1. It is the caller's until the next call about any output. */
static int file_of(Output *output, Err *err)
{
	int fd = output->fd;
	Err why;

	if (fd >= 0) {
		TAILQ_REMOVE(&open_files, output, in_open);
		TAILQ_INSERT_TAIL(&open_files, output, in_open);
		return fd;
	}
	fd = open_file(output, ".part", 0, &why);
	if (fd < 0 && why.number == ENOENT)
		fd = open_file(output, "", 0, &why);    /* named, but the commit after that failed */
	if (fd < 0 && why.number == ENOENT)
		begin_anew(output);
	if (fd >= 0)
		note_open(output, fd);
	else if (err)
		*err = why;
	return fd;
}

Output *output_reopen(const State *state, uint64_t task, Stream stream, uint64_t kept, Err *err)
{
	Output *output = output_new(state, task, stream);
	int fd;

	if (kept == 0) {
		remove_file(state, task, stream, ".part");
		return output;
	}
	rename_file(output, "", ".part");       /* named, but the mount died before it was committed */
	fd = open_file(output, ".part", 0, err);
	if (fd < 0) {
		output_free(output);
		return NULL;
	}
	output->large = true;
	note_open(output, fd);
	if (ftruncate(fd, (off_t)kept) < 0) {
		err_sys(err, errno, "an output of job %llu", (unsigned long long)task);
		output_free(output);
		return NULL;
	}
	output->size = output->kept = kept;
	return output;
}

void output_free(Output *output)
{
	if (!output)
		return;
	rest(output);
	buf_release(&output->memory);
	free(output);
}

static int write_at(int fd, const char *bytes, size_t n, uint64_t offset)
{
	while (n > 0) {
		ssize_t done = pwrite(fd, bytes, n, (off_t)offset);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return -1;
		bytes += done;
		n -= (size_t)done;
		offset += (uint64_t)done;
	}
	return 0;
}

/* From memory into a file. On failure it stays in memory and the file goes again. */
static int spill(Output *output, Err *err)
{
	int fd = open_file(output, ".part", O_CREAT | O_TRUNC, err);

	if (fd < 0)
		return -1;
	if (write_at(fd, output->memory.data, output->memory.length, 0) < 0) {
		err_sys(err, errno, "an output of job %llu", (unsigned long long)output->task);
		close(fd);
		remove_file(output->state, output->task, output->stream, ".part");
		return -1;
	}
	output->large = true;
	note_open(output, fd);
	buf_release(&output->memory);
	return 0;
}

static int append_to_file(Output *output, const char *bytes, size_t n, Err *err)
{
	int fd;

	if (!output->large && spill(output, err) < 0)
		return -1;
	fd = file_of(output, err);
	if (fd < 0)
		return -1;
	/* A torn write beyond size is overwritten by the next try. */
	if (write_at(fd, bytes, n, output->size) < 0)
		return err_sys(err, errno, "an output of job %llu", (unsigned long long)output->task);
	return 0;
}

int output_append(Output *output, const void *bytes, size_t n, Err *err)
{
	if (!output->large && output->size + n <= OUTPUT_SMALL)
		buf_add(&output->memory, bytes, n);
	else if (append_to_file(output, bytes, n, err) < 0)
		return -1;
	output->size += n;
	output->changed = clock_wall_ms();
	return 0;
}

uint64_t output_size(const Output *output)
{
	return output->size;
}

int64_t output_changed(const Output *output)
{
	return output->changed;
}

uint64_t output_kept(const Output *output)
{
	return output->kept;
}

ssize_t output_read(Output *output, uint64_t offset, void *to, size_t n)
{
	Err err;
	int fd;

	if (offset >= output->size)
		return 0;
	if (n > output->size - offset)
		n = (size_t)(output->size - offset);
	if (output->large) {
		fd = file_of(output, &err);
		errno = fd < 0 ? err.number : 0;
		return fd < 0 ? -1 : pread(fd, to, n, (off_t)offset);
	}
	memcpy(to, output->memory.data + offset, n);
	return (ssize_t)n;
}

const Buf *output_small(const Output *output)
{
	return output->large ? NULL : &output->memory;
}

char *output_path(const Output *output)
{
	return output->large ? path_of(output->state, output->task, output->stream, ".part") : NULL;
}

void output_synced(Output *output, uint64_t n)
{
	output->kept = n;
}

int output_finish(Output *output, Err *err)
{
	int fd = file_of(output, err), rc;

	if (fd < 0)
		return -1;
	/* Beyond size there may be what a failed append left. */
	if (ftruncate(fd, (off_t)output->size) < 0)
		return err_sys(err, errno, "an output of job %llu", (unsigned long long)output->task);
	rc = rename_file(output, ".part", "");
	if (rc < 0 && rc != -ENOENT)    /* ENOENT: done before, the commit after it failed */
		return err_sys(err, -rc, "an output of job %llu", (unsigned long long)output->task);
	return 0;
}

void output_unpacked(Output *output)
{
	output->unpacked = true;
	remove_file(output->state, output->task, output->stream, ".part");
}

bool output_is_unpacked(const Output *output)
{
	return output->unpacked;
}

int outputs_open(const State *state, uint64_t task, Stream stream, Err *err)
{
	char *path = path_of(state, task, stream, "");
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	free(path);
	if (fd >= 0)
		return fd;
	/* After a power cut the database may know of the end while the rename was lost. */
	path = path_of(state, task, stream, ".part");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		err_sys(err, errno, "%s", path);
	free(path);
	return fd;
}

void outputs_remove(const State *state, uint64_t task)
{
	for (Stream stream = 0; stream < STREAMS; stream++) {
		remove_file(state, task, stream, "");
		remove_file(state, task, stream, ".part");
	}
	returned_discard(state, task);
}
