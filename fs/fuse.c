/* fuse.c - the kernel's requests, answered from the tables.
 *
 * Runs in the owner's loop: the session's descriptor is polled like any other. An answer that depends on
 * something not committed yet waits for the end of the turn; a read that has nothing to give yet is
 * parked, which costs a few dozen bytes, and tried again when its job changes. Nothing here ever calls the
 * kernel's invalidation (a look-up that waits would deadlock with it). */
#define FUSE_USE_VERSION 314

#include "fs/fuse.h"

#include "fs/files_out.h"
#include "fs/rendering.h"
#include "fs/subject.h"
#include "fs/waiting.h"
#include "store/base/log.h"
#include "store/commit.h"

#include <errno.h>
#include <fcntl.h>
#include <fuse_lowlevel.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { REQUESTS_A_TURN = 64, BACKGROUND = 64, WRITE_MAX = 1024 * 1024 };

#define LONG_TIME 3600.0        /* seconds the kernel may remember what cannot change */
#define SHORT_TIME 0.05         /* ... and directories that every path leads through */

typedef struct Open {           /* an open file */
	Mount *mount;
	Handle *handle;
	Spot spot;
	TAILQ_ENTRY(Open) all;
} Open;

struct Mount {
	Fs *fs;
	MountOwner owner;
	struct fuse_session *session;
	struct fuse_buf request;
	uv_poll_t poll;
	TAILQ_HEAD(, Open) opens;
	TAILQ_HEAD(, Delayed) delayed;  /* requests */
	Waiting waiting;
};

static Fs *fs_of(fuse_req_t req)
{
	return ((Mount *)fuse_req_userdata(req))->fs;
}

/* --- refusing ---------------------------------------------------------------------------------- */

static void refuse(fuse_req_t req, const Err *err)
{
	fuse_reply_err(req, err->number ? err->number : EIO);
}

static void refuse_place(fuse_req_t req, const Place *place, const Err *err)
{
	Buf path = BUF_INIT;

	tree_path(place, &path);
	refusals_add(&fs_of(req)->refusals, buf_text(&path), NULL, 0, err);
	buf_release(&path);
	refuse(req, err);
}

static void refuse_at(fuse_req_t req, const Place *directory, const char *name, const Err *err)
{
	Buf path = BUF_INIT;

	tree_path(directory, &path);
	buf_addf(&path, "%s%s", path.length ? "/" : "", name);
	refusals_add(&fs_of(req)->refusals, buf_text(&path), NULL, 0, err);
	buf_release(&path);
	refuse(req, err);
}

/* Find what the kernel names by number; if it is gone, say so and return false. */
static bool find(fuse_req_t req, fuse_ino_t inode, Place *place)
{
	if (tree_find(fs_of(req), inode, place))
		return true;
	fuse_reply_err(req, ENOENT);
	return false;
}

static bool find_to_show(fuse_req_t req, fuse_ino_t inode, Place *place)
{
	if (!find(req, inode, place))
		return false;
	if (tree_settle(fs_of(req), place))
		return true;
	fuse_reply_err(req, ENOENT);
	return false;
}

/* --- names and attributes ---------------------------------------------------------------------- */

/* An entry of a table is always there once it is; an alias moves to the next job of its name, a node's
 * name may go to another machine. */
static double entry_lasts(const Place *place)
{
	return place->alias || place->directory == &node_directory ? 0 : LONG_TIME;
}

static bool is_result(const Place *place)
{
	return place->directory == &result_directory || place->directory == &task_result_directory ||
	       place->directory == &out_directory;
}

/* Every look-up below a directory checks its permissions first. With nothing remembered, ls -l of 100,000
 * results asks 700,000 times; a time of change that is a twentieth of a second late hurts nobody. */
static double attributes_last(Fs *fs, const Place *place)
{
	if (place->file || place->alias)
		return tree_is_final(fs, place) ? LONG_TIME : 0;
	/* results/ID goes by an rmdir the kernel sees; jobs/ID goes with it, unseen, be it as soon as it is finished. */
	if (place->subject.job && !is_result(place))
		return 0;
	if (place->subject.job && subject_is_finished(fs, place->subject))
		return LONG_TIME;
	return place->directory == &node_directory ? 0 : SHORT_TIME;
}

