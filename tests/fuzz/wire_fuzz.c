/* wire_fuzz.c - any bytes may come over a link. Whatever wire_take accepts must say the same when it is
 * put on the wire again, byte for byte; whatever it refuses, it refuses with a sentence. */
#include "node/wire/wire.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void puts_the_same(const Message *message, const char *frame, size_t n)
{
	Buf again = BUF_INIT;

	wire_put(&again, message);
	require(again.length == n && memcmp(again.data, frame, n) == 0);
	buf_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data;
	Err err = { .number = 0 };
	Message message;
	long n;

	while ((n = wire_take(bytes, size, &message, &err)) > 0) {
		require((size_t)n <= size);
		require(strcmp(wire_name(message.type), "?") != 0);
		puts_the_same(&message, bytes, (size_t)n);
		bytes += n;
		size -= (size_t)n;
	}
	require(n == 0 || (err.number > 0 && err.text[0]));
	return 0;
}
