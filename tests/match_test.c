/* match_test.c - which nodes a job may run on: --nodelist, --exclude, --constraint. */
#include "node/match.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static const struct {
	const char *options, *node, *features;
	bool fits;
} cases[] = {
	{ "", "a", "", true },
	{ "-w a", "a", "", true },
	{ "-w b,a", "a", "", true },
	{ "--nodelist=ab", "a", "", false },
	{ "-w user@pi:2222", "user@pi:2222", "", true },
	{ "-x a", "a", "", false },
	{ "--exclude=b,c", "a", "", true },
	{ "-w a -x a", "a", "", false },
	{ "-w 'g[010-019,7]'", "g013", "", true },
	{ "-w 'g[010-019,7]'", "g7", "", true },
	{ "-w 'g[010-019,7]'", "g13", "", false },
	{ "-x 'root@H:2410[1-3],local'", "root@H:24101", "", false },
	{ "-x 'root@H:2410[1-3],local'", "root@H:24104", "", true },
	{ "-w a,,b,", "b", "", true },
	{ "-C big", "a", "big", true },
	{ "-C big", "a", "bigger,small", false },
	{ "-C big", "a", "", false },
	{ "--constraint='big&fast'", "a", "fast,big", true },
	{ "--constraint=big,fast", "a", "big", false },
	{ "--constraint='big|fast'", "a", "fast", true },
	{ "--constraint='big&x|fast'", "a", "big,fast", true },
	{ "--constraint='big&x|slow'", "a", "big,fast", false },
};

static void a_job_fits_the_nodes_it_asks_for(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		Node node = { .name = (char *)cases[i].node, .features = (char *)cases[i].features };
		char line[160];
		Spec *spec;
		Err err;

		snprintf(line, sizeof line, "%s true", cases[i].options);
		spec = spec_parse(line, strlen(line), &err);
		if (!spec)
			fail_msg("%s: %s", line, err.text);
		if (match_node(&node, spec) != cases[i].fits)
			fail_msg("%s on node %s with features \"%s\"", line, cases[i].node, cases[i].features);
		assert_int_equal(match_is_choosy(spec), cases[i].options[0] != '\0');
		spec_free(spec);
	}
}

static void a_list_that_is_none_is_refused(void **state)
{
	static const char *const lines[] = { "-w , true", "-x 'g[1-' true", "-x 'g[3-1]' true", "-x 'g[a]' true", "-x ./bad true", "-w '' true", "-C '[a|b]' true", "-C '' true" };
	Err err;

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		assert_null(spec_parse(lines[i], strlen(lines[i]), &err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_job_fits_the_nodes_it_asks_for),
		cmocka_unit_test(a_list_that_is_none_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
