/* io.h - writing all of it, as write(2) may take a part. */
#ifndef STORE_BASE_IO_H
#define STORE_BASE_IO_H

#include <stddef.h>
#include <stdint.h>

/* To a descriptor that blocks. -1 with errno; how much is written then is not known. */
int write_all(int fd, const void *bytes, size_t n);
int pwrite_all(int fd, const void *bytes, size_t n, uint64_t offset);

#endif
