/* buf.c - growing bytes and the allocation that never fails. */
#include "store/base/buf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *checked(void *memory)
{
	if (memory)
		return memory;
	fputs("wulfs: out of memory; everything accepted is on disk, a new mount takes it up\n", stderr);
	abort();
}

void *mem_new(size_t size)
{
	return checked(malloc(size ? size : 1));
}

void *mem_new_zeroed(size_t size)
{
	return checked(calloc(1, size ? size : 1));
}

void *mem_resize(void *old, size_t size)
{
	return checked(realloc(old, size ? size : 1));
}

char *mem_copy(const void *bytes, size_t n)
{
	char *copy = mem_new(n + 1);

	if (n)
		memcpy(copy, bytes, n);
	copy[n] = '\0';
	return copy;
}

char *mem_copy_text(const char *text)
{
	return mem_copy(text, strlen(text));
}

char *buf_space(Buf *buf, size_t n)
{
	size_t wanted = buf->length + n + 1;

	if (wanted > buf->room) {
		size_t doubled = buf->room * 2;

		buf->room = wanted > doubled ? wanted : doubled;
		if (buf->room < 64)
			buf->room = 64;
		buf->data = mem_resize(buf->data, buf->room);
		buf->data[buf->length] = '\0';
	}
	return buf->data + buf->length;
}

void buf_grew(Buf *buf, size_t n)
{
	buf->length += n;
	buf->data[buf->length] = '\0';
}

void buf_add(Buf *buf, const void *bytes, size_t n)
{
	if (n == 0)
		return;
	memcpy(buf_space(buf, n), bytes, n);
	buf_grew(buf, n);
}

void buf_add_char(Buf *buf, char c)
{
	buf_add(buf, &c, 1);
}

void buf_add_text(Buf *buf, const char *text)
{
	buf_add(buf, text, strlen(text));
}

void buf_addf(Buf *buf, const char *format, ...)
{
	va_list args, again;
	int n;

	va_start(args, format);
	va_copy(again, args);
	n = vsnprintf(buf_space(buf, 64), 65, format, args);
	va_end(args);
	if (n > 64)
		vsnprintf(buf_space(buf, (size_t)n), (size_t)n + 1, format, again);
	va_end(again);
	if (n > 0)
		buf_grew(buf, (size_t)n);
}

void buf_consume(Buf *buf, size_t n)
{
	if (n == 0)
		return;
	buf->length -= n;
	memmove(buf->data, buf->data + n, buf->length + 1);
}

void buf_clear(Buf *buf)
{
	buf->length = 0;
	if (buf->data)
		buf->data[0] = '\0';
}

void buf_release(Buf *buf)
{
	free(buf->data);
	*buf = (Buf)BUF_INIT;
}

char *buf_take(Buf *buf)
{
	char *text = buf->data ? buf->data : mem_copy("", 0);

	*buf = (Buf)BUF_INIT;
	return text;
}

const char *buf_text(const Buf *buf)
{
	return buf->data ? buf->data : "";
}
