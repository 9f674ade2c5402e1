/* base64.c - RFC 4648, one direction. */
#include "node/ssh/base64.h"

void base64_add(Buf *text, const void *bytes, size_t n)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *b = bytes;

	for (size_t i = 0; i < n; i += 3) {
		unsigned word = (unsigned)b[i] << 16 | (i + 1 < n ? b[i + 1] : 0U) << 8 | (i + 2 < n ? b[i + 2] : 0U);

		buf_add_char(text, digits[word >> 18]);
		buf_add_char(text, digits[word >> 12 & 63]);
		buf_add_char(text, i + 1 < n ? digits[word >> 6 & 63] : '=');
		buf_add_char(text, i + 2 < n ? digits[word & 63] : '=');
	}
}
