/* stream.c - keeps output until it is committed elsewhere. The working directory is DIR.
 *
 * A file is written at the stream's size, not appended to, so that a write which failed half way can
 * simply be done again. */
#include "node/agent/stream.h"

#include "store/base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

static size_t memory_used;      /* by all streams */

void stream_init(Stream *stream, RunName run, uint8_t which)
{
	*stream = (Stream){ .run = run, .which = which, .memory = BUF_INIT };
}

const char *stream_file(RunName run, uint8_t which)
{
	static const char *const names[WIRE_STREAMS] = { "stdout", "stderr", "return" };
	static char path[64];

	snprintf(path, sizeof path, "spool/%" PRIu64 ".%" PRIu32 ".%s", run.task, run.number, names[which]);
	return path;
}

static const char *file_of(const Stream *stream)
{
	return stream_file(stream->run, stream->which);
}

void stream_release(Stream *stream)
{
	memory_used -= stream->memory.length;
	if (stream->spooled)
		unlink(file_of(stream));
	buf_release(&stream->memory);
}

/* Writes what memory holds, then data. */
static int spool(const Stream *stream, Slice data, Err *err)
{
	uint64_t kept = stream->memory.length;
	int fd = open(file_of(stream), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	int failed = fd < 0 || pwrite_all(fd, stream->memory.data, kept, 0) < 0 ||
		     pwrite_all(fd, data.data, data.length, stream->size) < 0 ? errno : 0;

	if (fd >= 0 && close(fd) < 0 && !failed)
		failed = errno; /* NFS tells of a full disk here */
	return failed ? err_sys(err, failed, "%s", file_of(stream)) : 0;
}

int stream_add(Stream *stream, Slice data, Err *err)
{
	bool fits = stream->memory.length + data.length <= STREAM_MEMORY_MAX &&
		    memory_used + data.length <= STREAMS_MEMORY_MAX;

	if (fits && !stream->spooled) {
		buf_add(&stream->memory, data.data, data.length);
		memory_used += data.length;
	} else {
		if (spool(stream, data, err) < 0)
			return -1;
		memory_used -= stream->memory.length;
		buf_release(&stream->memory);
		stream->spooled = true;
	}
	stream->size += data.length;
	return 0;
}

void stream_adopt(Stream *stream, uint64_t size)
{
	stream->spooled = true;
	stream->size = size;
}

static int read_file(const Stream *stream, char *to, size_t most, Err *err)
{
	int fd = open(file_of(stream), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t n = fd < 0 ? -1 : pread(fd, to, most, (off_t)stream->told);
	int failed = n > 0 ? 0 : n < 0 ? errno : EIO;

	if (fd >= 0)
		close(fd);
	return failed ? err_sys(err, failed, "%s", file_of(stream)) : (int)n;
}

int stream_rest(const Stream *stream, uint64_t most, Slice *data, Err *err)
{
	static char chunk[WIRE_OUTPUT_MAX];
	uint64_t left = stream->size - stream->told;
	uint32_t wanted = (uint32_t)(left < most ? left : most);
	int n;

	if (wanted > sizeof chunk)
		wanted = sizeof chunk;
	if (!stream->spooled) {
		*data = (Slice){ buf_text(&stream->memory) + stream->told, wanted };
		return 0;
	}
	n = read_file(stream, chunk, wanted, err);
	if (n < 0)
		return -1;
	*data = (Slice){ chunk, (uint32_t)n };
	return 0;
}
