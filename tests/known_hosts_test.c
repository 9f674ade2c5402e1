/* known_hosts_test.c - known_hosts lines: which host they mean, and what they say of a key. */
#include "node/ssh/known_hosts.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define A "AAAAC3NzaC1lZDI1NTE5AAAAIAtkgKZiuXvsHCA3t6O7r5WIDgFXE8DWr2+8nFDpiPLW"
#define B "AAAAC3NzaC1lZDI1NTE5AAAAIAtkgKZiuXvsHCA3t6O7r5WIDgFXE8DWr2+8nFDpiPLX"
#define RSA "AAAAB3NzaC1yc2EAAAADAQABAAAAAwEAAQ=="

static char directory[] = "/tmp/wulfs-hostkeys-XXXXXX", path[64], other[64];

static int set_up(void **state)
{
	(void)state;
	snprintf(path, sizeof path, "%s/known_hosts", directory);
	snprintf(other, sizeof other, "%s/other", directory);
	unlink(path);
	unlink(other);
	return 0;
}

static int make_directory(void **state)
{
	(void)state;
	return mkdtemp(directory) ? 0 : -1;
}

static int remove_directory(void **state)
{
	set_up(state);
	return rmdir(directory);
}

static void write_to(const char *file, const char *text)
{
	FILE *out = fopen(file, "w");

	assert_non_null(out);
	fputs(text, out);
	fclose(out);
}

static HostVerdict judge(const char *name, const char *key, Err *err)
{
	char *const paths[] = { other, path };
	HostKeys *keys = hostkeys_read(paths, 2, name);
	HostVerdict verdict = hostkeys_judge(keys, key, err);

	hostkeys_free(keys);
	return verdict;
}

static void lines_mean_the_hosts_they_name(void **state)
{
	static const struct { const char *line, *host; HostVerdict verdict; } cases[] = {
		{ "pi ssh-ed25519 " A "\n", "pi", HOST_KNOWN },
		{ "pi ssh-ed25519 " A " a comment here\n", "pi", HOST_KNOWN },
		{ "pi\tssh-ed25519\t" A "\r\n", "pi", HOST_KNOWN },
		{ "pi ssh-ed25519 " A, "pi", HOST_KNOWN },
		{ "  pi ssh-ed25519 " A "\n", "pi", HOST_KNOWN },
		{ "Pi ssh-ed25519 " A "\n", "pi", HOST_KNOWN },
		{ "pi,10.0.0.1 ssh-ed25519 " A "\n", "10.0.0.1", HOST_KNOWN },
		{ "*.local ssh-ed25519 " A "\n", "pi.local", HOST_KNOWN },
		{ "p? ssh-ed25519 " A "\n", "pi", HOST_KNOWN },
		{ "* ssh-ed25519 " A "\n", "anything", HOST_KNOWN },
		{ "*,!pi ssh-ed25519 " A "\n", "pi", HOST_UNKNOWN },
		{ "!pi,* ssh-ed25519 " A "\n", "pi", HOST_UNKNOWN },
		{ "!other,* ssh-ed25519 " A "\n", "pi", HOST_KNOWN },
		{ "!pi ssh-ed25519 " A "\n", "x", HOST_UNKNOWN },
		{ "[pi]:2222 ssh-ed25519 " A "\n", "[pi]:2222", HOST_KNOWN },
		{ "pi ssh-ed25519 " A "\n", "[pi]:2222", HOST_UNKNOWN },
		{ "[pi]:2222 ssh-ed25519 " A "\n", "pi", HOST_UNKNOWN },
		{ "pie ssh-ed25519 " A "\n", "pi", HOST_UNKNOWN },
		{ "#pi ssh-ed25519 " A "\n", "pi", HOST_UNKNOWN },
		{ "pi ssh-ed25519\n", "pi", HOST_UNKNOWN },
		{ "pi\n\n\n", "pi", HOST_UNKNOWN },
		{ "", "pi", HOST_UNKNOWN },
		{ "|1|x|y ssh-ed25519 " A "\n", "pi", HOST_UNKNOWN },
		{ "|1| ssh-ed25519 " A "\n", "pi", HOST_UNKNOWN },
		{ "|1||| ssh-ed25519 " A "\n", "pi", HOST_UNKNOWN },
		{ "pi ssh-ed25519 " B "\n", "pi", HOST_CHANGED },
		{ "pi ssh-rsa " RSA "\n", "pi", HOST_CHANGED },
		{ "pi ssh-ed25519 " B "\npi ssh-ed25519 " A "\n", "pi", HOST_KNOWN },
		{ "@revoked pi ssh-ed25519 " A "\n", "pi", HOST_REVOKED },
		{ "@revoked * ssh-ed25519 " A "\npi ssh-ed25519 " A "\n", "pi", HOST_REVOKED },
		{ "pi ssh-ed25519 " A "\n@revoked * ssh-ed25519 " A "\n", "pi", HOST_REVOKED },
		{ "@revoked * ssh-ed25519 " B "\npi ssh-ed25519 " A "\n", "pi", HOST_KNOWN },
		{ "@revoked * ssh-ed25519 " B "\n", "pi", HOST_UNKNOWN },
		{ "@revoked other ssh-ed25519 " A "\npi ssh-ed25519 " A "\n", "pi", HOST_KNOWN },
		{ "@cert-authority * ssh-ed25519 " A "\n", "pi", HOST_UNKNOWN },
		{ "@no-such-marker pi ssh-ed25519 " A "\n", "pi", HOST_UNKNOWN },
	};
	Err err;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		HostVerdict verdict;

		write_to(path, cases[i].line);
		verdict = judge(cases[i].host, A, &err);
		if (verdict != cases[i].verdict)
			fail_msg("%s: verdict %d for %s", cases[i].line, (int)verdict, cases[i].host);
	}
}