static void fill_entry(Fs *fs, const Place *place, struct fuse_entry_param *entry)
{
	memset(entry, 0, sizeof *entry);
	tree_stat(fs, place, &entry->attr);
	entry->ino = entry->attr.st_ino;
	entry->attr_timeout = attributes_last(fs, place);
	entry->entry_timeout = entry_lasts(place);
}

static void reply_entry(fuse_req_t req, const Place *place)
{
	struct fuse_entry_param entry;

	fill_entry(fs_of(req), place, &entry);
	if (fuse_reply_entry(req, &entry) == 0)
		out_told(place);
}

static void do_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	Fs *fs = fs_of(req);
	Place directory, place;

	if (!find(req, parent, &directory))
		return;
	if (directory.file || directory.alias || !tree_lookup(fs, &directory, name, &place)) {
		fuse_reply_err(req, ENOENT);
		return;
	}
	reply_entry(req, &place);
	out_settle(fs, &place);
}

static void do_forget(fuse_req_t req, fuse_ino_t inode, uint64_t times)
{
	if (out_is_inode(inode))
		out_forget(fs_of(req), inode, times);
	fuse_reply_none(req);
}

static void do_forget_multi(fuse_req_t req, size_t count, struct fuse_forget_data *forgets)
{
	for (size_t i = 0; i < count; i++)
		if (out_is_inode(forgets[i].ino))
			out_forget(fs_of(req), forgets[i].ino, forgets[i].nlookup);
	fuse_reply_none(req);
}

static void do_getattr(fuse_req_t req, fuse_ino_t inode, struct fuse_file_info *info)
{
	Place place;
	struct stat st;

	(void)info;
	if (!find_to_show(req, inode, &place))
		return;
	tree_stat(fs_of(req), &place, &st);
	fuse_reply_attr(req, &st, attributes_last(fs_of(req), &place));
}

/* Shells truncate, cp -p stamps and chmods what it writes to: harmless on files that take writes. */
static void do_setattr(fuse_req_t req, fuse_ino_t inode, struct stat *wanted, int what, struct fuse_file_info *info)
{
	Place place;

	(void)wanted;
	(void)what;
	if (!find(req, inode, &place))
		return;
	if (place.file && place.file->mode & 0200)
		do_getattr(req, inode, info);
	else
		fuse_reply_err(req, EPERM);
}

static void do_readlink(fuse_req_t req, fuse_ino_t inode)
{
	Buf target = BUF_INIT;
	Place place;

	if (!find_to_show(req, inode, &place))
		return;
	if (tree_readlink(fs_of(req), &place, &target) < 0)
		fuse_reply_err(req, EINVAL);
	else
		fuse_reply_readlink(req, buf_text(&target));
	buf_release(&target);
}

static void do_statfs(fuse_req_t req, fuse_ino_t inode)
{
	struct statvfs st = { .f_bsize = 4096, .f_frsize = 4096, .f_namemax = 255 };

	(void)inode;
	fuse_reply_statfs(req, &st);    /* f_blocks 0 keeps it out of a plain df */
}

/* --- listing ----------------------------------------------------------------------------------- */

typedef struct Listing {
	fuse_req_t req;
	char *room;
	size_t used, size;
	bool plus;
} Listing;

static bool list_entry(void *arg, const char *name, const Place *place, uint64_t next)
{
	Listing *listing = arg;
	struct fuse_entry_param entry = { .ino = 0 };
	char *to = listing->room + listing->used;
	size_t left = listing->size - listing->used, need;

	if (listing->plus && name[0] != '.') {
		fill_entry(fs_of(listing->req), place, &entry);
		need = fuse_add_direntry_plus(listing->req, to, left, name, &entry, (off_t)next);
	} else {
		entry.attr.st_ino = tree_inode(place);
		entry.attr.st_mode = place->file ? place->file->mode : S_IFDIR;
		need = listing->plus ? fuse_add_direntry_plus(listing->req, to, left, name, &entry, (off_t)next)
				     : fuse_add_direntry(listing->req, to, left, name, &entry.attr, (off_t)next);
	}
	if (need > left)
		return false;
	if (entry.ino)
		out_told(place);
	listing->used += need;
	return true;
}

