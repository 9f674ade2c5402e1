/* parcel_fuzz.c - any bytes may come as a parcel. Whatever is in them, nothing but what is in the directory it is
 * unpacked into may come into being, no link in there may lead out, and a refusal has its sentence. */
#include "store/base/parcel.h"
#include "store/base/tree_remove.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct Bytes {
	const uint8_t *at;
	size_t left;
} Bytes;

static void require(bool holds)
{
	if (!holds)
		abort();
}

static int give(void *arg, void *to, size_t n, Err *err)
{
	Bytes *bytes = arg;

	if (n > bytes->left)
		return err_set(err, EPROTO, "it ends early");
	memcpy(to, bytes->at, n);
	bytes->at += n;
	bytes->left -= n;
	return 0;
}

static int ignore(void *arg, const void *bytes, size_t n, bool identity, Err *err)
{
	(void)arg, (void)bytes, (void)n, (void)identity, (void)err;
	return 0;
}

static void never(void *arg, const Err *why)
{
	(void)arg;
	/* Modes may keep us from reading; what came in as a link must be one we would send. */
	require(!strstr(why->text, "outside of what is sent"));
}

static int pack_again(void *arg, int directory, const char *name, Err *err)
{
	return packer_add(arg, directory, name, name, err);
}

static int expect_in(void *arg, int directory, const char *name, Err *err)
{
	(void)arg, (void)directory, (void)err;
	require(strcmp(name, "in") == 0);
	return 0;
}

static char place[64];

static void leave(void)
{
	rmdir(place);
}

/* A directory of our own, with the one to unpack into in it. */
static int workplace(void)
{
	static int top = -1;
	char path[] = "/tmp/wulfs-fuzz-XXXXXX";

	if (top < 0) {
		require(mkdtemp(path) != NULL);
		top = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		strcpy(place, path);
		atexit(leave);
	}
	return top;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Bytes bytes = { data, size };
	Packer packer = { .sink = { ignore, NULL }, .leave_out = never };
	int top = workplace(), in, before = open("/dev/null", O_RDONLY | O_CLOEXEC), after;
	Err err = { .number = 0 };

	close(before);
	require(mkdirat(top, "in", 0700) == 0);
	in = openat(top, "in", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	require(in >= 0);
	if (parcel_unpack((ParcelSource){ give, &bytes }, in, &err) < 0)
		require(err.number > 0 && err.text[0]);
	require(parcel_each_name(top, expect_in, NULL, NULL) == 0);
	require(packer_begin(&packer, NULL) == 0 && parcel_each_name(in, pack_again, &packer, NULL) == 0);
	packer_release(&packer);
	close(in);
	require(tree_remove(top, "in") == 0);
	after = open("/dev/null", O_RDONLY | O_CLOEXEC);
	require(after == before); /* no descriptor is left open */
	close(after);
	return 0;
}
