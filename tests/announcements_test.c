/* announcements_test.c - many announcements, one proposal a machine; nothing harmful gets in. */
#include "node/discovery/announcements.h"

#include "store/base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define KEY_A "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define KEY_B "SHA256:BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"

enum { WULFS = true, SSH = false };

static int set_up(void **state)
{
	*state = proposals_new();
	return 0;
}

static int tear_down(void **state)
{
	proposals_free(*state);
	return 0;
}

static bool hear(Proposals *all, uint64_t source, bool wulfs, const char *host, unsigned port, const char *place)
{
	Announcement announcement = { .wulfs = wulfs, .host = host, .port = port, .place = place };

	return proposals_hear(all, source, &announcement);
}

static const Claims *claim(Proposals *all, const char *text, size_t n)
{
	TxtString string = { text, n };
	Announcement announcement = { .wulfs = true, .host = "pi.local", .port = 22, .place = "10.0.0.1", .txt = &string,
				      .txt_count = 1 };

	assert_true(proposals_hear(all, 1, &announcement));
	return &proposals_of(all, "pi.local")->claims;
}

static void a_machine_of_many_announcements_is_one(void **state)
{
	Proposals *all = *state;
	Proposal *pi;

	assert_true(hear(all, 1, SSH, "pi.local", 22, "fe80::1%eth0"));
	assert_true(hear(all, 2, WULFS, "Pi.Local", 2222, "fe80::1%eth0"));
	assert_true(hear(all, 3, WULFS, "pi.local", 2222, "fd00::1"));
	assert_true(hear(all, 4, WULFS, "pi.local", 2222, "169.254.3.4"));
	assert_true(hear(all, 5, WULFS, "PI.local", 2222, "10.0.0.1"));
	assert_true(hear(all, 6, WULFS, "pi.local", 2222, "10.0.0.1"));
	assert_int_equal(proposals_count(all), 1);
	pi = proposals_of(all, "pi.local");
	assert_true(pi->wulfs);
	assert_int_equal(pi->port, 2222);
	assert_string_equal(pi->places, "10.0.0.1 fd00::1 169.254.3.4 fe80::1%eth0");
}

static void it_goes_with_the_last_of_them(void **state)
{
	Proposals *all = *state;

	hear(all, 1, SSH, "pi.local", 22, "10.0.0.1");
	hear(all, 2, WULFS, "pi.local", 22, "10.0.0.1");
	proposals_unhear(all, 2);
	assert_false(proposals_of(all, "pi.local")->wulfs);
	proposals_unhear(all, 7);
	proposals_unhear(all, 1);
	proposals_unhear(all, 1);
	assert_int_equal(proposals_count(all), 0);
	assert_null(proposals_first(all));
}

static void only_what_is_new_is_a_change(void **state)
{
	Proposals *all = *state;

	assert_false(proposals_changed(all));
	hear(all, 1, SSH, "pi.local", 22, "10.0.0.1");
	assert_true(proposals_changed(all));
	hear(all, 1, SSH, "PI.local", 22, "10.0.0.1");
	assert_false(proposals_changed(all));
	hear(all, 1, SSH, "pi.local", 22, "10.0.0.2");
	assert_true(proposals_changed(all));
	assert_string_equal(proposals_of(all, "pi.local")->places, "10.0.0.2");
	hear(all, 1, SSH, "other.local", 22, "10.0.0.2");
	assert_null(proposals_of(all, "pi.local"));
	assert_false(hear(all, 1, SSH, "../x.local", 22, "10.0.0.2"));  /* it said something else before */
	assert_true(proposals_changed(all));
	assert_int_equal(proposals_count(all), 0);
}

static void names_and_places_that_are_none_are_refused(void **state)
{
	static const struct { const char *host; unsigned port; const char *place; } bad[] = {
		{ "", 22, "10.0.0.1" }, { ".local", 22, "10.0.0.1" }, { "local", 22, "10.0.0.1" }, { "pi", 22, "10.0.0.1" },
		{ "pi.example.com", 22, "10.0.0.1" }, { "a.pi.local", 22, "10.0.0.1" }, { "pi.local.", 22, "10.0.0.1" },
		{ "../x.local", 22, "10.0.0.1" }, { "a/b.local", 22, "10.0.0.1" }, { "a\nb.local", 22, "10.0.0.1" },
		{ "a b.local", 22, "10.0.0.1" }, { "-oProxyCommand=x.local", 22, "10.0.0.1" }, { "-a.local", 22, "10.0.0.1" },
		{ "$(x).local", 22, "10.0.0.1" }, { "\xc3\xa9.local", 22, "10.0.0.1" }, { "a\\032b.local", 22, "10.0.0.1" },
		{ "x123456789x123456789x123456789x123456789x123456789x123456789xxxx.local", 22, "10.0.0.1" },
		{ "pi.local", 0, "10.0.0.1" }, { "pi.local", 65536, "10.0.0.1" }, { "pi.local", 22, "" },
		{ "pi.local", 22, "pi" }, { "pi.local", 22, "10.0.0.1 10.0.0.2" }, { "pi.local", 22, "fe80::1%" },
		{ "pi.local", 22, "fe80::1%a/b" }, { "pi.local", 22, "fe80::1%eth0 -x" },
	};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (hear(*state, i, WULFS, bad[i].host, bad[i].port, bad[i].place))
			fail_msg("\"%s\" port %u at \"%s\" was taken", bad[i].host, bad[i].port, bad[i].place);
	assert_int_equal(proposals_count(*state), 0);
	assert_false(proposals_overflowed(*state));
	assert_true(hear(*state, 1, WULFS, "x123456789x123456789x123456789x123456789x123456789x123456789xxx.local", 65535,
			 "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff"));
}

