/* buf.h - a growing run of bytes, and the allocation that never fails.
 *
 * Invariant: data is NULL or has a NUL at data[length], so a Buf of text is always a C string
 * (buf_text gives "" for the empty one). Bytes are appended at the end and consumed at the front.
 *
 * Memory: everything sized by input has a named ceiling where it is read. If the machine still has no
 * memory left, the process says so and aborts: all state is on disk, and a restart takes it up again. */
#ifndef STORE_BASE_BUF_H
#define STORE_BASE_BUF_H

#include <stddef.h>

typedef struct Buf {
	char *data;
	size_t length;
	size_t room;            /* bytes allocated, the NUL's included */
} Buf;

#define BUF_INIT { NULL, 0, 0 }

void buf_add(Buf *buf, const void *bytes, size_t n);
void buf_add_char(Buf *buf, char c);
void buf_add_text(Buf *buf, const char *text);
void buf_addf(Buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Room for n bytes more at the end; returns where they go. Follow with buf_grew. */
char *buf_space(Buf *buf, size_t n);
void buf_grew(Buf *buf, size_t n);

/* Drop n bytes at the front (n <= length); the rest moves up. */
void buf_consume(Buf *buf, size_t n);

void buf_clear(Buf *buf);               /* length 0, memory kept */
void buf_release(Buf *buf);             /* memory given back, the Buf is empty and usable */
char *buf_take(Buf *buf);               /* the text, now the caller's to free; the Buf is empty */
const char *buf_text(const Buf *buf);

/* malloc, realloc, strdup that abort with a sentence instead of returning NULL. new_zeroed: calloc. */
void *mem_new(size_t size);
void *mem_new_zeroed(size_t size);
void *mem_resize(void *old, size_t size);
char *mem_copy_text(const char *text);
char *mem_copy(const void *bytes, size_t n);    /* n bytes and a NUL */

#endif
