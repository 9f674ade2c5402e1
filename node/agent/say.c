/* say.c - lines for the log. One write a line, so that those of agent and runners do not mix. */
#include "node/agent/say.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

void say(const char *format, ...)
{
	char text[512], stamp[32], line[640];
	time_t now = time(NULL);
	struct tm local;
	va_list args;
	int n;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S%z", localtime_r(&now, &local));
	n = snprintf(line, sizeof line, "%s [%d] %s\n", stamp, (int)getpid(), text);
	if (write(STDERR_FILENO, line, (size_t)n) < 0)
		return; /* a full disk must not stop the tasks */
}
