/* listener_wire_fuzz.c - any bytes from the listening process: understood or refused, and never read beyond their end. */
#include "node/discovery/listener_wire.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *bytes = mem_copy(data, size);     /* at its end, for the sanitizer */
	size_t done = 0, sum = 0;
	Hearsay hearsay;
	long n;
	Err err;

	while ((n = hearsay_take(bytes + done, size - done, &hearsay, &err)) > 0) {
		done += (size_t)n;
		sum += strlen(hearsay.host) + strlen(hearsay.place) + strlen(hearsay.text);
		for (size_t i = 0; i < hearsay.txt_count; i++)
			for (size_t k = 0; k < hearsay.txt[i].length; k++)
				sum += (unsigned char)hearsay.txt[i].bytes[k];
	}
	free(bytes);
	return sum == 1 && size > 1 << 30 ? 1 : 0;
}