static void list(fuse_req_t req, fuse_ino_t inode, size_t size, off_t offset, bool plus)
{
	Listing listing = { .req = req, .size = size, .plus = plus };
	Place place;

	if (!find_to_show(req, inode, &place))
		return;
	listing.room = mem_new(size);
	tree_list(fs_of(req), &place, (uint64_t)offset, list_entry, &listing);
	fuse_reply_buf(req, listing.room, listing.used);
	free(listing.room);
}

static void do_readdir(fuse_req_t req, fuse_ino_t inode, size_t size, off_t offset, struct fuse_file_info *info)
{
	(void)info;
	list(req, inode, size, offset, false);
}

static void do_readdirplus(fuse_req_t req, fuse_ino_t inode, size_t size, off_t offset, struct fuse_file_info *info)
{
	(void)info;
	list(req, inode, size, offset, true);
}

/* --- making and removing ----------------------------------------------------------------------- */

static void refuse_change(fuse_req_t req, fuse_ino_t parent, const char *name, const char *why)
{
	Place directory;
	Err err;

	if (!find(req, parent, &directory))
		return;
	err_set(&err, EPERM, "%s", why);
	refuse_at(req, &directory, name, &err);
}

static void do_create(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, struct fuse_file_info *info)
{
	const char *why = NULL;
	Place place;

	(void)mode;
	(void)info;
	if (tree_find(fs_of(req), parent, &place) && place.directory->why_no_file)
		why = place.directory->why_no_file(name);
	refuse_change(req, parent, name, why ? why : "files cannot be made here; a job is made by writing to jobs/new");
}

static void do_mknod(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, dev_t device)
{
	(void)device;
	do_create(req, parent, name, mode, NULL);
}

static void do_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode)
{
	Place directory, place;
	Err err;

	(void)mode;
	if (!find(req, parent, &directory))
		return;
	if (!directory.directory->mkdir) {
		refuse_change(req, parent, name, "directories are made in nodes/ only, where they add a node");
		return;
	}
	renderings_outdated(fs_of(req));
	if (directory.directory->mkdir(fs_of(req), name, &err) < 0 || turn_commit(fs_of(req)->turn, &err) < 0) {
		refuse_at(req, &directory, name, &err);
		return;
	}
	if (!tree_lookup(fs_of(req), &directory, name, &place)) {
		fuse_reply_err(req, EIO);
		return;
	}
	reply_entry(req, &place);
}

static void do_symlink(fuse_req_t req, const char *target, fuse_ino_t parent, const char *name)
{
	(void)target;
	refuse_change(req, parent, name, "links cannot be made here");
}

static void do_link(fuse_req_t req, fuse_ino_t inode, fuse_ino_t parent, const char *name)
{
	(void)inode;
	refuse_change(req, parent, name, "links cannot be made here");
}

static void do_rename(fuse_req_t req, fuse_ino_t parent, const char *name, fuse_ino_t to, const char *new_name, unsigned flags)
{
	(void)to;
	(void)new_name;
	(void)flags;
	refuse_change(req, parent, name, "nothing can be renamed here");
}

static void do_unlink(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	Place directory;
	Err err;

	if (!find(req, parent, &directory))
		return;
	renderings_outdated(fs_of(req));
	if (!directory.directory->unlink)
		err_set(&err, EPERM, "this cannot be removed; to end a job, echo cancel > jobs/ID/ctl");
	else if (directory.directory->unlink(fs_of(req), directory.subject, &err) == 0)
		err.number = 0;
	if (err.number)
		refuse_at(req, &directory, name, &err);
	else
		fuse_reply_err(req, 0);
}

static void do_rmdir(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	Place directory;
	Err err;

	if (!find(req, parent, &directory))
		return;
	renderings_outdated(fs_of(req));
	if (!directory.directory->rmdir)
		err_set(&err, EPERM, "this directory cannot be removed; rm -r results/ID forgets a finished job");
	else if (directory.directory->rmdir(fs_of(req), directory.subject, name, &err) == 0)
		err.number = 0;
	if (err.number)
		refuse_at(req, &directory, name, &err);
	else
		fuse_reply_err(req, 0);
}

/* --- open, read, write, close ------------------------------------------------------------------ */

static Open *open_of(struct fuse_file_info *info)
{
	return (Open *)(uintptr_t)info->fh;
}