#define TEXT(text) text, sizeof text - 1

static void claims_are_what_they_should_be_or_nothing(void **state)
{
	assert_int_equal(claim(*state, TEXT("cpus=8"))->cpus, 8);
	assert_int_equal(claim(*state, TEXT("CPUs=8"))->cpus, 8);
	assert_int_equal(claim(*state, TEXT("cpus=-1"))->cpus, 0);
	assert_int_equal(claim(*state, TEXT("cpus=99999999"))->cpus, 0);
	assert_int_equal(claim(*state, TEXT("cpus=8 "))->cpus, 0);
	assert_int_equal(claim(*state, TEXT("cpus=8\0009"))->cpus, 0);
	assert_int_equal(claim(*state, TEXT("cpus"))->cpus, 0);
	assert_int_equal(claim(*state, TEXT("="))->cpus, 0);
	assert_int_equal(claim(*state, "", 0)->cpus, 0);
	assert_true(claim(*state, TEXT("memory=8589934592"))->memory == 8589934592);
	assert_true(claim(*state, TEXT("memory=99999999999999999999999"))->memory == 0);
	assert_string_equal(claim(*state, TEXT("arch=x86_64"))->arch, "x86_64");
	assert_string_equal(claim(*state, TEXT("arch=\033[31m"))->arch, "");
	assert_string_equal(claim(*state, TEXT("arch=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"))->arch, "");
	assert_string_equal(claim(*state, TEXT("fingerprint=" KEY_A))->fingerprints, KEY_A);
	assert_string_equal(claim(*state, TEXT("fingerprint=" KEY_A "," KEY_B))->fingerprints, KEY_A "," KEY_B);
	assert_string_equal(claim(*state, TEXT("fingerprint=" KEY_A ","))->fingerprints, "");
	assert_string_equal(claim(*state, TEXT("fingerprint=" KEY_A "x"))->fingerprints, "");
	assert_string_equal(claim(*state, TEXT("fingerprint=MD5:aa:bb"))->fingerprints, "");
	assert_string_equal(claim(*state, TEXT("fingerprint=SHA256:..............................................."))->fingerprints, "");
}

static void there_is_a_ceiling(void **state)
{
	char host[32];

	for (unsigned i = 0; i < 10000; i++) {
		snprintf(host, sizeof host, "fake%u.local", i);
		assert_int_equal(hear(*state, i, i % 2, host, 22, "10.0.0.1"), i < PROPOSALS_MAX);
	}
	assert_int_equal(proposals_count(*state), PROPOSALS_MAX);
	assert_true(proposals_overflowed(*state));
	assert_false(proposals_overflowed(*state));
	proposals_unhear(*state, 0);
	assert_true(hear(*state, 10000, WULFS, "pi.local", 22, "10.0.0.1"));
	for (unsigned i = 0; i < 10000; i++)
		assert_int_equal(hear(*state, 20000 + i, WULFS, "pi.local", i + 1, "10.0.0.1"), i < SIGHTINGS_MAX - 1);
	assert_true(proposals_overflowed(*state));
}

static void a_place_is_a_whole_word(void **state)
{
	(void)state;
	assert_true(place_in("10.0.0.1 10.0.0.2", "10.0.0.2"));
	assert_false(place_in("10.0.0.12 110.0.0.1", "10.0.0.1"));
	assert_false(place_in("10.0.0.1", ""));
	assert_false(place_in("", "10.0.0.1"));
}

#define with_none(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_none(a_machine_of_many_announcements_is_one),
		with_none(it_goes_with_the_last_of_them),
		with_none(only_what_is_new_is_a_change),
		with_none(names_and_places_that_are_none_are_refused),
		with_none(claims_are_what_they_should_be_or_nothing),
		with_none(there_is_a_ceiling),
		with_none(a_place_is_a_whole_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
