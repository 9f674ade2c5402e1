/* log.c - the operator's log. One write(2) a line, so that lines never mix. */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static bool verbose;

void log_verbose(bool on)
{
	verbose = on;
}

static void write_line(const char *level, const char *format, va_list args)
{
	char line[1024];
	struct timespec now;
	struct tm parts;
	size_t used;
	int n;

	clock_gettime(CLOCK_REALTIME, &now);
	localtime_r(&now.tv_sec, &parts);
	used = strftime(line, sizeof line, "%F %T", &parts);
	n = snprintf(line + used, sizeof line - used, ".%03ld %s ", now.tv_nsec / 1000000, level);
	used += (size_t)n;
	n = vsnprintf(line + used, sizeof line - used, format, args);
	used = n < (int)(sizeof line - used) ? used + (size_t)n : sizeof line - 1;
	line[used] = '\n';
	if (write(STDERR_FILENO, line, used + 1) < 0)
		return;         /* nobody to tell */
}

#define LEVEL(function, word, wanted)                    \
	void function(const char *format, ...)           \
	{                                                \
		va_list args;                            \
							 \
		if (!(wanted))                           \
			return;                          \
		va_start(args, format);                  \
		write_line(word, format, args);          \
		va_end(args);                            \
	}

LEVEL(log_debug, "debug", verbose)
LEVEL(log_info, "info", true)
LEVEL(log_warn, "warning", true)
LEVEL(log_error, "error", true)
