/* lines.c - cutting writes into lines. */
#include "fs/lines.h"

#include <errno.h>
#include <string.h>

int lines_poison(Handle *handle, const Err *err)
{
	handle->poisoned = true;
	handle->poison = *err;
	buf_release(&handle->text);
	return -1;
}

/* The line is bytes, or what waited and then bytes. */
static int take_one(Handle *handle, const char *bytes, size_t n, TakeLine take, Err *err)
{
	bool began_before = handle->text.length > 0;
	int rc;

	if (began_before) {
		buf_add(&handle->text, bytes, n);
		bytes = handle->text.data;
		n = handle->text.length;
	}
	rc = take(handle, bytes, n, err);
	if (rc < 0)
		handle_refused(handle, bytes, n, err);
	if (rc < 0 && began_before)
		return lines_poison(handle, err);
	buf_clear(&handle->text);
	return rc;
}

static int too_long(Handle *handle, const char *bytes, size_t n, size_t longest, Err *err)
{
	err_set(err, E2BIG, "a line is longer than %zu bytes", longest);
	handle_refused(handle, bytes, n < 80 ? n : 80, err);
	return lines_poison(handle, err);
}

int lines_take(Handle *handle, const char *bytes, size_t n, size_t longest, TakeLine take, size_t *taken, Err *err)
{
	const char *newline;

	if (handle->poisoned) {
		*err = handle->poison;
		return -1;
	}
	while ((newline = memchr(bytes + *taken, '\n', n - *taken))) {
		const char *line = bytes + *taken;

		if (take_one(handle, line, (size_t)(newline - line), take, err) < 0)
			return *taken ? 0 : -1;
		*taken = (size_t)(newline - bytes) + 1;
	}
	if (handle->text.length + n - *taken > longest)
		return *taken ? 0 : too_long(handle, bytes, n, longest, err);
	buf_add(&handle->text, bytes + *taken, n - *taken);
	*taken = n;
	return 0;
}
