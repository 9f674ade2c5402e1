/* output_handle.c - reading what jobs write: stdout and stderr as files that grow, and `follow` as a stream that blocks
 * for more. Runs on the owner thread.
 *
 * The subject is one task, or an array. An array's output is that of its tasks in order of their indices, up to the end
 * so far of the first that is not finished; one task is read as an array of one. Nothing of it is stored: a handle remembers at which task its last read
 * ended, as the next goes on there. Once all tasks are finished, and unless that is too much, a handle takes hold of the
 * whole, so that it can be read on after the job was forgotten. */
#include "fs/handle.h"

#include "store/job.h"
#include "store/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HELD_MAX = 4 * 1024 * 1024 };    /* bytes of a whole that is in memory; one large output is held as its file */

typedef struct Reading {
	Stream stream;
	uint32_t ordinal;       /* of the task where the last read ended */
	uint64_t base;          /* bytes of all tasks before it */
	uint64_t given;         /* where the next read will begin, most likely */
	/* the unfinished task that `follow` has given bytes of, and the run whose they are; 0: none */
	uint32_t begun, run;
	/* the finished output that was read last */
	uint64_t held;          /* task; 0: none */
	uint64_t size;          /* of it, bytes */
	int fd;                 /* of a large one, else -1 */
	Buf small;
} Reading;

static uint32_t task_count(const Handle *handle)
{
	return handle->place.subject.task ? 1 : job_tasks(handle->place.subject.job);
}

static const Task *task_at(const Handle *handle, uint32_t ordinal)
{
	const Subject *subject = &handle->place.subject;

	return subject->task ? subject->task : job_task(subject->job, ordinal);
}

static bool is_finished(const Handle *handle)
{
	const Subject *subject = &handle->place.subject;

	return subject->task ? task_is_finished(subject->task) : job_is_finished(subject->job);
}

static uint64_t length_of(const Handle *handle, Stream stream)
{
	const Subject *subject = &handle->place.subject;

	return subject->task ? task_output_length(subject->task, stream) : job_output_length(subject->job, stream);
}

/* --- the handle's own -------------------------------------------------------------------------- */

static int open_reading(Handle *handle, Stream stream)
{
	Reading *reading = mem_new_zeroed(sizeof *reading);

	reading->stream = stream;
	reading->fd = -1;
	handle->own = reading;
	return 0;
}

static void let_go(Reading *reading)
{
	if (reading->fd >= 0)
		close(reading->fd);
	reading->fd = -1;
	reading->held = 0;
	buf_clear(&reading->small);
}

static void release(Handle *handle)
{
	Reading *reading = handle->own;

	let_go(reading);
	buf_release(&reading->small);
	free(reading);
}

/* --- a task's piece ---------------------------------------------------------------------------- */

/* Take hold of a finished task's output. */
static int hold(Handle *handle, const Task *task, Err *err)
{
	Reading *reading = handle->own;
	Cluster *cluster = handle->fs->cluster;
	uint64_t size = task->now.size[reading->stream];

	if (reading->held == task->id)
		return 0;
	let_go(reading);
	if (size > OUTPUT_SMALL)
		reading->fd = outputs_open(cluster_state(cluster), task->id, reading->stream, err);
	if (size > OUTPUT_SMALL ? reading->fd < 0
	    : cluster_read_output(cluster, task, reading->stream, &reading->small, err) < 0)
		return -1;
	reading->held = task->id;
	reading->size = size;
	return 0;
}

static ssize_t read_held(const Reading *reading, uint64_t offset, char *to, size_t n)
{
	if (reading->fd >= 0)
		return pread(reading->fd, to, n, (off_t)offset);
	if (n > reading->small.length - offset)
		n = reading->small.length - offset;
	memcpy(to, reading->small.data + offset, n);
	return (ssize_t)n;
}

/* At most n bytes of the task's output from offset on, appended to the handle's text. */
static ssize_t read_piece(Handle *handle, const Task *task, uint64_t offset, size_t n, Err *err)
{
	const Reading *reading = handle->own;
	char *to = buf_space(&handle->text, n);
	ssize_t got;

	if (!task_is_finished(task))
		got = output_read(task->output[reading->stream], offset, to, n);
	else if (hold(handle, task, err) < 0)
		return -1;
	else
		got = read_held(reading, offset, to, n);
	if (got < 0)
		return err_sys(err, errno, "an output of job %llu", (unsigned long long)task->id);
	buf_grew(&handle->text, (size_t)got);
	return got;
}

/* --- all of them ------------------------------------------------------------------------------- */

/* The task whose output has the byte at offset, and reading->base to where it begins; NULL: there is none yet. */
static const Task *seek(Handle *handle, uint64_t offset)
{
	Reading *reading = handle->own;

	if (offset < reading->base) {
		reading->ordinal = 0;
		reading->base = 0;
	}
	for (; reading->ordinal < task_count(handle); reading->ordinal++) {
		const Task *task = task_at(handle, reading->ordinal);
		uint64_t length = task_output_length(task, reading->stream);

		if (offset - reading->base < length)
			return task;
		if (!task_is_finished(task))
			return NULL;
		reading->base += length;
	}
	return NULL;
}

/* Into the handle's text. */
static int gather(Handle *handle, uint64_t offset, size_t n, Err *err)
{
	const Reading *reading = handle->own;

	buf_clear(&handle->text);
	while (handle->text.length < n) {
		uint64_t at = offset + handle->text.length;
		const Task *task = seek(handle, at);
		ssize_t got = task ? read_piece(handle, task, at - reading->base, n - handle->text.length, err) : 0;

		if (got < 0)
			return -1;
		if (got == 0)
			break;
	}
	return 0;
}

