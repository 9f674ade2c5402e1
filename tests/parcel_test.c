/* parcel_test.c - trees become bytes and trees again; and what a hostile parcel cannot do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/base/parcel.h"
#include "store/base/tree_remove.h"
#include "store/transfer.h"

typedef struct World {          /* a directory with from/ and to/ in it */
	char directory[64];
	int top, from, to;
	Buf parcel;             /* what was packed last */
	Buf identity;           /* that of it which counts */
	Buf complaints;
	size_t room;            /* bytes the sink takes; 0: any number */
	size_t given;           /* of parcel, while it is unpacked */
} World;

/* --- the world ------------------------------------------------------------------------------------ */

static int set_up(void **state)
{
	World *world = mem_new_zeroed(sizeof *world);

	strcpy(world->directory, "/tmp/wulfs-parcel-XXXXXX");
	if (!mkdtemp(world->directory))
		return -1;
	world->top = open(world->directory, O_RDONLY | O_DIRECTORY);
	mkdirat(world->top, "from", 0700);
	mkdirat(world->top, "to", 0700);
	world->from = openat(world->top, "from", O_RDONLY | O_DIRECTORY);
	world->to = openat(world->top, "to", O_RDONLY | O_DIRECTORY);
	*state = world;
	return world->from < 0 || world->to < 0 ? -1 : 0;
}

static int tear_down(void **state)
{
	World *world = *state;
	int rc = tree_remove(AT_FDCWD, world->directory);

	close(world->top);
	close(world->from);
	close(world->to);
	buf_release(&world->parcel);
	buf_release(&world->identity);
	buf_release(&world->complaints);
	free(world);
	return rc;
}

#define world_test(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

static void make_file(int at, const char *path, const char *text, size_t n, mode_t mode)
{
	int fd = openat(at, path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, n), n);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void make(int at, const char *path, const char *text)
{
	make_file(at, path, text, strlen(text), 0644);
}

static void assert_holds(int at, const char *path, const char *text)
{
	char found[256] = "";
	int fd = openat(at, path, O_RDONLY | O_NOFOLLOW);

	if (fd < 0)
		fail_msg("%s: %s", path, strerror(errno));
	assert_true(read(fd, found, sizeof found - 1) >= 0);
	close(fd);
	assert_string_equal(found, text);
}

