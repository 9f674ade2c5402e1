/* handle.c - open, read, write and close, once for all tables; and the two common kinds of handle: text
 * that is rendered when it is opened (or, where reads park, when it is ready), and control files that
 * take a line at a time. */
#include "fs/handle.h"

#include "fs/lines.h"
#include "fs/rendering.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

/* --- text -------------------------------------------------------------------------------------- */

static bool text_is_ready(Handle *handle)
{
	const File *file = handle->place.file;

	return handle->rendered || !file->ready || file->ready(handle->fs, handle->place.subject);
}

static int render(Handle *handle, Err *err)
{
	if (handle->rendered)
		return 0;
	handle->own = rendering_take(handle->fs, &handle->place, err);
	handle->rendered = handle->own;
	return handle->rendered ? 0 : -1;
}

static int text_open(Handle *handle, Err *err)
{
	return handle->place.file->ready ? 0 : render(handle, err);
}

static ReadAnswer text_read(Handle *handle, uint64_t offset, size_t n, Chunk *chunk, Err *err)
{
	const Buf *text;

	if (!text_is_ready(handle))
		return READ_PARKED;
	if (render(handle, err) < 0)
		return READ_REFUSED;
	text = rendering_text(handle->own);
	if (offset > text->length)
		offset = text->length;
	if (n > text->length - offset)
		n = text->length - offset;
	*chunk = (Chunk){ buf_text(text) + offset, n, -1, 0 };
	return READ_DONE;
}

static void text_release(Handle *handle)
{
	rendering_drop(handle->fs, handle->own);
}

/* A handle outlives look-ups, and its noun may have gone meanwhile. */
static bool still_there(Handle *handle)
{
	return tree_find(handle->fs, tree_inode(&handle->place), &handle->place);
}

/* --- control files ----------------------------------------------------------------------------- */

enum { CONTROL_LINE_MAX = 4096 };

/* What a ctl shows begins with #, so that a copy of it which is written back does nothing. */
static bool is_comment(const char *line, size_t n)
{
	size_t at = 0;

	while (at < n && (line[at] == ' ' || line[at] == '\t'))
		at++;
	return at < n && line[at] == '#';
}

static int take_control_line(Handle *handle, const char *line, size_t n, Err *err)
{
	if (is_comment(line, n))
		return 0;
	return handle->place.file->take(handle->fs, handle->place.subject, line, n, err);
}

static int control_write(Handle *handle, const char *bytes, size_t n, pid_t pid, size_t *taken, Err *err)
{
	(void)pid;
	return lines_take(handle, bytes, n, CONTROL_LINE_MAX, take_control_line, taken, err);
}

/* `printf drain > ctl` is as good as echo. But only the last close shows that no more comes, and half an
 * order must not be carried out. */
static void control_release(Handle *handle)
{
	Err err;

	text_release(handle);
	if (handle->text.length == 0 || handle->poisoned || !still_there(handle))
		return;
	if (handle->writes > 1)
		err_set(&err, EINVAL, "the last line has no newline, so it may be half a line; it was not obeyed");
	else if (take_control_line(handle, handle->text.data, handle->text.length, &err) == 0)
		return;
	handle_refused(handle, handle->text.data, handle->text.length, &err);
}

static const HandleKind text_handle = { .open = text_open, .read = text_read, .ready = text_is_ready,
					.release = text_release };
static const HandleKind control_handle = { .read = text_read, .write = control_write, .release = control_release };

static const HandleKind *kind_of(const File *file)
{
	if (file->kind)
		return file->kind;
	return file->take ? &control_handle : &text_handle;
}

/* --- every kind -------------------------------------------------------------------------------- */

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
	return still_there(handle) && tree_settle(handle->fs, &handle->place);
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
	if (!still_there(handle))
		return err_set(err, ENOENT, "it was removed meanwhile");
	if (n)
		handle->writes++;
	return handle->kind->write(handle, bytes, n, pid, taken, err);
}

int handle_flush(Handle *handle, Err *err)
{
	if (!handle->kind->flush || !still_there(handle))
		return 0;
	return handle->kind->flush(handle, err);
}

bool handle_is_ready(Handle *handle)
{
	if (!handle->kind->ready || handle->rendered || !can_be_shown(handle))
		return true;
	return handle->kind->ready(handle);
}
