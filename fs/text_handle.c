/* text_handle.c - the two common kinds of handle: text that is rendered when it is opened (or, where reads park, when it
 * is ready), and control files, which take a line at a time. */
#include "fs/handle.h"

#include "fs/lines.h"
#include "fs/rendering.h"

#include <errno.h>

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
	if (handle->text.length == 0 || handle->poisoned || !handle_is_there(handle))
		return;
	if (handle->writes > 1)
		err_set(&err, EINVAL, "the last line has no newline, so it may be half a line; it was not obeyed");
	else if (take_control_line(handle, handle->text.data, handle->text.length, &err) == 0)
		return;
	handle_refused(handle, handle->text.data, handle->text.length, &err);
}

const HandleKind text_handle = { .open = text_open, .read = text_read, .ready = text_is_ready,
					.release = text_release };
const HandleKind control_handle = { .read = text_read, .write = control_write, .release = control_release };
