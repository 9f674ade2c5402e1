/* err.h - an errno and the sentence that goes with it.
 *
 * Set where the failure happens, carried up unchanged, shown to the user by fs/. The text names the
 * thing, what was wrong with it and what was expected, without a trailing full stop. A function that
 * takes an Err returns 0 or a pointer when it did its work, -1 or NULL after filling the Err in. */
#ifndef STORE_BASE_ERR_H
#define STORE_BASE_ERR_H

#include <stddef.h>

typedef struct Err {
	int number;             /* an errno, > 0 */
	char text[320];         /* the sentence; control characters already made harmless */
	size_t at, length;      /* the offending word in the text that was refused, in bytes; length 0: none */
} Err;

/* Fill err in (NULL is allowed) and return -1, so that `return err_set(...)` reads as the refusal. */
int err_set(Err *err, int number, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* As err_set, and append ": " and strerror(number). */
int err_sys(Err *err, int number, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Point at the word that is wrong: length bytes from offset at of the refused text. Returns -1. */
int err_point(Err *err, size_t at, size_t length);

#endif
