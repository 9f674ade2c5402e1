/* io.c - write(2) and pwrite(2) until all is written. */
#include "store/base/io.h"

#include <errno.h>
#include <unistd.h>

/* What is left after one call that returned done; -1: it failed for good. */
static int go_on(ssize_t done, const char **at, size_t *left)
{
	if (done < 0 && errno == EINTR)
		return 0;
	if (done == 0)
		errno = ENOSPC;
	if (done <= 0)
		return -1;
	*at += done;
	*left -= (size_t)done;
	return 0;
}

int write_all(int fd, const void *bytes, size_t n)
{
	const char *at = bytes;

	while (n > 0)
		if (go_on(write(fd, at, n), &at, &n) < 0)
			return -1;
	return 0;
}

int pwrite_all(int fd, const void *bytes, size_t n, uint64_t offset)
{
	const char *at = bytes;

	while (n > 0)
		if (go_on(pwrite(fd, at, n, (off_t)(offset + (uint64_t)(at - (const char *)bytes))), &at, &n) < 0)
			return -1;
	return 0;
}
