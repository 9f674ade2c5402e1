/* list.h - lists of words in one text, as "a,b" or "10.0.0.1 fe80::1". */
#ifndef STORE_BASE_LIST_H
#define STORE_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

/* True if the word of n bytes is among those of list, which any of the separators part. */
bool list_has(const char *list, const char *separators, const char *word, size_t n);

#endif
