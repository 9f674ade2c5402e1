/* log.h - what the daemon tells its operator, a line a message, on stderr (which the daemon points at
 * STATE/wulfs.log once it is in the background). Time first, then the level, then a sentence. */
#ifndef STORE_BASE_LOG_H
#define STORE_BASE_LOG_H

#include <stdbool.h>

void log_verbose(bool on);      /* show log_debug too */

/* Point stderr at the end of the file. After 16 MiB the file becomes PATH.1, and a new one is begun. -1: errno says why
 * not, and stderr is what it was. */
int log_to(const char *path);

void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