static bool exists(int at, const char *path)
{
	struct stat st;

	return fstatat(at, path, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static mode_t mode_of(int at, const char *path)
{
	struct stat st;

	assert_int_equal(fstatat(at, path, &st, AT_SYMLINK_NOFOLLOW), 0);
	return st.st_mode & 07777;
}

static int take(void *arg, const void *bytes, size_t n, bool identity, Err *err)
{
	World *world = arg;

	if (world->room && world->parcel.length + n > world->room)
		return err_set(err, ENOSPC, "no room");
	buf_add(&world->parcel, bytes, n);
	if (identity)
		buf_add(&world->identity, bytes, n);
	return 0;
}

static int give(void *arg, void *to, size_t n, Err *err)
{
	World *world = arg;

	if (n > world->parcel.length - world->given)
		return err_set(err, EPROTO, "it ends early");
	memcpy(to, world->parcel.data + world->given, n);
	world->given += n;
	return 0;
}

static void complain(void *arg, const Err *why)
{
	buf_addf(&((World *)arg)->complaints, "%s\n", why->text);
}

static int pack_by(World *world, Packer *packer, const char *name, Err *err)
{
	int rc;

	buf_clear(&world->parcel);
	buf_clear(&world->identity);
	rc = packer_begin(packer, err) < 0 || packer_add(packer, world->from, name, name, err) < 0 ||
	     packer_end(packer, err) < 0 ? -1 : 0;
	packer_release(packer);
	return rc;
}

static int pack(World *world, const char *name, Err *err)
{
	Packer packer = { .sink = { take, world }, .top = 1 };

	return pack_by(world, &packer, name, err);
}

static int unpack(World *world, Err *err)
{
	world->given = 0;
	return parcel_unpack((ParcelSource){ give, world }, world->to, err);
}

static void pack_and_unpack(World *world, const char *name)
{
	Err err = { 0 };

	if (pack(world, name, &err) < 0 || unpack(world, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(world->given, world->parcel.length);
}

static void assert_not_packed(World *world, const char *name, const char *sentence)
{
	Err err = { 0 };

	assert_int_equal(pack(world, name, &err), -1);
	assert_string_equal(err.text, sentence);
}

/* --- there and back ------------------------------------------------------------------------------- */

static void names_are_bytes(void **state)
{
	static const char *const names[] = { " ", "a b", "new\nline", "\377\376\001", "-rf", "'\"\\", "...", ".hidden" };
	World *world = *state;
	char path[64];

	mkdirat(world->from, "d", 0755);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		snprintf(path, sizeof path, "d/%s", names[i]);
		make(world->from, path, names[i]);
	}
	pack_and_unpack(world, "d");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		snprintf(path, sizeof path, "d/%s", names[i]);
		assert_holds(world->to, path, names[i]);
	}
}

static void modes_and_times_are_kept(void **state)
{
	World *world = *state;
	const struct timespec times[2] = { { 0, UTIME_NOW }, { 981173106, 789000001 } };
	struct stat st;

	mkdirat(world->from, "d", 0755);
	mkdirat(world->from, "d/closed", 0755);
	make_file(world->from, "d/closed/tool", "#!\n", 3, 0751);
	make_file(world->from, "d/secret", "x", 1, 0400);
	make_file(world->from, "d/setuid", "x", 1, 04755);
	utimensat(world->from, "d/secret", times, 0);
	fchmodat(world->from, "d/closed", 0555, 0);
	utimensat(world->from, "d/closed", times, 0);
	pack_and_unpack(world, "d");
	assert_int_equal(mode_of(world->to, "d/closed"), 0555);
	assert_int_equal(mode_of(world->to, "d/closed/tool"), 0751);
	assert_int_equal(mode_of(world->to, "d/secret"), 0400);
	assert_int_equal(mode_of(world->to, "d/setuid"), 0755);
	fstatat(world->to, "d/secret", &st, 0);
	assert_int_equal(st.st_mtim.tv_sec, 981173106);
	assert_int_equal(st.st_mtim.tv_nsec, 789000001);
	fstatat(world->to, "d/closed", &st, 0);
	assert_int_equal(st.st_mtim.tv_sec, 981173106);
}

static void large_and_empty_files_are_whole(void **state)
{
	static char large[3 * PARCEL_PIECE + 7], found[sizeof large + 1];
	World *world = *state;
	int fd;

	for (size_t i = 0; i < sizeof large; i++)
		large[i] = (char)(i * 7 + i / 251);
	mkdirat(world->from, "d", 0755);
	make_file(world->from, "d/large", large, sizeof large, 0644);
	make(world->from, "d/empty", "");
	pack_and_unpack(world, "d");
	fd = openat(world->to, "d/large", O_RDONLY);
	assert_int_equal(read(fd, found, sizeof found), sizeof large);
	close(fd);
	assert_memory_equal(found, large, sizeof large);
	assert_holds(world->to, "d/empty", "");
}

static void links_inside_are_kept(void **state)
{
	World *world = *state;
	char target[64] = "";

	mkdirat(world->from, "d", 0755);
	mkdirat(world->from, "d/sub", 0755);
	make(world->from, "d/file", "x");
	symlinkat("file", world->from, "d/beside");
	symlinkat("../file", world->from, "d/sub/up");
	symlinkat("sub/up", world->from, "d/through");
	symlinkat("gone", world->from, "d/dangling");
	pack_and_unpack(world, "d");
	assert_true(readlinkat(world->to, "d/sub/up", target, sizeof target) > 0);
	assert_string_equal(target, "../file");
	assert_true(exists(world->to, "d/through") && exists(world->to, "d/dangling") && exists(world->to, "d/beside"));
}

static void a_file_alone_can_be_packed(void **state)
{
	World *world = *state;

	make(world->from, "f", "alone");
	pack_and_unpack(world, "f");
	assert_holds(world->to, "f", "alone");
	make(world->from, "f", "again");
	pack_and_unpack(world, "f");
	assert_holds(world->to, "f", "again");
}

static void times_are_no_part_of_the_identity(void **state)
{
	World *world = *state;
	const struct timespec times[2] = { { 0, UTIME_NOW }, { 5, 0 } };
	Buf first = BUF_INIT;
	Err err;

	mkdirat(world->from, "d", 0755);
	make(world->from, "d/f", "x");
	assert_int_equal(pack(world, "d", &err), 0);
	buf_add(&first, world->identity.data, world->identity.length);
	utimensat(world->from, "d/f", times, 0);
	assert_int_equal(pack(world, "d", &err), 0);
	assert_int_equal(world->identity.length, first.length);
	assert_memory_equal(world->identity.data, first.data, first.length);
	fchmodat(world->from, "d/f", 0600, 0);
	assert_int_equal(pack(world, "d", &err), 0);
	assert_memory_not_equal(world->identity.data, first.data, first.length);
	buf_release(&first);
}

static void a_survey_tells_of_every_change(void **state)
{
	World *world = *state;
	Buf before = BUF_INIT;
	Err err;

	mkdirat(world->from, "d", 0755);
	make(world->from, "d/f", "same");
	for (int i = 0; i < 3; i++) {
		Packer packer = { .sink = { take, world }, .top = 1, .survey = true };
		struct timespec later[2] = { { 0, UTIME_OMIT }, { 100 + i, 0 } };

		if (i > 0)
			utimensat(world->from, "d/f", later, 0);        /* as a write of as many bytes would */
		assert_int_equal(pack_by(world, &packer, "d", &err), 0);
		assert_true(packer.newest > 0);
		assert_false(world->identity.length == before.length &&
			     memcmp(world->identity.data, before.data, before.length) == 0);
		buf_clear(&before);
		buf_add(&before, world->identity.data, world->identity.length);
	}
	buf_release(&before);
}

/* --- what is not packed --------------------------------------------------------------------------- */

static void links_that_lead_out_are_not_packed(void **state)
{
	static const struct { const char *path, *target; } rows[] = {
		{ "d/l", "/etc/passwd" }, { "d/l", ".." }, { "d/l", "../x" }, { "d/sub/l", "../.." },
		{ "d/sub/l", "../../d/file" }, { "d/l", "sub/../../x" }, { "d/l", "y/y/../.." }, { "d/l", "./../x" },
	};
	World *world = *state;
	char sentence[200];

	mkdirat(world->from, "d", 0755);
	mkdirat(world->from, "d/sub", 0755);
	symlinkat(".", world->from, "d/y");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_int_equal(symlinkat(rows[i].target, world->from, rows[i].path), 0);
		snprintf(sentence, sizeof sentence, "%s: is a link to %s, outside of what is sent", rows[i].path, rows[i].target);
		assert_not_packed(world, "d", sentence);
		unlinkat(world->from, rows[i].path, 0);
	}
	pack_and_unpack(world, "d");
}

static void what_is_no_file_is_not_packed(void **state)
{
	World *world = *state;

	mkdirat(world->from, "d", 0755);
	mkfifoat(world->from, "d/fifo", 0644);
	assert_not_packed(world, "d", "d/fifo: is neither a file, a directory nor a link");
	assert_not_packed(world, "nothing", "nothing: No such file or directory");
}

static void what_cannot_be_packed_can_be_left_out(void **state)
{
	World *world = *state;
	Packer packer = { .sink = { take, world }, .leave_out = complain };
	Err err;

	mkdirat(world->from, "d", 0755);
	make(world->from, "d/good", "x");
	mkfifoat(world->from, "d/fifo", 0644);
	symlinkat("/etc/passwd", world->from, "d/out");
	assert_int_equal(pack_by(world, &packer, "d", &err), 0);
	assert_int_equal(unpack(world, &err), 0);
	assert_true(exists(world->to, "d/good"));
	assert_false(exists(world->to, "d/fifo") || exists(world->to, "d/out"));
	assert_string_equal(world->complaints.data, "d/fifo: is neither a file, a directory nor a link\n"
			    "d/out: is a link to /etc/passwd, outside of what is sent\n");
}

static void a_full_disk_ends_the_packing(void **state)
{
	World *world = *state;
	Packer packer = { .sink = { take, world }, .leave_out = complain };
	Err err;

	make(world->from, "f", "some text");
	world->room = 30;
	assert_int_equal(pack_by(world, &packer, "f", &err), -1);
	assert_int_equal(err.number, ENOSPC);
	assert_int_equal(world->complaints.length, 0);
}

static void directories_too_deep_are_not_packed(void **state)
{
	World *world = *state;
	char path[2 * (PARCEL_DEPTH_MAX + 2)] = "d";
	Err err;

	mkdirat(world->from, "d", 0755);
	for (int i = 0; i < PARCEL_DEPTH_MAX; i++) {
		strcat(path, "/d");
		mkdirat(world->from, path, 0755);
	}
	assert_int_equal(pack(world, "d", &err), -1);
	assert_int_equal(err.number, ENAMETOOLONG);
	assert_int_equal(unlinkat(world->from, path, AT_REMOVEDIR), 0);
	pack_and_unpack(world, "d");
}

/* --- hostile parcels ------------------------------------------------------------------------------ */

static void put_number(Buf *parcel, uint64_t value, int bytes)
{
	for (int i = 0; i < bytes; i++)
		buf_add_char(parcel, (char)(value >> (8 * i)));
}

static void put_entry(Buf *parcel, ParcelKind kind, const char *path)
{
	put_number(parcel, kind, 1);
	put_number(parcel, strlen(path), 4);
	buf_add_text(parcel, path);
	if (kind == PARCEL_FILE) {
		put_number(parcel, 0644, 4);
		put_number(parcel, 0, 8);
		put_number(parcel, 4, 4);
		buf_add_text(parcel, "evil");
		put_number(parcel, 0, 4);
	}
	if (kind == PARCEL_DIRECTORY_END) {
		put_number(parcel, 0777, 4);
		put_number(parcel, 0, 8);
	}
}

static void put_link(Buf *parcel, const char *path, const char *target)
{
	put_entry(parcel, PARCEL_LINK, path);
	put_number(parcel, strlen(target), 4);
	buf_add_text(parcel, target);
}

static void begin(World *world)
{
	buf_clear(&world->parcel);
	buf_add_text(&world->parcel, PARCEL_MAGIC);
}

static void assert_refused(World *world, int number)
{
	Err err = { 0 };

	put_number(&world->parcel, PARCEL_END, 1);
	assert_int_equal(unpack(world, &err), -1);
	assert_int_equal(err.number, number);
	assert_false(exists(world->top, "x") || exists(world->top, "to/../evil"));
	assert_holds(world->top, "from/victim", "whole");
}

static void paths_that_lead_out_are_not_unpacked(void **state)
{
	static const char *const paths[] = { "../x", "/tmp/x", "a/../../x", ".", "..", "a//x", "a/", "/", "./x", "a/./x", "" };
	World *world = *state;

	make(world->from, "victim", "whole");
	mkdirat(world->to, "a", 0700);
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		for (ParcelKind kind = PARCEL_DIRECTORY; kind < PARCEL_LINK; kind++) {
			begin(world);
			put_entry(&world->parcel, kind, paths[i]);
			assert_refused(world, EPROTO);
		}
}

static void nothing_is_written_through_a_link(void **state)
{
	World *world = *state;

	make(world->from, "victim", "whole");
	/* Such links are not unpacked; these were there before. */
	symlinkat("../from", world->to, "way");
	symlinkat("../from/victim", world->to, "file");
	begin(world);
	put_entry(&world->parcel, PARCEL_FILE, "way/x");
	assert_refused(world, ENOTDIR);
	begin(world);
	put_entry(&world->parcel, PARCEL_DIRECTORY, "way");
	assert_refused(world, EEXIST);
	begin(world);
	put_entry(&world->parcel, PARCEL_DIRECTORY_END, "way");
	assert_refused(world, ENOTDIR);
	begin(world);
	put_entry(&world->parcel, PARCEL_FILE, "file");
	put_entry(&world->parcel, PARCEL_DIRECTORY_END, "file");
	assert_refused(world, ENOTDIR);
	assert_holds(world->to, "file", "evil");        /* in the link's place, not behind it */
}

static void links_that_lead_out_are_not_unpacked(void **state)
{
	static const char *const targets[] = { "/etc", "..", "../x", "a/../../x", "../../", "a/..", "" };
	World *world = *state;

	make(world->from, "victim", "whole");
	for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
		begin(world);
		put_link(&world->parcel, "l", targets[i]);
		assert_refused(world, EPROTO);
		assert_false(exists(world->to, "l"));
	}
}

