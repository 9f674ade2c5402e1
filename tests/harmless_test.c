/* harmless_test.c - what may be shown on a terminal, byte by byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "store/base/err.h"
#include "store/base/harmless.h"

static void text_is_made_harmless(void **state)
{
	static const char *const table[][2] = {
		{ "plain text, 100 %", "plain text, 100 %" },
		{ "h\303\251llo \344\270\226 \360\237\230\200", "h\303\251llo \344\270\226 \360\237\230\200" },
		{ "\033[31mred", "?[31mred" },
		{ "a\tb\nc\177d", "a?b?c?d" },
		{ "\233""31m", "?31m" },                          /* CSI, one byte */
		{ "\302\233""31m", "?31m" },                      /* CSI in UTF-8 */
		{ "\302\200\302\237", "??" },
		{ "\302\240", "\302\240" },                       /* a blank that does not break */
		{ "a\342\200\256b", "a?b" },                      /* right-to-left override */
		{ "\342\200\213\342\201\246\357\273\277", "???" },        /* zero width, isolate, byte order mark */
		{ "\342\200\250\342\200\251", "??" },
		{ "\363\240\201\201", "?" },                      /* a tag character */
		{ "\300\257 \355\240\200 \364\220\200\200", "?? ??? ????" },      /* overlong, surrogate, too large */
		{ "cut \342\200", "cut ??" },
		{ "\377\376", "??" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		char *text = strdup(table[i][0]);
		Buf out = BUF_INIT;

		harmless_add(&out, text, strlen(text));
		assert_string_equal(buf_text(&out), table[i][1]);
		harmless_text(text);
		assert_string_equal(text, table[i][1]);
		free(text);
		buf_release(&out);
	}
}

static void a_refusal_says_nothing_to_the_terminal(void **state)
{
	Err err;

	(void)state;
	err_set(&err, 1, "\"%s\" is none", "x\302\233""2J\342\200\256");
	assert_string_equal(err.text, "\"x?2J?\" is none");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_made_harmless),
		cmocka_unit_test(a_refusal_says_nothing_to_the_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
