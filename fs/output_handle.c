/* output_handle.c - reading what jobs write: stdout and stderr as files that grow, `follow` as a stream
 * that blocks for more, and the event log. */
#include "fs/array_handle.h"

#include "store/output.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static Task *task_of(const Handle *handle)
{
	return handle->place.subject.task;
}

uint64_t output_length(const Task *task, Stream stream)
{
	if (task_is_finished(task))
		return task->now.size[stream];
	return task->output[stream] ? output_size(task->output[stream]) : 0;
}

/* --- bytes of one stream ------------------------------------------------------------------------ */

/* What a handle keeps of a finished output. */
typedef struct Reading {
	Stream stream;
	int fd;                 /* of a large one; -1: not opened, or small */
	uint64_t size;          /* of that */
	uint32_t run;           /* whose bytes `follow` has given; 0: none yet */
	uint64_t given;         /* where its next read will begin, most likely */
} Reading;

static int reading_open(Handle *handle, Stream stream)
{
	Reading *reading = mem_new_zeroed(sizeof *reading);

	reading->stream = stream;
	reading->fd = -1;
	handle->own = reading;
	return 0;
}

static void reading_release(Handle *handle)
{
	Reading *reading = handle->own;

	if (reading->fd >= 0)
		close(reading->fd);
	free(reading);
}

/* Take hold of the finished output, so that it can be read on after the job was forgotten. */
static int hold_final(Handle *handle, Err *err)
{
	Reading *reading = handle->own;
	const Task *task = task_of(handle);

	if (task->now.size[reading->stream] > OUTPUT_SMALL) {
		reading->fd = outputs_open(cluster_state(handle->fs->cluster), task->id, reading->stream, err);
		if (reading->fd < 0)
			return -1;
		reading->size = task->now.size[reading->stream];
	} else {
		buf_clear(&handle->text);
		if (cluster_read_output(handle->fs->cluster, task, reading->stream, &handle->text, err) < 0)
			return -1;
	}
	handle->rendered = true;
	return 0;
}

static ReadAnswer answer_final(Handle *handle, uint64_t offset, size_t n, Chunk *chunk)
{
	const Reading *reading = handle->own;
	uint64_t size = reading->fd >= 0 ? reading->size : handle->text.length;

	if (offset > size)
		offset = size;
	if (n > size - offset)
		n = (size_t)(size - offset);
	if (reading->fd >= 0)
		*chunk = (Chunk){ NULL, n, reading->fd, offset };
	else
		*chunk = (Chunk){ buf_text(&handle->text) + offset, n, -1, 0 };
	return READ_DONE;
}

static ReadAnswer answer_live(Handle *handle, uint64_t offset, size_t n, Chunk *chunk, Err *err)
{
	Output *output = task_of(handle)->output[((Reading *)handle->own)->stream];
	ssize_t got;

	if (!output)
		return READ_DONE;
	buf_clear(&handle->text);
	got = output_read(output, offset, buf_space(&handle->text, n), n);
	if (got < 0) {
		err_sys(err, errno, "the output's file");
		return READ_REFUSED;
	}
	buf_grew(&handle->text, (size_t)got);
	*chunk = (Chunk){ handle->text.data, (size_t)got, -1, 0 };
	return READ_DONE;
}

static ReadAnswer read_bytes(Handle *handle, uint64_t offset, size_t n, Chunk *chunk, Err *err)
{
	if (!handle->rendered && !task_is_finished(task_of(handle)))
		return answer_live(handle, offset, n, chunk, err);
	if (!handle->rendered && hold_final(handle, err) < 0)
		return READ_REFUSED;
	return answer_final(handle, offset, n, chunk);
}

/* --- stdout and stderr ------------------------------------------------------------------------- */

static int output_open(Handle *handle, Err *err)
{
	Stream stream = handle->place.file->name[3] == 'o' ? STREAM_STDOUT : STREAM_STDERR;

	if (!task_of(handle)) {
		handle->kind = &array_output_handle;
		array_reading_open(handle, stream);
		if (handle->kind->open(handle, err) == 0)
			return 0;
		handle->kind->release(handle);
		return -1;
	}
	reading_open(handle, stream);
	if (!task_is_finished(task_of(handle)))
		return 0;
	if (hold_final(handle, err) == 0)
		return 0;
	reading_release(handle);
	return -1;
}

const HandleKind output_handle = { .open = output_open, .read = read_bytes, .release = reading_release };

/* --- follow ------------------------------------------------------------------------------------ */

static int follow_open(Handle *handle, Err *err)
{
	(void)err;
	if (!task_of(handle)) {
		handle->kind = &array_follow_handle;
		return array_reading_open(handle, STREAM_STDOUT);
	}
	return reading_open(handle, STREAM_STDOUT);
}

static bool is_other_run(const Handle *handle)
{
	const Reading *reading = handle->own;

	return reading->run && reading->run != task_of(handle)->now.run;
}

static bool follow_is_ready(Handle *handle)
{
	const Reading *reading = handle->own;

	return handle->rendered || is_other_run(handle) || task_is_finished(task_of(handle)) ||
	       output_length(task_of(handle), reading->stream) > reading->given;
}

static ReadAnswer follow_read(Handle *handle, uint64_t offset, size_t n, Chunk *chunk, Err *err)
{
	Reading *reading = handle->own;
	const Task *task = handle->rendered ? NULL : task_of(handle);
	uint64_t length = task ? output_length(task, STREAM_STDOUT) : 0;

	if (task && is_other_run(handle)) {
		err_set(err, EIO, "job %llu was started again; open follow anew", (unsigned long long)task->id);
		return READ_REFUSED;
	}
	if (task && !task_is_finished(task) && offset >= length)
		return READ_PARKED;
	if (task && length)
		reading->run = task->now.run;
	reading->given = offset + n < length ? offset + n : length;
	return read_bytes(handle, offset, n, chunk, err);
}

const HandleKind follow_handle = {
	.open = follow_open, .read = follow_read, .ready = follow_is_ready, .release = reading_release,
};

/* --- events ------------------------------------------------------------------------------------ */

static ReadAnswer events_handle_read(Handle *handle, uint64_t offset, size_t n, Chunk *chunk, Err *err)
{
	ssize_t got;

	buf_clear(&handle->text);
	got = events_read(handle->fs->events, offset, buf_space(&handle->text, n), n);
	if (got < 0) {
		err_sys(err, errno, "the events file");
		return READ_REFUSED;
	}
	buf_grew(&handle->text, (size_t)got);
	*chunk = (Chunk){ handle->text.data, (size_t)got, -1, 0 };
	return READ_DONE;
}

static int events_handle_open(Handle *handle, Err *err)
{
	(void)err;
	events_hold(handle->fs->events);
	return 0;
}

static void events_handle_release(Handle *handle)
{
	events_let_go(handle->fs->events);
}

const HandleKind events_handle = { .open = events_handle_open, .read = events_handle_read, .release = events_handle_release };
