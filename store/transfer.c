/* transfer.c - from --transfer's paths to what lies there. */
#include "transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- the list ------------------------------------------------------------------------------------- */

static char *join(const char *directory, const char *name)
{
	Buf path = BUF_INIT;

	buf_addf(&path, "%s/%s", strcmp(directory, "/") == 0 ? "" : directory, name);
	return buf_take(&path);
}

bool transfer_next(const Spec *spec, const char *directory, size_t *at, TransferPath *path)
{
	const char *text = spec->transfer + *at, *slash;

	if (!spec->transfer || *at >= spec->transfer_length)
		return false;
	*at += strlen(text) + 1;
	slash = strrchr(text, '/');
	if (text[0] == '/')
		*path = (TransferPath){ mem_copy_text(text), mem_copy(text, slash == text ? 1 : (size_t)(slash - text)),
					mem_copy_text(slash + 1) };
	else
		*path = (TransferPath){ directory ? join(directory, text) : NULL,
					directory ? mem_copy_text(directory) : NULL, mem_copy_text(text) };
	return true;
}

void transfer_path_release(TransferPath *path)
{
	free(path->source);
	free(path->base);
	free(path->name);
}

/* --- where it leads ------------------------------------------------------------------------------- */

static bool is_in(const char *path, const char *top)
{
	size_t n = strcmp(top, "/") == 0 ? 0 : strlen(top);

	return strncmp(path, top, n) == 0 && (path[n] == '/' || !path[n]);
}

/* The real path, the caller's to free. NULL: it is not there, or is somewhere else. */
static char *resolve(const TransferPath *path, Err *err)
{
	char *real = path->source ? realpath(path->source, NULL) : NULL, *base = real ? realpath(path->base, NULL) : NULL;

	if (!path->source)
		err_set(err, EINVAL, "--transfer: %.200s: it is not known where this was written from (a directory in the "
			"mount?); write an absolute path", path->name);
	else if (!real || !base)
		err_sys(err, errno, "--transfer: %.200s", path->source);
	else if (!is_in(real, base))
		err_set(err, EINVAL, "--transfer: %.100s: is a link that leads out of its directory, to %.100s; name that itself",
			path->source, real);
	if (real && base && is_in(real, base)) {
		free(base);
		return real;
	}
	free(real);
	free(base);
	return NULL;
}

/* --- packing -------------------------------------------------------------------------------------- */

static unsigned count_names(const char *name)
{
	unsigned n = 1;

	if (strcmp(name, ".") == 0)
		return 0;
	for (; *name; name++)
		n += *name == '/';
	return n;
}

static int pack_child(void *arg, int directory, const char *name, Err *err)
{
	return packer_add(arg, directory, name, name, err);
}

static int pack_real(Packer *packer, const char *real, const char *name, Err *err)
{
	const char *slash = strrchr(real, '/');
	bool all = strcmp(name, ".") == 0;
	char *parent = all ? mem_copy_text(real) : mem_copy(real, slash == real ? 1 : (size_t)(slash - real));
	int fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc;

	if (fd < 0)
		rc = err_sys(err, errno, "%.200s", parent);
	else
		rc = all ? parcel_each_name(fd, pack_child, packer, err) : packer_add(packer, fd, slash + 1, name, err);
	if (fd >= 0)
		close(fd);
	free(parent);
	return rc;
}

static int leave(Packer *packer, const char *base, const char *name, Err *err)
{
	char *path = join(base, name);
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = fd < 0 ? err_sys(err, errno, "%.200s", path) : packer_leave(packer, fd, name, err);

	if (fd >= 0)
		close(fd);
	free(path);
	return rc;
}

/* Into the directories that stand before the last name, which need not be what is sent themselves. */
static int pack_from(Packer *packer, const TransferPath *path, const char *real, size_t at, Err *err)
{
	const char *slash = strchr(path->name + at, '/');
	char *directory;
	int rc;

	if (!slash)
		return pack_real(packer, real, path->name, err);
	directory = mem_copy(path->name, (size_t)(slash - path->name));
	rc = packer_enter(packer, directory, err);
	if (rc == 0)
		rc = pack_from(packer, path, real, (size_t)(slash - path->name) + 1, err);
	if (rc == 0)
		rc = leave(packer, path->base, directory, err);
	free(directory);
	return rc;
}

int transfer_pack(const TransferPath *path, ParcelSink sink, bool survey, int64_t *newest, Err *err)
{
	Packer packer = { .sink = sink, .survey = survey, .top = count_names(path->name) };
	char *real = resolve(path, err);
	Err why;
	int rc = -1;

	if (!real)
		return -1;
	if (packer_begin(&packer, &why) == 0 && pack_from(&packer, path, real, 0, &why) == 0 &&
	    packer_end(&packer, &why) == 0)
		rc = 0;
	else
		err_set(err, why.number, "--transfer: %s", why.text);
	if (newest)
		*newest = packer.newest;
	packer_release(&packer);
	free(real);
	return rc;
}

/* --- looking before a job is accepted ------------------------------------------------------------- */

typedef struct Look {
	unsigned takes;         /* a dozen or so an entry */
	bool enough;
} Look;

static int look_on(void *arg, const void *bytes, size_t n, bool identity, Err *err)
{
	Look *look = arg;

	(void)bytes, (void)n, (void)identity;
	look->enough = ++look->takes > 8 * TRANSFER_LOOK_MAX;
	return look->enough ? err_set(err, E2BIG, "that will do") : 0;
}

static int check_path(const TransferPath *path, Err *err)
{
	Look look = { 0, false };

	if (transfer_pack(path, (ParcelSink){ look_on, &look }, true, NULL, err) < 0 && !look.enough)
		return -1;
	return 0;
}

/* Two that would be one in the scratch directory. */
static int check_names(const Spec *spec, const char *directory, size_t until, const char *name, Err *err)
{
	TransferPath other;
	int rc = 0;

	for (size_t at = 0; rc == 0 && at < until && transfer_next(spec, directory, &at, &other);) {
		if (strcmp(other.name, name) == 0)
			rc = err_set(err, EINVAL, "--transfer: two of the paths would be %.200s on the node", name);
		transfer_path_release(&other);
	}
	return rc;
}

int transfer_check(const Spec *spec, const char *directory, Err *err)
{
	TransferPath path;
	int rc = 0;

	for (size_t at = 0, begun = 0; rc == 0 && transfer_next(spec, directory, &at, &path); begun = at) {
		rc = check_path(&path, err);
		if (rc == 0)
			rc = check_names(spec, directory, begun, path.name, err);
		transfer_path_release(&path);
	}
	return rc;
}
