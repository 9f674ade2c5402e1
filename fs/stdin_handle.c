/* stdin_handle.c - jobs/ID/stdin: bytes for the job to read. They are kept, whether it runs already or not.
 *
 * Much that the kernel has and the disk has not would hold up the next commit. So it is synced, in libuv's pool,
 * while it comes, and what is left of it when its writer closes. Nobody waits for that. */
#include "fs/handle.h"

#include "store/input.h"
#include "store/job.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	SYNC_STEP = 16 * 1024 * 1024,   /* bytes written between two syncs */
	SYNC_LEAST = 64 * 1024,         /* of less the kernel takes care in time */
};

typedef struct Feeding {
	uint64_t before;        /* size before the write that is going on; its turn may fail */
	uint64_t written;       /* since the last sync began */
	struct Sync *sync;      /* under way; NULL: none is */
} Feeding;

typedef struct Sync {
	uv_work_t work;
	Feeding *feeding;       /* NULL: it has closed meanwhile */
	int fd;
} Sync;

static void sync_now(uv_work_t *work)
{
	fdatasync(((Sync *)work->data)->fd);
}

static void synced(uv_work_t *work, int status)
{
	Sync *sync = work->data;

	(void)status;
	close(sync->fd);
	if (sync->feeding)
		sync->feeding->sync = NULL;
	free(sync);
}

static void start_sync(Handle *handle)
{
	Feeding *feeding = handle->own;
	int fd = input_open(cluster_state(handle->fs->cluster), handle->place.id);
	Sync *sync;

	if (fd < 0)
		return;
	sync = mem_new_zeroed(sizeof *sync);
	*sync = (Sync){ .feeding = feeding, .fd = fd };
	sync->work.data = sync;
	feeding->sync = sync;
	feeding->written = 0;
	uv_queue_work(turn_loop(handle->fs->turn), &sync->work, sync_now, synced);
}

static int stdin_open(Handle *handle, Err *err)
{
	(void)err;
	handle->own = mem_new_zeroed(sizeof(Feeding));
	return 0;
}

static int stdin_write(Handle *handle, const char *bytes, size_t n, pid_t pid, size_t *taken, Err *err)
{
	const State *state = cluster_state(handle->fs->cluster);
	const Job *job = handle->place.subject.job;
	Feeding *feeding = handle->own;
	ssize_t done;

	(void)pid;
	if (job_is_finished(job)) {
		err_set(err, EPIPE, "job %llu is finished; nobody reads its stdin any more", (unsigned long long)job->id);
		handle_refused(handle, NULL, 0, err);
		return -1;
	}
	feeding->before = input_size(state, job->id);
	done = input_append(state, job->id, bytes, n, err);
	if (done < 0) {
		handle_refused(handle, NULL, 0, err);
		return -1;
	}
	*taken = (size_t)done;
	feeding->written += (uint64_t)done;
	if (feeding->written >= SYNC_STEP && !feeding->sync)
		start_sync(handle);
	pool_input_grew(roster_pool(handle->fs->roster), job);
	return 0;
}

/* The writer is told that it failed, and will write it again. */
static void stdin_undone(Handle *handle)
{
	const Feeding *feeding = handle->own;

	input_cut(cluster_state(handle->fs->cluster), handle->place.id, feeding->before);
}

static void stdin_release(Handle *handle)
{
	Feeding *feeding = handle->own;

	if (feeding->written >= SYNC_LEAST && !feeding->sync)
		start_sync(handle);
	if (feeding->sync)
		feeding->sync->feeding = NULL;
	free(feeding);
}

/* A walk of the tree finds it empty. */
static ReadAnswer stdin_read(Handle *handle, uint64_t offset, size_t n, Chunk *chunk, Err *err)
{
	(void)handle;
	(void)offset;
	(void)n;
	(void)chunk;
	(void)err;
	return READ_DONE;
}

const HandleKind stdin_handle = {
	.open = stdin_open, .read = stdin_read, .write = stdin_write, .undone = stdin_undone, .release = stdin_release,
};
