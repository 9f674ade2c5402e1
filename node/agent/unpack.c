/* unpack.c - reads parcels from the cache. */
#include "node/agent/unpack.h"

#include "node/agent/cache.h"
#include "store/base/parcel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct Source {
	int fd, agent;
	char bytes[128 * 1024];
	size_t at, end;
} Source;

/* All the agent says to a busy runner is SIGNAL and CANCEL. */
bool unpack_is_called_off(int agent)
{
	unsigned char head[5];
	ssize_t n = recv(agent, head, sizeof head, MSG_PEEK | MSG_DONTWAIT);

	return n == 0 || (n == sizeof head && head[4] == WIRE_CANCEL);
}

static int refill(Source *source, Err *err)
{
	ssize_t n;

	if (unpack_is_called_off(source->agent))
		return err_set(err, ECANCELED, "cancelled before it started");
	n = read(source->fd, source->bytes, sizeof source->bytes);
	if (n < 0)
		return err_sys(err, errno, "a parcel in the cache");
	if (n == 0)
		return err_set(err, EPROTO, "a parcel in the cache ends early");
	source->at = 0;
	source->end = (size_t)n;
	return 0;
}

static int give(void *arg, void *to, size_t n, Err *err)
{
	Source *source = arg;

	for (size_t done = 0; done < n;) {
		size_t left = source->end - source->at, step = left < n - done ? left : n - done;

		if (left == 0 && refill(source, err) < 0)
			return -1;
		memcpy((char *)to + done, source->bytes + source->at, step);
		source->at += step;
		done += step;
	}
	return 0;
}

static int unpack_one(int directory, const char *path, int agent, Err *err)
{
	static Source source;
	int rc;

	source = (Source){ .fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), .agent = agent };
	if (source.fd < 0)
		return err_sys(err, errno, "%s", path);
	rc = parcel_unpack((ParcelSource){ give, &source }, directory, err);
	close(source.fd);
	return rc;
}

int unpack_into(int directory, Slice parcels, const char *dir, int agent, Err *err)
{
	WireParcel parcel;
	int rc = 0;

	while (rc == 0 && wire_take_parcel(&parcels, &parcel)) {
		Buf path = BUF_INIT;

		buf_addf(&path, "%s/%s", dir, cache_file(parcel.hash));
		rc = unpack_one(directory, path.data, agent, err);
		buf_release(&path);
	}
	return rc;
}