static void do_open(fuse_req_t req, fuse_ino_t inode, struct fuse_file_info *info)
{
	Handle *handle;
	Open *open;
	Place place;
	Err err;

	if (!find_to_show(req, inode, &place))
		return;
	if (!place.file) {
		fuse_reply_err(req, EISDIR);
		return;
	}
	handle = handle_open(fs_of(req), &place, info->flags, &err);
	if (!handle && err.number == EACCES && (info->flags & O_ACCMODE) == O_RDONLY) {
		refuse(req, &err);      /* root's grep -r, which modes do not stop: to look must change nothing */
		return;
	}
	if (!handle) {
		refuse_place(req, &place, &err);
		return;
	}
	open = mem_new_zeroed(sizeof *open);
	open->mount = fuse_req_userdata(req);
	open->handle = handle;
	spot_init(&open->spot, &open->mount->waiting, handle);
	TAILQ_INSERT_TAIL(&open->mount->opens, open, all);
	info->fh = (uint64_t)(uintptr_t)open;
	info->direct_io = handle->direct;
	info->nonseekable = handle->kind == &new_handle;        /* else bash reads ahead and seeks back */
	info->noflush = !handle->writable;      /* closing what was only read is nothing to us */
	info->keep_cache = tree_is_final(fs_of(req), &place);
	fuse_reply_open(req, info);
}

static void reply_chunk(fuse_req_t req, const Chunk *chunk)
{
	struct fuse_bufvec data = FUSE_BUFVEC_INIT(chunk->length);

	if (chunk->fd < 0 || chunk->length == 0) {
		fuse_reply_buf(req, chunk->data, chunk->length);
		return;
	}
	data.buf[0].flags = FUSE_BUF_IS_FD | FUSE_BUF_FD_SEEK;
	data.buf[0].fd = chunk->fd;
	data.buf[0].pos = (off_t)chunk->offset;
	/* Copied, not moved: moving would take the pages away from the file's own cache. */
	fuse_reply_data(req, &data, 0);
}

/* False if it has to wait. */
static bool answer_read(fuse_req_t req, Handle *handle, size_t size, uint64_t offset)
{
	Chunk chunk;
	Err err;

	switch (handle_read(handle, offset, size, &chunk, &err)) {
	case READ_DONE:
		reply_chunk(req, &chunk);
		return true;
	case READ_REFUSED:
		refuse(req, &err);
		return true;
	case READ_PARKED:
		break;
	}
	return false;
}

/* libfuse calls this while it holds the request: answered after the current one. */
static void interrupted(fuse_req_t req, void *arg)
{
	(void)req;
	park_interrupt(arg);
}

typedef struct Promise {        /* an answer that waits for the commit */
	fuse_req_t req;
	Handle *handle;
	size_t written;
	bool is_write;
} Promise;

static void keep_promise(void *arg, const Err *failed)
{
	Promise *promise = arg;

	if (failed) {
		if (promise->handle->kind->undone)
			promise->handle->kind->undone(promise->handle);
		handle_refused(promise->handle, NULL, 0, failed);
		refuse(promise->req, failed);
	} else if (promise->is_write) {
		fuse_reply_write(promise->req, promise->written);
	} else {
		fuse_reply_err(promise->req, 0);
	}
	free(promise);
}

static void promise(fuse_req_t req, Handle *handle, bool is_write, size_t written)
{
	Promise *one = mem_new_zeroed(sizeof *one);

	*one = (Promise){ req, handle, written, is_write };
	if (cluster_is_dirty(handle->fs->cluster))
		turn_after(handle->fs->turn, keep_promise, one);
	else
		keep_promise(one, NULL);
}

/* --- requests for which something is looked at first ------------------------------------------- */

typedef void (*Answer)(fuse_req_t req, Handle *handle, const char *bytes, size_t n, pid_t pid);

typedef struct Delayed {
	Mount *mount;
	fuse_req_t req;
	Handle *handle;
	Answer answer;
	char *bytes;
	size_t n;               /* of bytes, or to read */
	pid_t pid;
	TAILQ_ENTRY(Delayed) all;
} Delayed;

static void delayed_free(Delayed *delayed)
{
	TAILQ_REMOVE(&delayed->mount->delayed, delayed, all);
	free(delayed->bytes);
	free(delayed);
}

