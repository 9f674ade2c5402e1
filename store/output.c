/* output.c - growing outputs: memory first, a file once they are large. */
#include "output.h"

#include "returned.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const stream_names[STREAMS] = { "stdout", "stderr", "return" };

struct Output {
	const State *state;
	uint64_t task;
	Stream stream;
	Buf memory;             /* all of it while small */
	int fd;                 /* -1 while small */
	uint64_t size, kept;
	bool unpacked;
	int64_t changed;
};

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
	output->changed = clock_ms();
	return output;
}

static int open_part(const Output *output, int flags, Err *err)
{
	char *path = path_of(output->state, output->task, output->stream, ".part");
	int fd = open(path, O_RDWR | O_CLOEXEC | flags, 0600);

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

Output *output_reopen(const State *state, uint64_t task, Stream stream, uint64_t kept, Err *err)
{
	Output *output = output_new(state, task, stream);

	if (kept == 0) {
		remove_file(state, task, stream, ".part");
		return output;
	}
	rename_file(output, "", ".part");       /* named, but the mount died before it was committed */
	output->fd = open_part(output, 0, err);
	if (output->fd < 0) {
		output_free(output);
		return NULL;
	}
	if (ftruncate(output->fd, (off_t)kept) < 0) {
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
	if (output->fd >= 0)
		close(output->fd);
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
	int fd = open_part(output, O_CREAT | O_TRUNC, err);

	if (fd < 0)
		return -1;
	if (write_at(fd, output->memory.data, output->memory.length, 0) < 0) {
		err_sys(err, errno, "an output of job %llu", (unsigned long long)output->task);
		close(fd);
		remove_file(output->state, output->task, output->stream, ".part");
		return -1;
	}
	output->fd = fd;
	buf_release(&output->memory);
	return 0;
}

int output_append(Output *output, const void *bytes, size_t n, Err *err)
{
	bool small = output->fd < 0 && output->size + n <= OUTPUT_SMALL;

	if (small) {
		buf_add(&output->memory, bytes, n);
	} else {
		if (output->fd < 0 && spill(output, err) < 0)
			return -1;
		/* A torn write beyond size is overwritten by the next try. */
		if (write_at(output->fd, bytes, n, output->size) < 0)
			return err_sys(err, errno, "an output of job %llu", (unsigned long long)output->task);
	}
	output->size += n;
	output->changed = clock_ms();
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

ssize_t output_read(const Output *output, uint64_t offset, void *to, size_t n)
{
	if (offset >= output->size)
		return 0;
	if (n > output->size - offset)
		n = (size_t)(output->size - offset);
	if (output->fd >= 0)
		return pread(output->fd, to, n, (off_t)offset);
	memcpy(to, output->memory.data + offset, n);
	return (ssize_t)n;
}

const Buf *output_small(const Output *output)
{
	return output->fd < 0 ? &output->memory : NULL;
}

int output_fd(const Output *output)
{
	return output->fd;
}

void output_synced(Output *output, uint64_t n)
{
	output->kept = n;
}

int output_finish(Output *output, Err *err)
{
	int rc;

	/* Beyond size there may be what a failed append left. */
	if (ftruncate(output->fd, (off_t)output->size) < 0)
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