static Chunk of_file(const Reading *reading, uint64_t offset, size_t n)
{
	if (offset > reading->size)
		offset = reading->size;
	if (n > reading->size - offset)
		n = (size_t)(reading->size - offset);
	return (Chunk){ NULL, n, reading->fd, offset };
}

/* All n bytes are in one large finished output: they need not pass through here. */
static bool is_in_one_file(Handle *handle, uint64_t offset, size_t n, Chunk *chunk)
{
	Reading *reading = handle->own;
	const Task *task = seek(handle, offset);
	Err err;

	if (!task || !task_is_finished(task) || task->now.size[reading->stream] <= OUTPUT_SMALL ||
	    offset - reading->base + n > task->now.size[reading->stream] || hold(handle, task, &err) < 0)
		return false;
	*chunk = of_file(reading, offset - reading->base, n);
	return true;
}

static ReadAnswer read_bytes(Handle *handle, uint64_t offset, size_t n, Chunk *chunk, Err *err)
{
	if (is_in_one_file(handle, offset, n, chunk))
		return READ_DONE;
	if (gather(handle, offset, n, err) < 0)
		return READ_REFUSED;
	*chunk = (Chunk){ buf_text(&handle->text), handle->text.length, -1, 0 };
	return READ_DONE;
}

/* --- the whole --------------------------------------------------------------------------------- */

/* Take hold of all that a finished job wrote: of one task's large output by its file, else in memory. */
static int hold_whole(Handle *handle, Err *err)
{
	Reading *reading = handle->own;
	uint64_t length = length_of(handle, reading->stream);

	if (task_count(handle) == 1 && length > OUTPUT_SMALL) {
		if (hold(handle, task_at(handle, 0), err) < 0)
			return -1;
	} else if (length > HELD_MAX) {
		return 0;
	} else {
		if (gather(handle, 0, (size_t)length, err) < 0)
			return -1;
		let_go(reading);
	}
	handle->rendered = true;
	return 0;
}

static Chunk of_whole(const Handle *handle, uint64_t offset, size_t n)
{
	const Reading *reading = handle->own;

	if (reading->fd >= 0)
		return of_file(reading, offset, n);
	if (offset > handle->text.length)
		offset = handle->text.length;
	if (n > handle->text.length - offset)
		n = handle->text.length - offset;
	return (Chunk){ buf_text(&handle->text) + offset, n, -1, 0 };
}

static ReadAnswer read_output(Handle *handle, uint64_t offset, size_t n, Chunk *chunk, Err *err)
{
	if (!handle->rendered && is_finished(handle) && hold_whole(handle, err) < 0)
		return READ_REFUSED;
	if (!handle->rendered)
		return read_bytes(handle, offset, n, chunk, err);
	*chunk = of_whole(handle, offset, n);
	return READ_DONE;
}

static int open_output(Handle *handle, Err *err)
{
	open_reading(handle, handle->place.file->name[3] == 'o' ? STREAM_STDOUT : STREAM_STDERR);
	if (!is_finished(handle) || hold_whole(handle, err) == 0)
		return 0;
	release(handle);
	return -1;
}

const HandleKind output_handle = { .open = open_output, .read = read_output, .release = release };

/* --- follow ------------------------------------------------------------------------------------ */

static int open_follow(Handle *handle, Err *err)
{
	(void)err;
	return open_reading(handle, STREAM_STDOUT);
}

static bool is_other_run(const Handle *handle)
{
	const Reading *reading = handle->own;

	return reading->run && task_at(handle, reading->begun)->now.run != reading->run;
}

static ReadAnswer refuse_other_run(const Handle *handle, Err *err)
{
	const Reading *reading = handle->own;
	const Subject *subject = &handle->place.subject;
	const Job *job = subject->job;

	if (subject->task)
		err_set(err, EIO, "job %llu was started again; open follow anew", (unsigned long long)subject->task->id);
	else
		err_set(err, EIO, "task %u of job %llu was started again; open follow anew",
			indices_at(&job->array->indices, reading->begun), (unsigned long long)job->id);
	return READ_REFUSED;
}

/* What was given of the task where the read ended may yet be another run's. */
static void note_run(const Handle *handle)
{
	Reading *reading = handle->own;
	const Task *task = reading->ordinal < task_count(handle) ? task_at(handle, reading->ordinal) : NULL;

	reading->begun = reading->ordinal;
	reading->run = task && !task_is_finished(task) && reading->given > reading->base ? task->now.run : 0;
}

static bool follow_is_ready(Handle *handle)
{
	const Reading *reading = handle->own;

	return is_finished(handle) || is_other_run(handle) || length_of(handle, STREAM_STDOUT) > reading->given;
}

static ReadAnswer read_follow(Handle *handle, uint64_t offset, size_t n, Chunk *chunk, Err *err)
{
	Reading *reading = handle->own;
	ReadAnswer answer;

	if (!handle->rendered && is_other_run(handle))
		return refuse_other_run(handle, err);
	if (!handle->rendered && !is_finished(handle) && offset >= length_of(handle, STREAM_STDOUT))
		return READ_PARKED;
	answer = read_output(handle, offset, n, chunk, err);
	if (handle->rendered)
		return answer;
	reading->given = offset + chunk->length;
	note_run(handle);
	return answer;
}

const HandleKind follow_handle = { .open = open_follow, .read = read_follow, .ready = follow_is_ready, .release = release };