static Delayed *find_delayed(Mount *mount, const Handle *handle)
{
	Delayed *delayed;

	TAILQ_FOREACH(delayed, &mount->delayed, all)
		if (delayed->handle == handle)
			return delayed;
	return NULL;
}

static void go_on(void *arg);

/* False: it has to wait; it is the handle's first. */
static bool try_delayed(Delayed *delayed)
{
	if (delayed->handle->kind->delay(delayed->handle, delayed->bytes, delayed->bytes ? delayed->n : 0, delayed->pid, go_on, delayed))
		return false;
	delayed->answer(delayed->req, delayed->handle, delayed->bytes, delayed->n, delayed->pid);
	delayed_free(delayed);
	return true;
}

/* Those of one handle are answered in the order in which they came. */
static void go_on(void *arg)
{
	Delayed *delayed = arg;
	Mount *mount = delayed->mount;
	const Handle *handle = delayed->handle;

	delayed->answer(delayed->req, delayed->handle, delayed->bytes, delayed->n, delayed->pid);
	delayed_free(delayed);
	while ((delayed = find_delayed(mount, handle)) && try_delayed(delayed))
		;
}

/* Answer now, or when what the handle wants to know first is known. bytes is NULL: it is no write. */
static void answer_or_delay(fuse_req_t req, Handle *handle, Answer answer, const char *bytes, size_t n)
{
	Mount *mount = fuse_req_userdata(req);
	pid_t pid = fuse_req_ctx(req)->pid;
	Delayed *delayed;
	bool is_first;

	if (!handle->kind->delay) {
		answer(req, handle, bytes, n, pid);
		return;
	}
	is_first = !find_delayed(mount, handle);
	delayed = mem_new_zeroed(sizeof *delayed);
	*delayed = (Delayed){ .mount = mount, .req = req, .handle = handle, .answer = answer, .n = n, .pid = pid };
	delayed->bytes = bytes ? mem_copy(bytes, n) : NULL;
	TAILQ_INSERT_TAIL(&mount->delayed, delayed, all);
	if (is_first)
		try_delayed(delayed);
}

static void answer_write(fuse_req_t req, Handle *handle, const char *bytes, size_t n, pid_t pid)
{
	size_t taken;
	Err err;

	renderings_outdated(fs_of(req));
	if (handle_write(handle, bytes, n, pid, &taken, &err) < 0)
		refuse(req, &err);
	else
		promise(req, handle, true, taken);
}

static void do_write(fuse_req_t req, fuse_ino_t inode, const char *bytes, size_t n, off_t offset, struct fuse_file_info *info)
{
	(void)inode;
	(void)offset;
	answer_or_delay(req, open_of(info)->handle, answer_write, bytes, n);
}

static void answer_flush(fuse_req_t req, Handle *handle, const char *bytes, size_t n, pid_t pid)
{
	Err err;

	(void)bytes, (void)n, (void)pid;
	if (handle_flush(handle, &err) < 0)
		refuse(req, &err);
	else
		promise(req, handle, false, 0);
}

static void do_flush(fuse_req_t req, fuse_ino_t inode, struct fuse_file_info *info)
{
	(void)inode;
	answer_or_delay(req, open_of(info)->handle, answer_flush, NULL, 0);
}

/* Of a handle that can be delayed; such a read never parks. */
static void answer_late_read(fuse_req_t req, Handle *handle, const char *bytes, size_t n, pid_t pid)
{
	(void)bytes, (void)pid;
	if (!answer_read(req, handle, n, 0))
		fuse_reply_err(req, EAGAIN);
}

static void do_read(fuse_req_t req, fuse_ino_t inode, size_t size, off_t offset, struct fuse_file_info *info)
{
	Open *open = open_of(info);

	(void)inode;
	if (open->handle->kind->delay) {
		answer_or_delay(req, open->handle, answer_late_read, NULL, size);
		return;
	}
	if (answer_read(req, open->handle, size, (uint64_t)offset))
		return;
	if (info->flags & O_NONBLOCK)
		fuse_reply_err(req, EAGAIN);
	else
		fuse_req_interrupt_func(req, interrupted, spot_park(&open->spot, req, size, (uint64_t)offset));
}

