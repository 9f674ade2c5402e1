/* err.c - sentences for failures. Replaces what a terminal would obey, because a sentence quotes what users,
 * nodes and the network sent, and it ends up on somebody's terminal. */
#include "store/base/err.h"

#include "store/base/harmless.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

static void fill(Err *err, int number, const char *format, va_list args)
{
	err->number = number;
	err->at = err->length = 0;
	vsnprintf(err->text, sizeof err->text, format, args);
	harmless_text(err->text);
}

int err_set(Err *err, int number, const char *format, ...)
{
	va_list args;

	if (!err)
		return -1;
	va_start(args, format);
	fill(err, number, format, args);
	va_end(args);
	return -1;
}

/* What strerror says of these nobody can act on. */
static void add_limit(char *text, size_t size, int number)
{
	struct rlimit limit;

	if (number == ENFILE)
		snprintf(text, size, " on this machine; close some, or raise fs.file-max");
	if (number == EMFILE && getrlimit(RLIMIT_NOFILE, &limit) == 0)
		snprintf(text, size, ": the limit is %llu (ulimit -n); start it again with a higher one",
			 (unsigned long long)limit.rlim_cur);
}

int err_sys(Err *err, int number, const char *format, ...)
{
	va_list args;
	size_t used;

	if (!err)
		return -1;
	va_start(args, format);
	fill(err, number, format, args);
	va_end(args);
	used = strlen(err->text);
	snprintf(err->text + used, sizeof err->text - used, ": %s", strerror(number));
	used = strlen(err->text);
	add_limit(err->text + used, sizeof err->text - used, number);
	return -1;
}

int err_point(Err *err, size_t at, size_t length)
{
	if (err) {
		err->at = at;
		err->length = length;
	}
	return -1;
}
