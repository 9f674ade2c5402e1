/* handle.c - open, read, write and close, once for all kinds of handle. */
#include "fs/handle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

/* A handle outlives look-ups, and its noun may have gone meanwhile. */
bool handle_is_there(Handle *handle)
{
	return tree_find(handle->fs, tree_inode(&handle->place), &handle->place);
}

static const HandleKind *kind_of(const File *file)
{
	if (file->kind)
		return file->kind;
	return file->take ? &control_handle : &text_handle;
}

void handle_refused(Handle *handle, const char *text, size_t n, const Err *err)
{
	Buf path = BUF_INIT;

	tree_path(&handle->place, &path);
	refusals_add(&handle->fs->refusals, buf_text(&path), text, n, err);
	buf_release(&path);
}

static int check_access(const Handle *handle, Err *err)
{
	if (handle->readable && !handle->kind->read && !handle->writable)
		return err_set(err, EACCES, "this file is not for reading");
	if (handle->writable && !handle->kind->write)
		return err_set(err, EACCES, "this file is not for writing");
	return 0;
}

Handle *handle_open(Fs *fs, const Place *place, int flags, Err *err)
{
	Handle *handle = mem_new_zeroed(sizeof *handle);

	handle->fs = fs;
	handle->place = *place;
	handle->kind = kind_of(place->file);
	handle->readable = (flags & O_ACCMODE) != O_WRONLY;
	handle->writable = (flags & O_ACCMODE) != O_RDONLY;
	handle->nonblocking = flags & O_NONBLOCK;
	handle->direct = !(place->file->flags & CACHED);
	if (check_access(handle, err) < 0 || (handle->kind->open && handle->kind->open(handle, err) < 0)) {
		buf_release(&handle->text);
		free(handle);
		return NULL;
	}
	return handle;
}

void handle_release(Handle *handle)
{
	if (handle->kind->release)
		handle->kind->release(handle);
	buf_release(&handle->text);
	free(handle);
}

static bool can_be_shown(Handle *handle)
{
	return handle_is_there(handle) && tree_settle(handle->fs, &handle->place);
}

ReadAnswer handle_read(Handle *handle, uint64_t offset, size_t n, Chunk *chunk, Err *err)
{
	*chunk = (Chunk){ NULL, 0, -1, 0 };
	if (!handle->kind->read) {
		err_set(err, EACCES, "this file is not for reading");
		return READ_REFUSED;
	}
	if (!handle->rendered && !can_be_shown(handle)) {
		err_set(err, ENOENT, "it was removed meanwhile");
		return READ_REFUSED;
	}
	return handle->kind->read(handle, offset, n, chunk, err);
}

int handle_write(Handle *handle, const char *bytes, size_t n, pid_t pid, size_t *taken, Err *err)
{
	*taken = 0;
	if (!handle_is_there(handle))
		return err_set(err, ENOENT, "it was removed meanwhile");
	if (n)
		handle->writes++;
	return handle->kind->write(handle, bytes, n, pid, taken, err);
}

int handle_flush(Handle *handle, Err *err)
{
	if (!handle->kind->flush || !handle_is_there(handle))
		return 0;
	return handle->kind->flush(handle, err);
}

bool handle_is_ready(Handle *handle)
{
	if (!handle->kind->ready || handle->rendered || !can_be_shown(handle))
		return true;
	return handle->kind->ready(handle);
}
