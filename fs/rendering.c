/* rendering.c - shared texts, in a table by inode. Runs on the owner thread. */
#include "fs/rendering.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

enum {
	SMALL = 4096,                           /* bytes; what is smaller is not shared */
	AGE_FACTOR = 10,                        /* times what it took to make */
	HELD_MAX = 128 * 1024 * 1024,           /* bytes of all that is shared */
};

#define AGE_MAX_NS ((int64_t)1000000000)

struct Rendering {
	uint64_t inode;
	unsigned readers;
	bool shared;            /* in the table */
	bool counted;           /* in what is held */
	int64_t made_at, good_for;      /* monotonic clock, ns */
	Buf text;
	UT_hash_handle hh;
};

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static bool is_fresh(const Rendering *rendering, int64_t now)
{
	return now - rendering->made_at < rendering->good_for;
}

static void destroy(Fs *fs, Rendering *rendering)
{
	if (rendering->counted)
		fs->rendered_bytes -= rendering->text.length;
	buf_release(&rendering->text);
	free(rendering);
}

/* Who holds it goes on with it. */
static void withdraw(Fs *fs, Rendering *rendering)
{
	HASH_DEL(fs->renderings, rendering);
	rendering->shared = false;
	if (rendering->readers == 0)
		destroy(fs, rendering);
}

static Rendering *make(Fs *fs, const Place *place)
{
	Rendering *made = mem_new_zeroed(sizeof *made);
	int64_t begun = now_ns();

	made->inode = tree_inode(place);
	place->file->show(fs, place->subject, &made->text);
	made->made_at = now_ns();
	made->good_for = AGE_FACTOR * (made->made_at - begun);
	if (made->good_for > AGE_MAX_NS)
		made->good_for = AGE_MAX_NS;
	return made;
}

static void withdraw_idle(Fs *fs)
{
	Rendering *rendering, *next;

	HASH_ITER(hh, fs->renderings, rendering, next)
		if (rendering->readers == 0)
			withdraw(fs, rendering);
}

static int count(Fs *fs, Rendering *made, Err *err)
{
	if (fs->rendered_bytes + made->text.length > HELD_MAX)
		withdraw_idle(fs);
	if (fs->rendered_bytes + made->text.length > HELD_MAX)
		return err_set(err, ENFILE, "readers hold %u MiB of this mount's texts already, as many as may be; close some files",
			       (unsigned)(fs->rendered_bytes >> 20));
	made->counted = true;
	fs->rendered_bytes += made->text.length;
	HASH_ADD(hh, fs->renderings, inode, sizeof made->inode, made);
	made->shared = true;
	return 0;
}

Rendering *rendering_take(Fs *fs, const Place *place, Err *err)
{
	uint64_t inode = tree_inode(place);
	Rendering *found = NULL;

	if (fs->renderings)
		HASH_FIND(hh, fs->renderings, &inode, sizeof inode, found);
	if (found && !is_fresh(found, now_ns())) {
		withdraw(fs, found);
		found = NULL;
	}
	if (!found) {
		found = make(fs, place);
		if (found->text.length >= SMALL && count(fs, found, err) < 0) {
			destroy(fs, found);
			return NULL;
		}
	}
	found->readers++;
	return found;
}

void rendering_drop(Fs *fs, Rendering *rendering)
{
	if (rendering && --rendering->readers == 0 && !rendering->shared)
		destroy(fs, rendering);
}

const Buf *rendering_text(const Rendering *rendering)
{
	return &rendering->text;
}

void renderings_outdated(Fs *fs)
{
	fs->texts_outdated = true;
}

void renderings_tidy(Fs *fs)
{
	Rendering *rendering, *next;
	int64_t now;

	if (fs->texts_outdated)
		renderings_release(fs);
	fs->texts_outdated = false;
	if (!fs->renderings)
		return;
	now = now_ns();
	HASH_ITER(hh, fs->renderings, rendering, next)
		if (!is_fresh(rendering, now))
			withdraw(fs, rendering);
}

void renderings_release(Fs *fs)
{
	Rendering *rendering, *next;

	HASH_ITER(hh, fs->renderings, rendering, next)
		withdraw(fs, rendering);
}