/* It would be one step deeper than its path says. */
static void a_link_does_not_count_as_a_directory(void **state)
{
	World *world = *state;

	make(world->from, "victim", "whole");
	begin(world);
	put_link(&world->parcel, "here", ".");
	put_link(&world->parcel, "here/l", "..");
	assert_refused(world, ENOTDIR);
}

static void what_is_cut_off_is_not_whole(void **state)
{
	World *world = *state;
	Err err;

	mkdirat(world->from, "d", 0755);
	make(world->from, "d/f", "text");
	symlinkat("f", world->from, "d/l");
	assert_int_equal(pack(world, "d", &err), 0);
	for (size_t length = world->parcel.length; length-- > 0;) {
		world->parcel.length = length;
		assert_int_equal(unpack(world, &err), -1);
		assert_int_equal(err.number, EPROTO);
	}
}

static void numbers_out_of_bounds_are_refused(void **state)
{
	World *world = *state;

	make(world->from, "victim", "whole");
	begin(world);
	put_number(&world->parcel, PARCEL_KINDS, 1);
	assert_refused(world, EPROTO);
	begin(world);
	put_number(&world->parcel, PARCEL_FILE, 1);
	put_number(&world->parcel, 0xffffffff, 4);
	assert_refused(world, EPROTO);
	begin(world);
	put_entry(&world->parcel, PARCEL_FILE, "f");
	world->parcel.length -= 4 + 4 + 4;
	put_number(&world->parcel, PARCEL_PIECE + 1, 4);
	assert_refused(world, EPROTO);
	buf_clear(&world->parcel);
	buf_add_text(&world->parcel, "no parcel at all");
	assert_refused(world, EPROTO);
}

