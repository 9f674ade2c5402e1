/* list.c - looking for a word in a list. */
#include "store/base/list.h"

#include <string.h>

bool list_has(const char *list, const char *separators, const char *word, size_t n)
{
	while (*list) {
		size_t length = strcspn(list, separators);

		if (length == n && memcmp(list, word, n) == 0)
			return true;
		list += length + (list[length] != '\0');
	}
	return false;
}
