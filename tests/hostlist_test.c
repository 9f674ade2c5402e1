/* hostlist_test.c - lists of nodes, written out; "" is a list that is refused. */
#include "store/hostlist.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *list, *names;
} rows[] = {
	{ "a", "a " },
	{ "a,b", "a b " },
	{ "a,,b,", "a b " },
	{ "g[010-012,7]", "g010 g011 g012 g7 " },
	{ "g[9-11]", "g9 g10 g11 " },
	{ "g[09-11]", "g09 g10 g11 " },
	{ "g[000]", "g000 " },
	{ "[1-2]", "1 2 " },
	{ "g[1-2]x", "g1x g2x " },
	{ "r[1-2]n[08-09],x", "r1n08 r1n09 r2n08 r2n09 x " },
	{ "pi@lab[1-2]:2222", "pi@lab1:2222 pi@lab2:2222 " },
	{ "root@127.0.0.1:2410[1-3],local", "root@127.0.0.1:24101 root@127.0.0.1:24102 root@127.0.0.1:24103 local " },
	{ "[fe80::1]:22,[::1]", "[fe80::1]:22 [::1] " },
	{ "pi@[fe80::[1-2]", "" },
	{ "pi@[fe80::1%eth0]:220[1-2]", "pi@[fe80::1%eth0]:2201 pi@[fe80::1%eth0]:2202 " },
	{ "g[1-1]", "g1 " },
	{ "g[1,1]", "g1 g1 " },
	{ "g[999999999]", "g999999999 " },
	{ "g[1-4096]", NULL },
	{ "", "" },
	{ ",", "" },
	{ "g[", "" },
	{ "g[1-2", "" },
	{ "g]", "" },
	{ "g[1]]", "" },
	{ "g[[1]]", "" },
	{ "g[]", "" },
	{ "g[1,]", "" },
	{ "g[,1]", "" },
	{ "g[1-]", "" },
	{ "g[-1]", "" },
	{ "g[1-2-3]", "" },
	{ "g[a-c]", "" },
	{ "g[1-x]", "" },
	{ "g[ 1]", "" },
	{ "g[19-10]", "" },
	{ "g[1234567890]", "" },
	{ "g[1-1234567890]", "" },
	{ "g[1-4097]", "" },
	{ "a,g[1-4096]", "" },
	{ "g[0-99][0-99]", "" },
	{ "g[1-999999999]", "" },
	{ "[1][1][1][1][1][1][1][1]", "11111111 " },
	{ "[1][1][1][1][1][1][1][1][1]", "" },
};

static void a_list_is_written_out(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		Buf names = BUF_INIT;
		Err err = { 0 };

		buf_add_text(&names, "before ");
		if ((hostlist_expand(rows[i].list, &names, &err) == 0) != (!rows[i].names || rows[i].names[0]))
			fail_msg("%s: %s", rows[i].list, err.text);
		assert_int_equal(err.number != 0, rows[i].names && !rows[i].names[0]);
		for (size_t at = 0; at < names.length; at++)
			if (!names.data[at])
				names.data[at] = ' ';
		if (rows[i].names)
			assert_string_equal(buf_text(&names) + strlen("before "), rows[i].names);
		else
			assert_string_equal(buf_text(&names) + names.length - 6, "g4096 ");
		buf_release(&names);
	}
}

static void long_names_are_bounded_together(void **state)
{
	Buf list = BUF_INIT, names = BUF_INIT;
	Err err;

	(void)state;
	for (int i = 0; i < 30 * 1024; i++)
		buf_add_char(&list, 'x');
	buf_add_text(&list, "[1-4000]");
	assert_int_equal(hostlist_expand(buf_text(&list), &names, &err), -1);
	assert_int_equal(names.length, 0);
	buf_release(&list);
	buf_release(&names);
}

static void a_name_stands_for_itself(void **state)
{
	(void)state;
	assert_true(hostlist_is_name("pi@lab4:2222"));
	assert_true(hostlist_is_name("pi@[fe80::1]:2222"));
	assert_false(hostlist_is_name("g[1-2]"));
	assert_false(hostlist_is_name("g[1]"));
	assert_false(hostlist_is_name("a,b"));
	assert_false(hostlist_is_name("a,"));
	assert_false(hostlist_is_name("g["));
	assert_false(hostlist_is_name(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_is_written_out),
		cmocka_unit_test(long_names_are_bounded_together),
		cmocka_unit_test(a_name_stands_for_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