/* --- what --transfer names ------------------------------------------------------------------------ */

static int check(World *world, const char *paths, bool has_directory, Err *err)
{
	char line[300], directory[100];
	Buf inside = BUF_INIT;
	TransferWatch watch;
	Spec *spec;
	int rc;

	snprintf(directory, sizeof directory, "%s/from", world->directory);
	snprintf(line, sizeof line, "--transfer=%s true", paths);
	transfer_watch_init(&watch);
	spec = spec_parse(line, strlen(line), err);
	if (!spec)
		fail_msg("%s", err->text);
	rc = transfer_check(spec, has_directory ? directory : NULL, &watch, &inside, err);
	if (rc == 0 && inside.length)
		rc = transfer_can_give(inside.data, err);
	buf_release(&inside);
	transfer_watch_release(&watch);
	spec_free(spec);
	return rc;
}

static void assert_transfer_refused(World *world, const char *paths, const char *words)
{
	Err err = { 0 };

	assert_int_equal(check(world, paths, true, &err), -1);
	if (!strstr(err.text, words))
		fail_msg("%s", err.text);
}

static void what_is_transferred_is_looked_at_first(void **state)
{
	World *world = *state;
	Err err;
	char path[100];

	mkdirat(world->from, "d", 0755);
	make(world->from, "d/f", "x");
	make(world->from, "f", "x");
	symlinkat("d", world->from, "inside");
	symlinkat("/etc/passwd", world->from, "outside");
	symlinkat("../to", world->from, "beside");
	mkfifoat(world->from, "fifo", 0644);
	assert_int_equal(check(world, "f,d,inside,d/f", true, &err), 0);
	assert_int_equal(check(world, "inside/f", true, &err), 0);
	assert_transfer_refused(world, "f,missing", "/from/missing: No such file or directory");
	assert_transfer_refused(world, "outside", "/from/outside: is a link that leads out of its directory, to /etc/passwd");
	assert_transfer_refused(world, "beside", "/from/beside: is a link that leads out of its directory");
	assert_transfer_refused(world, "beside/x", "/from/beside/x: No such file");
	assert_transfer_refused(world, "fifo", "--transfer: fifo: is neither");
	snprintf(path, sizeof path, "f,%s/from/f", world->directory);
	assert_transfer_refused(world, path, "two of the paths would be f on the node");
	symlinkat("/etc/passwd", world->from, "d/out");
	assert_transfer_refused(world, "d", "--transfer: d/out: is a link to /etc/passwd, outside of what is sent");
	assert_int_equal(check(world, "f", false, &err), -1);
	assert_non_null(strstr(err.text, "write an absolute path"));
}

