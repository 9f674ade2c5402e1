/* spec_paths.c - --transfer and --return: lists of paths with commas between, where a backslash takes the next
 * character for itself. What the paths lead to is looked at when the job is submitted (transfer.c) and when
 * it has ended, on its node. */
#include "store/spec_values.h"

#include "store/base/buf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_MOST = 4000 };      /* bytes of one; PATH_MAX of Linux is 4096, and something stands before it */

/* The length of the piece at text: up to a comma that no backslash takes for itself. */
static size_t piece_length(const char *text)
{
	size_t n = 0;

	while (text[n] && text[n] != ',')
		n += text[n] == '\\' && text[n + 1] ? 2 : 1;
	return n;
}

/* Adds the path without "." and empty names; keep: backslashes stay, as they quote in globs too. */
static void add_path(Buf *list, const char *piece, size_t n, bool keep)
{
	size_t begun = list->length;

	if (n && piece[0] == '/')
		buf_add_char(list, '/');
	for (size_t i = 0; i < n; i++) {
		if (piece[i] == '/' && (list->length == begun || list->data[list->length - 1] == '/'))
			continue;
		if (piece[i] == '\\' && i + 1 < n) {
			if (keep)
				buf_add_char(list, '\\');
			i++;
		} else if (piece[i] == '.' && (i == 0 || piece[i - 1] == '/') && (i + 1 == n || piece[i + 1] == '/')) {
			i++;            /* "." and its slash */
			continue;
		}
		buf_add_char(list, piece[i]);
	}
	if (list->length > begun + 1 && list->data[list->length - 1] == '/')
		list->length--;
	if (list->length == begun)
		buf_add_char(list, '.');
	buf_add_char(list, '\0');
}

/* The submitter's directory is a real one, so ".." at the front is the directory above; one that follows a name may be
 * behind a link, on the node. */
char *spec_start_directory(const Spec *spec, const char *submitter)
{
	const char *rest = spec->directory ? spec->directory : "";
	size_t above = submitter ? strlen(submitter) : 0;
	Buf path = BUF_INIT;

	if (*rest == '/')
		return mem_copy_text(rest);
	if (!submitter)
		return NULL;
	for (;;) {
		size_t n = strcspn(rest, "/");

		if (n == 2 && strncmp(rest, "..", 2) == 0)
			while (above > 0 && submitter[--above] != '/')
				;
		else if (n > 1 || (n == 1 && *rest != '.'))
			break;
		rest += n + strspn(rest + n, "/");
		if (!*rest)
			break;
	}
	while (above > 0 && submitter[above - 1] == '/')
		above--;
	buf_add(&path, submitter, above);
	if (*rest || above == 0)
		buf_add_char(&path, '/');
	buf_add_text(&path, rest);
	return buf_take(&path);
}

static bool climbs(const char *path)
{
	for (const char *at = path; (at = strstr(at, "..")); at += 2)
		if ((at == path || at[-1] == '/') && (at[2] == '/' || !at[2]))
			return true;
	return false;
}

typedef int CheckPath(const char *path, Err *err);

static int read_list(const char *value, bool keep, CheckPath *check, Buf *list, Err *err)
{
	int count = 0;

	for (const char *piece = value;; piece++) {
		size_t n = piece_length(piece), at = list->length;

		if (n == 0)
			return err_set(err, EINVAL, "\"%.80s\" is not a list of paths with commas between", value);
		if (n > PATH_MOST)
			return err_set(err, EINVAL, "a path is longer than %d bytes", PATH_MOST);
		if (++count > SPEC_PATHS_MAX)
			return err_set(err, EINVAL, "there are more than %d paths; name a directory that holds them",
				       SPEC_PATHS_MAX);
		add_path(list, piece, n, keep);
		if (check(list->data + at, err) < 0)
			return -1;
		piece += n;
		if (!*piece)
			return 0;
	}
}

static int set_list(char **field, size_t *length, const char *value, bool keep, CheckPath *check, Err *err)
{
	Buf list = BUF_INIT;

	if (read_list(value, keep, check, &list, err) < 0) {
		buf_release(&list);
		return -1;
	}
	free(*field);
	*length = list.length;
	*field = buf_take(&list);
	return 0;
}

/* A relative path keeps its directories on the node, so that the command reads as it does here. */
static int check_transfer(const char *path, Err *err)
{
	if (climbs(path))
		return err_set(err, EINVAL, "\"%.80s\": \"..\" leads out of the directory; write an absolute path", path);
	if (strcmp(path, "/") == 0)
		return err_set(err, EINVAL, "\"/\" is all there is");
	return 0;
}

static int check_return(const char *glob, Err *err)
{
	if (glob[0] == '/' || climbs(glob))
		return err_set(err, EINVAL, "\"%.80s\" leads out of the directory that the job starts in", glob);
	return 0;
}

int set_transfer(Spec *spec, const char *value, Err *err)
{
	return set_list(&spec->transfer, &spec->transfer_length, value, false, check_transfer, err);
}

int set_returns(Spec *spec, const char *value, Err *err)
{
	return set_list(&spec->returns, &spec->returns_length, value, true, check_return, err);
}
