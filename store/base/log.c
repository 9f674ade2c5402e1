/* log.c - the operator's log. One write(2) a line, so that lines never mix. */
#include "store/base/log.h"

#include "store/base/harmless.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { FILE_MAX = 16 * 1024 * 1024 };   /* bytes; then it becomes FILE.1 */

static bool verbose;
static char *file;                      /* that stderr is; NULL: it is what it was */
static atomic_ullong size;              /* of it: threads that connect write lines, too */
static atomic_flag turning = ATOMIC_FLAG_INIT;

static int open_file(void)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	struct stat st;

	if (fd < 0)
		return -1;
	atomic_store(&size, fstat(fd, &st) == 0 ? (unsigned long long)st.st_size : 0);
	dup2(fd, STDERR_FILENO);
	close(fd);
	return 0;
}

int log_to(const char *path)
{
	free(file);
	file = strdup(path);
	return file ? open_file() : -1;
}

static void rotate(void)
{
	char *old;

	if (atomic_flag_test_and_set(&turning))
		return;         /* another thread does it */
	if (atomic_load(&size) >= FILE_MAX && asprintf(&old, "%s.1", file) >= 0) {
		if (rename(file, old) < 0 || open_file() < 0) {
			rename(old, file);
			atomic_store(&size, 0);         /* as long again, and it is tried again */
		}
		free(old);
	}
	atomic_flag_clear(&turning);
}

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
	line[used] = '\0';
	harmless_text(line);
	used = strlen(line);
	line[used] = '\n';
	if (write(STDERR_FILENO, line, used + 1) < 0)
		return;         /* nobody to tell */
	if (file && atomic_fetch_add(&size, used + 1) + used + 1 >= FILE_MAX)
		rotate();
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