static void do_fsync(fuse_req_t req, fuse_ino_t inode, int data_only, struct fuse_file_info *info)
{
	(void)inode;
	(void)data_only;
	(void)info;
	fuse_reply_err(req, 0);
}

static void open_free(Open *open)
{
	spot_release(&open->spot);
	handle_release(open->handle);
	TAILQ_REMOVE(&open->mount->opens, open, all);
	free(open);
}

static void do_release(fuse_req_t req, fuse_ino_t inode, struct fuse_file_info *info)
{
	(void)inode;
	open_free(open_of(info));
	fuse_reply_err(req, 0);
}

static void do_poll(fuse_req_t req, fuse_ino_t inode, struct fuse_file_info *info, struct fuse_pollhandle *poll)
{
	Open *open = open_of(info);
	bool is_ready = handle_is_ready(open->handle);
	unsigned events = (is_ready ? POLLIN | POLLRDNORM : 0) | (open->handle->writable ? POLLOUT | POLLWRNORM : 0);

	(void)inode;
	if (poll)
		spot_set_poll(&open->spot, poll);
	fuse_reply_poll(req, events);
}

/* --- waiting ----------------------------------------------------------------------------------- */

static bool answer_again(void *request, Handle *handle, size_t size, uint64_t offset)
{
	if (!answer_read(request, handle, size, offset))
		return false;
	renderings_outdated(handle->fs);        /* it waited for something, which has happened */
	return true;
}

static void refuse_waiting(void *request, int number)
{
	fuse_reply_err(request, number);
}

static void notify_poll(void *poll)
{
	fuse_lowlevel_notify_poll(poll);
}

static void drop_poll(void *poll)
{
	fuse_pollhandle_destroy(poll);
}

static void task_changed(void *arg, Task *task, const Facts *before)
{
	Mount *mount = arg;

	(void)before;
	waiting_wake(&mount->waiting, task->job->id);
}

static void after_commit(void *arg)
{
	Mount *mount = arg;

	if (cluster_unfinished(mount->fs->cluster) == 0)
		waiting_wake(&mount->waiting, 0);
	waiting_retry(&mount->waiting);
	renderings_tidy(mount->fs);
}

/* --- the session ------------------------------------------------------------------------------- */

static void do_init(void *arg, struct fuse_conn_info *connection)
{
	Mount *mount = arg;

	connection->want &= ~(unsigned)(FUSE_CAP_SPLICE_READ | FUSE_CAP_SPLICE_MOVE | FUSE_CAP_ATOMIC_O_TRUNC |
					FUSE_CAP_WRITEBACK_CACHE);
	connection->want |= connection->capable & FUSE_CAP_SPLICE_WRITE;
	connection->max_write = WRITE_MAX;
	connection->max_background = BACKGROUND;
	connection->time_gran = 1000000;
	mount->owner.ready(mount->owner.arg);
}

static const struct fuse_lowlevel_ops operations = {
	.init = do_init, .lookup = do_lookup, .forget = do_forget, .forget_multi = do_forget_multi, .getattr = do_getattr, .setattr = do_setattr,
	.readlink = do_readlink, .statfs = do_statfs, .readdir = do_readdir, .readdirplus = do_readdirplus,
	.create = do_create, .mknod = do_mknod, .mkdir = do_mkdir, .symlink = do_symlink, .link = do_link,
	.rename = do_rename, .unlink = do_unlink, .rmdir = do_rmdir,
	.open = do_open, .read = do_read, .write = do_write, .flush = do_flush, .fsync = do_fsync,
	.release = do_release, .poll = do_poll,
};

static void requests_came(uv_poll_t *poll, int status, int events)
{
	Mount *mount = poll->data;

	(void)status;
	(void)events;
	for (int i = 0; i < REQUESTS_A_TURN; i++) {
		int n = fuse_session_receive_buf(mount->session, &mount->request);

		if (n == -EINTR)
			continue;
		if (n == -EAGAIN)
			break;
		if (n <= 0) {
			uv_poll_stop(poll);
			mount->owner.gone(mount->owner.arg);
			return;
		}
		fuse_session_process_buf(mount->session, &mount->request);
		waiting_sweep(&mount->waiting);
	}
}

static char complaint[256];     /* libfuse's last; its functions return no reason */

