/* stream.h - one output of one run, kept whole until the mount has it: small ones in memory, larger
 * ones in a file of DIR/spool, which exists only then. No descriptor stays open. */
#ifndef NODE_AGENT_STREAM_H
#define NODE_AGENT_STREAM_H

#include "node/wire/wire.h"

enum {
	STREAM_MEMORY_MAX = 64 * 1024,          /* of one stream */
	STREAMS_MEMORY_MAX = 64 * 1024 * 1024,  /* of all together */
};

typedef struct Stream {
	RunName run;
	uint8_t which;          /* 0 stdout, 1 stderr, 2 the parcel of what is returned */
	bool spooled;           /* in the file, all of it, and memory is empty */
	Buf memory;
	uint64_t size;          /* bytes there are */
	uint64_t told;          /* bytes the mount was sent, on this link */
} Stream;

void stream_init(Stream *stream, RunName run, uint8_t which);
void stream_release(Stream *stream);    /* and its file */

/* Append data. -1 with err if the disk does not take it: nothing was added, try again later. */
int stream_add(Stream *stream, Slice data, Err *err);

/* The file of this stream was written by someone else, whole, size bytes: it is the stream's from now on. And
 * the file's path, good until the next call, for who writes it, or has to remove what nobody took over. */
void stream_adopt(Stream *stream, uint64_t size);
const char *stream_file(RunName run, uint8_t which);

/* Up to most (at most WIRE_OUTPUT_MAX) bytes from told on; good until the next call for any stream.
 * -1 with err if the file cannot be read. */
int stream_rest(const Stream *stream, uint64_t most, Slice *data, Err *err);

#endif