static void hashed_names_are_found(void **state)
{
	char command[256];
	Err err;

	(void)state;
	write_to(path, "[pi]:2222 ssh-ed25519 " A "\nzero ssh-ed25519 " B "\n");
	snprintf(command, sizeof command, "ssh-keygen -q -H -f %s >/dev/null 2>&1 && ! grep -q pi %s; rm -f %s.old", path, path, path);
	assert_int_equal(system(command), 0);
	assert_int_equal(judge("[pi]:2222", A, &err), HOST_KNOWN);
	assert_int_equal(judge("zero", A, &err), HOST_CHANGED);
	assert_int_equal(judge("pi", A, &err), HOST_UNKNOWN);
}

static void sentences_name_the_file_and_the_line(void **state)
{
	char wanted[96];
	Err err;

	(void)state;
	write_to(path, "# mine\npi ssh-rsa " RSA "\npi ssh-ed25519 " B "\n");
	judge("pi", A, &err);
	snprintf(wanted, sizeof wanted, "%s:3", path);
	assert_non_null(strstr(err.text, wanted));
	assert_non_null(strstr(err.text, "SHA256:"));
	write_to(other, "@revoked pi ssh-ed25519 " A "\n");
	judge("pi", A, &err);
	snprintf(wanted, sizeof wanted, "%s:1", other);
	assert_non_null(strstr(err.text, wanted));
}

static void assert_order(const HostKeys *keys, const char *allowed, const char *wanted)
{
	Buf order = BUF_INIT;
	Err err;
	int rc = hostkeys_prefer(keys, allowed, &order, &err);

	if (rc < 0)
		fail_msg("%s", err.text);
	assert_string_equal(order.data, wanted);
	buf_release(&order);
}

static void known_types_are_asked_for_first(void **state)
{
	char *const paths[] = { path };
	Buf order = BUF_INIT;
	HostKeys *keys;
	Err err;

	(void)state;
	write_to(path, "pi ssh-rsa " RSA "\n@revoked pi ssh-ed25519 " A "\n");
	keys = hostkeys_read(paths, 1, "pi");
	assert_order(keys, NULL, "rsa-sha2-512,rsa-sha2-256,ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,"
		     "ecdsa-sha2-nistp521");
	assert_order(keys, "ssh-ed25519,ssh-rsa,rsa-sha2-256", "rsa-sha2-256,ssh-rsa,ssh-ed25519");
	assert_int_equal(hostkeys_prefer(keys, "ssh-dss,ssh-ed25519-cert-v01@openssh.com", &order, &err), -1);
	assert_non_null(strstr(err.text, "HostKeyAlgorithms ssh-dss,"));
	hostkeys_free(keys);
	buf_release(&order);
}

static void names_have_their_port_in_brackets(void **state)
{
	Buf name = BUF_INIT;

	(void)state;
	hostkeys_name(&name, "Pi.Local", 22);
	assert_string_equal(name.data, "pi.local");
	buf_clear(&name);
	hostkeys_name(&name, "FE80::1", 2222);
	assert_string_equal(name.data, "[fe80::1]:2222");
	buf_release(&name);
}

static void an_added_line_is_there_once_and_private(void **state)
{
	char *const paths[] = { path };
	HostKeys *keys = hostkeys_read(paths, 1, "[pi]:2222");
	Buf line = BUF_INIT;
	struct stat st;
	Err err;

	(void)state;
	assert_int_equal(hostkeys_line(keys, A, &line), 0);
	assert_string_equal(line.data, "[pi]:2222 ssh-ed25519 " A);
	assert_int_equal(hostkeys_add(path, line.data, &err), 0);
	assert_int_equal(hostkeys_add(path, line.data, &err), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(st.st_size, line.length + 1);
	assert_int_equal(judge("[pi]:2222", A, &err), HOST_KNOWN);
	assert_int_equal(hostkeys_add("/nowhere/at/all", line.data, &err), -1);
	hostkeys_free(keys);
	buf_release(&line);
}

static void what_is_no_key_has_no_fingerprint(void **state)
{
	static const char *const bad[] = { "", "A", "AAAA", "!!!!", "AAAAC3NzaC1lZDI1NTE5AAAA*AtkgA==", "////", "AAAAAQ==" };
	char *const paths[] = { path };
	HostKeys *keys = hostkeys_read(paths, 1, "pi");
	Buf text = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(hostkeys_line(keys, bad[i], &text), -1);
	assert_int_equal(hostkeys_fingerprint("!!!!", &text), -1);
	hostkeys_free(keys);
	buf_release(&text);
}

static void a_pipe_is_not_waited_for(void **state)
{
	Err err;

	(void)state;
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(judge("pi", A, &err), HOST_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(lines_mean_the_hosts_they_name, set_up),
		cmocka_unit_test_setup(hashed_names_are_found, set_up),
		cmocka_unit_test_setup(sentences_name_the_file_and_the_line, set_up),
		cmocka_unit_test_setup(known_types_are_asked_for_first, set_up),
		cmocka_unit_test_setup(names_have_their_port_in_brackets, set_up),
		cmocka_unit_test_setup(an_added_line_is_there_once_and_private, set_up),
		cmocka_unit_test_setup(what_is_no_key_has_no_fingerprint, set_up),
		cmocka_unit_test_setup(a_pipe_is_not_waited_for, set_up),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
