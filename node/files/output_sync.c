/* output_sync.c - fdatasync in the background. A sync holds the file's path and the task's id, never a pointer to it: the
 * task may be forgotten, or on its next run, when the sync is done. It opens the file only when it is its turn. */
#include "node/files/output_sync.h"

#include "node/files/returns.h"
#include "store/output.h"
#include "store/task.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { KEEP_STEP = 16 * 1024 * 1024 };  /* bytes that come before the next sync */

struct Keep {
	Turn *turn;
	void (*whole)(void *arg, Task *task);
	void *arg;
	LIST_HEAD(, Sync) syncs;
	Returns *returns;
};

typedef struct Sync {
	uv_work_t work;
	Keep *keep;             /* NULL: nobody waits any more */
	uint64_t task;
	uint32_t run;
	Stream stream;
	char *path;
	int error;
	uint64_t size;
	LIST_ENTRY(Sync) entry;
} Sync;

static void sync_now(uv_work_t *work)
{
	Sync *sync = work->data;

	int fd = open(sync->path, O_RDWR | O_CLOEXEC);

	sync->error = fd < 0 || fdatasync(fd) < 0 ? errno : 0;
	if (fd >= 0)
		close(fd);
}

/* The task if it is still at the run whose output this was. */
static Task *task_of(const Sync *sync)
{
	Task *task = cluster_task(turn_cluster(sync->keep->turn), sync->task);

	return task && task->now.run == sync->run && task->output[sync->stream] ? task : NULL;
}

static void tell(Sync *sync)
{
	Keep *keep = sync->keep;
	Task *task = task_of(sync);
	Err err;

	if (!task)
		return;         /* its file may be another's by now, or gone */
	if (sync->error) {
		err_sys(&err, sync->error, "%s", sync->path);
		turn_disk_failed(keep->turn, &err);
	} else {
		output_synced(task->output[sync->stream], sync->size);
		task_output_kept(turn_cluster(keep->turn), task);
		keep->whole(keep->arg, task);
	}
}

static void synced(uv_work_t *work, int status)
{
	Sync *sync = work->data;

	(void)status;
	if (sync->keep) {
		LIST_REMOVE(sync, entry);
		tell(sync);
	}
	free(sync->path);
	free(sync);
}

/* An earlier run's sync does not count: it tells nobody when it is done. */
static bool is_syncing(const Keep *keep, const Task *task, Stream stream)
{
	const Sync *sync;

	LIST_FOREACH(sync, &keep->syncs, entry)
		if (sync->task == task->id && sync->run == task->now.run && sync->stream == stream)
			return true;
	return false;
}

static void start(Keep *keep, Task *task, Stream stream)
{
	Output *output = task->output[stream];
	Sync *sync;

	if (is_syncing(keep, task, stream))
		return;
	sync = mem_new_zeroed(sizeof *sync);
	*sync = (Sync){ .keep = keep, .task = task->id, .run = task->now.run, .stream = stream,
			.path = output_path(output), .size = output_size(output) };
	sync->work.data = sync;
	LIST_INSERT_HEAD(&keep->syncs, sync, entry);
	uv_queue_work(turn_loop(keep->turn), &sync->work, sync_now, synced);
}

/* What is returned is not kept as it comes: it is unpacked when it is whole. */
void keep_progress(Keep *keep, Task *task)
{
	for (Stream stream = 0; stream < STREAM_RETURN; stream++) {
		Output *output = task->output[stream];

		if (output && !output_small(output) && output_size(output) - output_kept(output) >= KEEP_STEP)
			start(keep, task, stream);
	}
}

bool keep_whole(Keep *keep, Task *task)
{
	bool whole = returns_whole(keep->returns, task);
	Err err;

	for (Stream stream = 0; stream < STREAM_RETURN; stream++) {
		Output *output = task->output[stream];

		if (!output || output_small(output))
			continue;
		if (output_kept(output) < output_size(output)) {
			start(keep, task, stream);
			whole = false;
		}
	}
	for (Stream stream = 0; whole && stream < STREAM_RETURN; stream++) {
		Output *output = task->output[stream];

		if (output && !output_small(output) && output_finish(output, &err) < 0) {
			turn_disk_failed(keep->turn, &err);
			return false;
		}
	}
	return whole;
}

void keep_tidy(Keep *keep)
{
	returns_tidy(keep->returns);
}

Keep *keep_new(Turn *turn, void (*whole)(void *arg, Task *task), void *arg)
{
	Keep *keep = mem_new_zeroed(sizeof *keep);

	keep->turn = turn;
	keep->whole = whole;
	keep->arg = arg;
	LIST_INIT(&keep->syncs);
	keep->returns = returns_new(turn, whole, arg);
	return keep;
}

void keep_free(Keep *keep)
{
	Sync *sync;

	if (!keep)
		return;
	LIST_FOREACH(sync, &keep->syncs, entry)
		sync->keep = NULL;
	returns_free(keep->returns);
	free(keep);
}