static void a_tree_too_large_to_look_at_is_accepted(void **state)
{
	World *world = *state;
	char path[64];
	Err err;

	mkdirat(world->from, "d", 0755);
	for (int i = 0; i < 2 * TRANSFER_LOOK_MAX; i++) {
		snprintf(path, sizeof path, "d/%d", i);
		make(world->from, path, "");
	}
	assert_int_equal(check(world, "d", true, &err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		world_test(names_are_bytes),
		world_test(modes_and_times_are_kept),
		world_test(large_and_empty_files_are_whole),
		world_test(links_inside_are_kept),
		world_test(a_file_alone_can_be_packed),
		world_test(times_are_no_part_of_the_identity),
		world_test(a_survey_tells_of_every_change),
		world_test(links_that_lead_out_are_not_packed),
		world_test(what_is_no_file_is_not_packed),
		world_test(what_cannot_be_packed_can_be_left_out),
		world_test(a_full_disk_ends_the_packing),
		world_test(directories_too_deep_are_not_packed),
		world_test(paths_that_lead_out_are_not_unpacked),
		world_test(nothing_is_written_through_a_link),
		world_test(links_that_lead_out_are_not_unpacked),
		world_test(a_link_does_not_count_as_a_directory),
		world_test(what_is_cut_off_is_not_whole),
		world_test(numbers_out_of_bounds_are_refused),
		world_test(what_is_transferred_is_looked_at_first),
		world_test(a_tree_too_large_to_look_at_is_accepted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
