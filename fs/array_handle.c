/* array_handle.c - an array's outputs as one file: those of its tasks in order of their indices, up to the
 * end so far of the first that is not finished; and `follow` of the same.
 *
 * Nothing of it is stored. A handle remembers at which task its last read ended, as the next goes on there. */
#include "fs/array_handle.h"

#include "store/job.h"
#include "store/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HELD_MAX = 4 * 1024 * 1024 };

typedef struct Reading {
	Stream stream;
	uint32_t ordinal;       /* of the task where the last read ended */
	uint64_t base;          /* bytes of all tasks before it */
	uint64_t given;         /* where the next read will begin, most likely */
	/* the unfinished task that `follow` has given bytes of, and the run whose they are; 0: none */
	uint32_t begun, run;
	/* the finished output that was read last */
	uint64_t held;          /* task; 0: none */
	int fd;                 /* of a large one, else -1 */
	Buf small;
} Reading;

int array_reading_open(Handle *handle, Stream stream)
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

static int hold(Handle *handle, const Task *task, Err *err)
{
	Reading *reading = handle->own;
	Cluster *cluster = handle->fs->cluster;

	if (reading->held == task->id)
		return 0;
	let_go(reading);
	if (task->now.size[reading->stream] > OUTPUT_SMALL)
		reading->fd = outputs_open(cluster_state(cluster), task->id, reading->stream, err);
	if (task->now.size[reading->stream] > OUTPUT_SMALL ? reading->fd < 0
	    : cluster_read_output(cluster, task, reading->stream, &reading->small, err) < 0)
		return -1;
	reading->held = task->id;
	return 0;
}

/* At most n bytes of the task's output from offset on, appended to the handle's text. */
static ssize_t read_piece(Handle *handle, const Task *task, uint64_t offset, size_t n, Err *err)
{
	const Reading *reading = handle->own;
	char *to = buf_space(&handle->text, n);
	ssize_t got;

	if (!task_is_finished(task)) {
		got = output_read(task->output[reading->stream], offset, to, n);
	} else if (hold(handle, task, err) < 0) {
		return -1;
	} else if (reading->fd >= 0) {
		got = pread(reading->fd, to, n, (off_t)offset);
	} else {
		if (n > reading->small.length - offset)
			n = reading->small.length - offset;
		memcpy(to, reading->small.data + offset, n);
		got = (ssize_t)n;
	}
	if (got < 0)
		return err_sys(err, errno, "an output of job %llu", (unsigned long long)task->id);
	buf_grew(&handle->text, (size_t)got);
	return got;
}

/* --- all of them ------------------------------------------------------------------------------- */

static void seek(Reading *reading, const Job *job, uint64_t offset)
{
	if (offset < reading->base) {
		reading->ordinal = 0;
		reading->base = 0;
	}
	while (reading->ordinal < job_tasks(job)) {
		const Task *task = job_task(job, reading->ordinal);
		uint64_t length = output_length(task, reading->stream);

		if (!task_is_finished(task) || offset - reading->base < length)
			return;
		reading->base += length;
		reading->ordinal++;
	}
}

static ReadAnswer read_bytes(Handle *handle, uint64_t offset, size_t n, Chunk *chunk, Err *err)
{
	Reading *reading = handle->own;
	const Job *job = handle->place.subject.job;

	buf_clear(&handle->text);
	while (handle->text.length < n) {
		uint64_t at = offset + handle->text.length;
		const Task *task;
		ssize_t got;

		seek(reading, job, at);
		task = reading->ordinal < job_tasks(job) ? job_task(job, reading->ordinal) : NULL;
		if (!task || at - reading->base >= output_length(task, reading->stream))
			break;
		got = read_piece(handle, task, at - reading->base, n - handle->text.length, err);
		if (got < 0)
			return READ_REFUSED;
		if (got == 0)
			break;
	}
	*chunk = (Chunk){ buf_text(&handle->text), handle->text.length, -1, 0 };
	return READ_DONE;
}

/* A finished one that is not large is taken whole, so that it can be read on after the job was forgotten. */
static int whole_open(Handle *handle, Err *err)
{
	const Job *job = handle->place.subject.job;
	uint64_t length = job_output_length(job, ((Reading *)handle->own)->stream);
	Chunk whole;

	if (!job_is_finished(job) || length > HELD_MAX)
		return 0;
	if (read_bytes(handle, 0, (size_t)length, &whole, err) == READ_REFUSED)
		return -1;
	handle->rendered = true;
	return 0;
}

static ReadAnswer whole_read(Handle *handle, uint64_t offset, size_t n, Chunk *chunk, Err *err)
{
	size_t length = handle->text.length;

	if (!handle->rendered)
		return read_bytes(handle, offset, n, chunk, err);
	if (offset > length)
		offset = length;
	if (n > length - offset)
		n = length - offset;
	*chunk = (Chunk){ buf_text(&handle->text) + offset, n, -1, 0 };
	return READ_DONE;
}

const HandleKind array_output_handle = { .open = whole_open, .read = whole_read, .release = release };

/* --- follow ------------------------------------------------------------------------------------ */

static bool is_other_run(const Handle *handle)
{
	const Reading *reading = handle->own;

	return reading->run && job_task(handle->place.subject.job, reading->begun)->now.run != reading->run;
}

/* What was given of the task where the read ended may yet be another run's. */
static void note_run(const Handle *handle)
{
	Reading *reading = handle->own;
	const Job *job = handle->place.subject.job;
	const Task *task = reading->ordinal < job_tasks(job) ? job_task(job, reading->ordinal) : NULL;

	reading->begun = reading->ordinal;
	reading->run = task && !task_is_finished(task) && reading->given > reading->base ? task->now.run : 0;
}

static bool follow_is_ready(Handle *handle)
{
	const Reading *reading = handle->own;
	const Job *job = handle->place.subject.job;

	return job_is_finished(job) || is_other_run(handle) || job_output_length(job, STREAM_STDOUT) > reading->given;
}

static ReadAnswer follow_read(Handle *handle, uint64_t offset, size_t n, Chunk *chunk, Err *err)
{
	Reading *reading = handle->own;
	const Job *job = handle->place.subject.job;
	ReadAnswer answer;

	if (is_other_run(handle)) {
		err_set(err, EIO, "task %u of job %llu was started again; open follow anew",
			indices_at(&job->array->indices, reading->begun), (unsigned long long)job->id);
		return READ_REFUSED;
	}
	if (!job_is_finished(job) && offset >= job_output_length(job, STREAM_STDOUT))
		return READ_PARKED;
	answer = read_bytes(handle, offset, n, chunk, err);
	reading->given = offset + chunk->length;
	note_run(handle);
	return answer;
}

const HandleKind array_follow_handle = { .read = follow_read, .ready = follow_is_ready, .release = release };
