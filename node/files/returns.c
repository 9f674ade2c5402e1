/* returns.c - unpacking and sweeping. As a sync does, an unpacking holds a descriptor of its own and the task's
 * id, never a pointer to it. It opens the parcel only when it is its turn. */
#include "node/files/returns.h"

#include "store/base/log.h"
#include "store/output.h"
#include "store/returned.h"
#include "store/task.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FULL_PAUSE_MS = 5000, READ_BYTES = 128 * 1024 };

typedef struct Unpacking {
	uv_work_t work;
	Returns *returns;       /* NULL: nobody waits any more */
	char *outputs;
	uint64_t task;
	uint32_t run;
	char *path;             /* of the parcel; NULL: it is small, and in bytes */
	int fd;                 /* while it is read */
	char *bytes;
	uint64_t size, at;
	size_t from, to;        /* of what was read ahead into bytes */
	bool waits;             /* for a full disk, with no work under way */
	int rc;
	Err err;
	LIST_ENTRY(Unpacking) entry;
} Unpacking;

struct Returns {
	Turn *turn;
	void (*done)(void *arg, Task *task);
	void *arg;
	LIST_HEAD(, Unpacking) unpackings;
	uv_timer_t full;
	struct Sweep *sweeping; /* the one under way */
};

typedef struct Sweep {
	uv_work_t work;
	Returns *returns;
	char *outputs;
} Sweep;

static Task *find_task(const Returns *returns, uint64_t id)
{
	return cluster_task(turn_cluster(returns->turn), id);
}

/* The task if it is still at the run that returned this. */
static Task *task_of(const Returns *returns, const Unpacking *unpacking)
{
	Task *task = find_task(returns, unpacking->task);

	return task && task->now.placed && task->now.run == unpacking->run && task->output[STREAM_RETURN] ? task : NULL;
}

static char *outputs_of(const Returns *returns)
{
	return state_path(cluster_state(turn_cluster(returns->turn)), "outputs");
}

/* --- in the pool ---------------------------------------------------------------------------------- */

static int refill(Unpacking *unpacking, Err *err)
{
	uint64_t left = unpacking->size - unpacking->at;
	ssize_t n = !unpacking->path ? 0 : pread(unpacking->fd, unpacking->bytes, left < READ_BYTES ? (size_t)left : READ_BYTES,
						  (off_t)unpacking->at);

	if (n < 0)
		return err_sys(err, errno, "what was returned");
	if (n == 0)
		return err_set(err, EPROTO, "a parcel that ends early");
	unpacking->from = 0;
	unpacking->to = (size_t)n;
	unpacking->at += (uint64_t)n;
	return 0;
}

static int give(void *arg, void *to, size_t n, Err *err)
{
	Unpacking *unpacking = arg;

	for (size_t done = 0; done < n;) {
		size_t left = unpacking->to - unpacking->from, step = left < n - done ? left : n - done;

		if (left == 0 && refill(unpacking, err) < 0)
			return -1;
		memcpy((char *)to + done, unpacking->bytes + unpacking->from, step);
		unpacking->from += step;
		done += step;
	}
	return 0;
}

static void unpack_now(uv_work_t *work)
{
	Unpacking *unpacking = work->data;

	unpacking->fd = unpacking->path ? open(unpacking->path, O_RDONLY | O_CLOEXEC) : -1;
	if (unpacking->path && unpacking->fd < 0)
		unpacking->rc = err_sys(&unpacking->err, errno, "%s", unpacking->path);
	else
		unpacking->rc = returned_unpack(unpacking->outputs, unpacking->task, (ParcelSource){ give, unpacking },
						&unpacking->err);
	if (unpacking->fd >= 0)
		close(unpacking->fd);
}

/* --- on the owner's thread ------------------------------------------------------------------------ */

static void unpacking_free(Unpacking *unpacking)
{
	free(unpacking->path);
	free(unpacking->bytes);
	free(unpacking->outputs);
	free(unpacking);
}

/* A full disk, and too many open files: what was returned is not lost for that. */
static bool may_pass(const Unpacking *unpacking)
{
	static const int passing[] = { ENOSPC, EDQUOT, EMFILE, ENFILE };

	for (size_t i = 0; unpacking->rc < 0 && i < sizeof passing / sizeof *passing; i++)
		if (unpacking->err.number == passing[i])
			return true;
	return false;
}

static int complain(Returns *returns, Task *task, const Err *why, Err *err)
{
	Buf text = BUF_INIT;
	int rc;

	if (!task->output[STREAM_STDERR])
		task->output[STREAM_STDERR] = output_new(cluster_state(turn_cluster(returns->turn)), task->id, STREAM_STDERR);
	buf_addf(&text, "wulfs: --return: %s; nothing is returned\n", why->text);
	rc = output_append(task->output[STREAM_STDERR], text.data, text.length, err);
	buf_release(&text);
	return rc;
}

/* The run it is of is over, and what another one returns is another tree, which may have waited for this. */
static void throw_away(Returns *returns, const Unpacking *unpacking)
{
	Task *task = find_task(returns, unpacking->task);

	returned_discard(cluster_state(turn_cluster(returns->turn)), unpacking->task);
	if (task)
		returns->done(returns->arg, task);
}

