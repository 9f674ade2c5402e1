/* look.c - a look is shared by two: the owner's thread has the Look, another the Work, which outlives it where a
 * filesystem does not answer. */
#include "fs/look.h"

#include "node/errand.h"
#include "store/transfer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

typedef struct Item {           /* a spec, and what came of it */
	Spec *spec;
	Buf inside;             /* paths in the mount, a NUL after each */
	int rc;
	Err err;
} Item;

typedef struct Work {
	Errand errand;
	Look *look;             /* the owner's thread's */
	char *directory;
	TransferWatch watch;
	size_t count, room;
	Item *items;
} Work;

struct Look {
	Fs *fs;
	Work *work;             /* NULL: it was too late */
	bool started;
	uv_timer_t *late;
	Err why;
	void (*done)(void *arg);
	void *arg;
};

/* --- on the other thread -------------------------------------------------------------------------- */

static void work_now(Errand *errand)
{
	Work *work = (Work *)errand;

	for (size_t i = 0; i < work->count; i++) {
		Item *item = &work->items[i];

		item->rc = transfer_check(item->spec, work->directory, &work->watch, &item->inside, &item->err);
	}
}

static void drop_work(Errand *errand)
{
	Work *work = (Work *)errand;

	for (size_t i = 0; i < work->count; i++) {
		spec_free(work->items[i].spec);
		buf_release(&work->items[i].inside);
	}
	transfer_watch_release(&work->watch);
	free(work->items);
	free(work->directory);
	free(work);
}

/* --- on the owner's ------------------------------------------------------------------------------- */

Look *look_new(Fs *fs, const char *directory)
{
	Look *look = mem_new_zeroed(sizeof *look);

	look->fs = fs;
	look->work = mem_new_zeroed(sizeof *look->work);
	look->work->errand = (Errand){ .work = work_now, .drop = drop_work };
	look->work->look = look;
	look->work->directory = directory ? mem_copy_text(directory) : NULL;
	transfer_watch_init(&look->work->watch);
	return look;
}

static bool is_equal(const Spec *a, const Spec *b)
{
	return a->transfer_length == b->transfer_length && memcmp(a->transfer, b->transfer, a->transfer_length) == 0;
}

/* Lines that follow each other mostly name the same. */
void look_add(Look *look, Spec *spec)
{
	Work *work = look->work;

	if (!spec->transfer || (work->count && is_equal(work->items[work->count - 1].spec, spec))) {
		spec_free(spec);
		return;
	}
	if (work->count == work->room) {
		work->room = work->room ? 2 * work->room : 16;
		work->items = mem_resize(work->items, work->room * sizeof *work->items);
	}
	work->items[work->count++] = (Item){ .spec = spec, .inside = BUF_INIT };
}

bool look_is_empty(const Look *look)
{
	return look->work->count == 0;
}

static void closed(uv_handle_t *handle)
{
	free(handle);
}

static void stop_timer(Look *look)
{
	if (look->late)
		uv_close((uv_handle_t *)look->late, closed);
	look->late = NULL;
}

static void looked(Errand *errand)
{
	Look *look = ((Work *)errand)->look;

	look->started = false;
	stop_timer(look);
	look->done(look->arg);
}

static void too_late(uv_timer_t *timer)
{
	Look *look = timer->data;
	Work *work = look->work;
	char *where = transfer_watch_stuck(&work->watch, LOOK_PAUSE_MS);

	if (where)
		err_set(&look->why, ETIMEDOUT, "--transfer: %.200s: its filesystem has not answered for %d s; nothing was submitted",
			where, LOOK_MS / 1000);
	else
		err_set(&look->why, ETIMEDOUT, "--transfer: the files could not be looked at within %d s; nothing was submitted; "
			"write again, fewer lines at a time", LOOK_MS / 1000);
	free(where);
	look->work = NULL;
	errands_leave(look->fs->looks, &work->errand);
	look->started = false;
	stop_timer(look);
	look->done(look->arg);
}

void look_start(Look *look, void (*done)(void *arg), void *arg)
{
	look->done = done;
	look->arg = arg;
	look->started = true;
	look->work->errand.done = looked;
	look->late = mem_new_zeroed(sizeof *look->late);
	uv_timer_init(turn_loop(look->fs->turn), look->late);
	look->late->data = look;
	uv_timer_start(look->late, too_late, LOOK_MS, 0);
	errands_start(look->fs->looks, &look->work->errand);
}

bool look_is_late(const Look *look, Err *err)
{
	if (!look->work)
		*err = look->why;
	return !look->work;
}

static int check_inside(const Item *item, Err *err)
{
	for (size_t at = 0; at < item->inside.length; at += strlen(item->inside.data + at) + 1)
		if (transfer_can_give(item->inside.data + at, err) < 0)
			return -1;
	return 0;
}

int look_result(const Look *look, const Spec *spec, Err *err)
{
	if (look_is_late(look, err))
		return -1;
	for (size_t i = 0; i < look->work->count; i++) {
		const Item *item = &look->work->items[i];

		if (!is_equal(item->spec, spec))
			continue;
		if (item->rc < 0)
			*err = item->err;
		return item->rc < 0 ? -1 : check_inside(item, err);
	}
	return err_set(err, EAGAIN, "--transfer: it could not be looked at; try again");
}

void look_free(Look *look)
{
	if (!look)
		return;
	stop_timer(look);
	if (look->started)
		errands_leave(look->fs->looks, &look->work->errand);
	else if (look->work)
		drop_work(&look->work->errand);
	free(look);
}

void looks_init(Fs *fs)
{
	fs->looks = errands_new(turn_loop(fs->turn), LOOK_THREADS);
}

void looks_release(Fs *fs)
{
	errands_free(fs->looks);
	fs->looks = NULL;
}