static void log_fuse(enum fuse_log_level level, const char *format, va_list args)
{
	static char line[sizeof complaint];     /* it comes in pieces */
	size_t used = strlen(line), end;

	vsnprintf(line + used, sizeof line - used, format, args);
	end = strcspn(line, "\n");
	if (!line[end] && end < sizeof line - 1)
		return;
	line[end] = '\0';
	if (level <= FUSE_LOG_ERR)
		strcpy(complaint, line);
	log_debug("%s", line);
	line[0] = '\0';
}

static struct fuse_session *make_session(Mount *mount, const char *options)
{
	struct fuse_args args = FUSE_ARGS_INIT(0, NULL);
	struct fuse_session *session;

	fuse_opt_add_arg(&args, "wulfs");
	fuse_opt_add_arg(&args, "-o");
	fuse_opt_add_arg(&args, options);
	session = fuse_session_new(&args, &operations, sizeof operations, mount);
	fuse_opt_free_args(&args);
	return session;
}

/* fusermount3, which mounts for who is not root, gives its reason on standard error and nowhere else. */
static int mount_and_listen(struct fuse_session *session, const char *mountpoint, char *said, size_t size)
{
	int kept = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1), heard = memfd_create("stderr", MFD_CLOEXEC);
	bool listening = kept >= 0 && heard >= 0 && dup2(heard, STDERR_FILENO) >= 0;
	int rc = fuse_session_mount(session, mountpoint);
	ssize_t n = listening ? pread(heard, said, size - 1, 0) : 0;

	said[n > 0 ? n : 0] = '\0';
	said[strcspn(said, "\n")] = '\0';
	if (listening)
		dup2(kept, STDERR_FILENO);
	if (kept >= 0)
		close(kept);
	if (heard >= 0)
		close(heard);
	return rc;
}

Mount *mount_new(Fs *fs, const char *options, MountOwner owner, Err *err)
{
	Mount *mount = mem_new_zeroed(sizeof *mount);
	char said[sizeof complaint];

	fuse_set_log_func(log_fuse);
	mount->fs = fs;
	mount->owner = owner;
	TAILQ_INIT(&mount->opens);
	TAILQ_INIT(&mount->delayed);
	waiting_init(&mount->waiting, (WaitingOwner){ answer_again, refuse_waiting, notify_poll, drop_poll });
	mount->session = make_session(mount, options);
	if (!mount->session) {
		err_set(err, EINVAL, "%s; see wulfs -h and mount.fuse3(8)", complaint[0] ? complaint : "bad options");
		free(mount);
		return NULL;
	}
	if (mount_and_listen(mount->session, fs->mountpoint, said, sizeof said) < 0) {
		err_set(err, EIO, "%s: cannot be mounted: %s", fs->mountpoint,
			said[0] ? said : complaint[0] ? complaint : "is /dev/fuse there, and fusermount3 installed?");
		fuse_session_destroy(mount->session);
		free(mount);
		return NULL;
	}
	fcntl(fuse_session_fd(mount->session), F_SETFL, O_NONBLOCK);
	uv_poll_init(turn_loop(fs->turn), &mount->poll, fuse_session_fd(mount->session));
	mount->poll.data = mount;
	uv_poll_start(&mount->poll, UV_READABLE, requests_came);
	cluster_watch(fs->cluster, task_changed, mount);
	turn_hook(fs->turn, TURN_AFTER, after_commit, mount);
	return mount;
}

static void end_opens(Mount *mount)
{
	Delayed *delayed;
	Open *open;

	while ((delayed = TAILQ_FIRST(&mount->delayed))) {
		fuse_reply_err(delayed->req, ENOTCONN);
		delayed_free(delayed);
	}

	while ((open = TAILQ_FIRST(&mount->opens))) {
		spot_refuse_all(&open->spot, ENOTCONN);
		open->handle->poisoned = true;  /* nobody closed it: a draft stays a draft */
		open_free(open);
	}
}

static void freed(uv_handle_t *handle)
{
	Mount *mount = handle->data;

	fuse_session_destroy(mount->session);
	free(mount->request.mem);
	free(mount);
}

void mount_free(Mount *mount)
{
	if (!mount)
		return;
	end_opens(mount);
	fuse_session_unmount(mount->session);   /* also frees what it had when somebody else has unmounted */
	uv_close((uv_handle_t *)&mount->poll, freed);
}