static void tell(Returns *returns, const Unpacking *unpacking)
{
	Task *task = task_of(returns, unpacking);
	Err err;

	if (!task) {
		throw_away(returns, unpacking);
		return;
	}
	if (unpacking->rc < 0 && complain(returns, task, &unpacking->err, &err) < 0) {
		turn_disk_failed(returns->turn, &err);
		return;
	}
	output_unpacked(task->output[STREAM_RETURN]);
	returns->done(returns->arg, task);
}

static void start_again(uv_timer_t *timer);

static void unpacked(uv_work_t *work, int status)
{
	Unpacking *unpacking = work->data;
	Returns *returns = unpacking->returns;

	(void)status;
	if (returns && may_pass(unpacking) && task_of(returns, unpacking)) {
		log_warn("what job %llu returned: %s; it waits for that to change", (unsigned long long)unpacking->task,
			 unpacking->err.text);
		unpacking->waits = true;
		uv_timer_start(&returns->full, start_again, FULL_PAUSE_MS, 0);
		return;
	}
	if (returns) {
		LIST_REMOVE(unpacking, entry);
		tell(returns, unpacking);
	}
	unpacking_free(unpacking);
}

static void begin(Unpacking *unpacking)
{
	bool is_small = !unpacking->path;

	unpacking->waits = false;
	unpacking->at = is_small ? unpacking->size : 0;
	unpacking->from = 0;
	unpacking->to = is_small ? (size_t)unpacking->size : 0;
	uv_queue_work(turn_loop(unpacking->returns->turn), &unpacking->work, unpack_now, unpacked);
}

static void start_again(uv_timer_t *timer)
{
	Returns *returns = timer->data;
	Unpacking *unpacking;

	LIST_FOREACH(unpacking, &returns->unpackings, entry)
		if (unpacking->waits)
			begin(unpacking);
}

static bool is_under_way(const Returns *returns, const Task *task)
{
	const Unpacking *unpacking;

	LIST_FOREACH(unpacking, &returns->unpackings, entry)
		if (unpacking->task == task->id)
			return true;    /* of an earlier run, perhaps: they would unpack into one place */
	return false;
}

static void start(Returns *returns, const Task *task)
{
	const Output *output = task->output[STREAM_RETURN];
	const Buf *small = output_small(output);
	Unpacking *unpacking = mem_new_zeroed(sizeof *unpacking);

	*unpacking = (Unpacking){ .returns = returns, .outputs = outputs_of(returns), .task = task->id,
				  .run = task->now.run, .path = output_path(output), .fd = -1,
				  .bytes = small ? mem_copy(small->data, small->length) : mem_new(READ_BYTES),
				  .size = output_size(output) };
	unpacking->work.data = unpacking;
	LIST_INSERT_HEAD(&returns->unpackings, unpacking, entry);
	begin(unpacking);
}

bool returns_whole(Returns *returns, Task *task)
{
	const Output *output = task->output[STREAM_RETURN];

	if (!output || output_size(output) == 0 || output_is_unpacked(output))
		return true;
	if (!is_under_way(returns, task))
		start(returns, task);
	return false;
}

/* --- the trash ------------------------------------------------------------------------------------ */

static void sweep_now(uv_work_t *work)
{
	returned_sweep(((Sweep *)work->data)->outputs);
}

static void swept(uv_work_t *work, int status)
{
	Sweep *sweep = work->data;

	(void)status;
	if (sweep->returns)
		sweep->returns->sweeping = NULL;
	free(sweep->outputs);
	free(sweep);
}

void returns_tidy(Returns *returns)
{
	Sweep *sweep;

	if (returns->sweeping || !returned_has_trash())
		return;
	sweep = mem_new_zeroed(sizeof *sweep);
	sweep->returns = returns;
	sweep->outputs = outputs_of(returns);
	sweep->work.data = sweep;
	returns->sweeping = sweep;
	uv_queue_work(turn_loop(returns->turn), &sweep->work, sweep_now, swept);
}

/* --- beginning and end ---------------------------------------------------------------------------- */

Returns *returns_new(Turn *turn, void (*done)(void *arg, Task *task), void *arg)
{
	Returns *returns = mem_new_zeroed(sizeof *returns);

	returns->turn = turn;
	returns->done = done;
	returns->arg = arg;
	LIST_INIT(&returns->unpackings);
	uv_timer_init(turn_loop(turn), &returns->full);
	returns->full.data = returns;
	return returns;
}

static void closed(uv_handle_t *handle)
{
	free(handle->data);
}

void returns_free(Returns *returns)
{
	Unpacking *unpacking, *next;

	if (!returns)
		return;
	for (unpacking = LIST_FIRST(&returns->unpackings); unpacking; unpacking = next) {
		next = LIST_NEXT(unpacking, entry);
		unpacking->returns = NULL;
		if (unpacking->waits)
			unpacking_free(unpacking);
	}
	if (returns->sweeping)
		returns->sweeping->returns = NULL;
	uv_close((uv_handle_t *)&returns->full, closed);
}
