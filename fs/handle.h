/* handle.h - an open file: what was rendered for it, what was written to it, who waits on it. */
#ifndef FS_HANDLE_H
#define FS_HANDLE_H

#include "fs/tree.h"

typedef struct Chunk {          /* an answer to a read */
	const char *data;       /* good until the handle is used again */
	size_t length;
	int fd;                 /* >= 0: the bytes are length bytes of this file, from offset on; data is NULL */
	uint64_t offset;
} Chunk;

typedef enum ReadAnswer { READ_REFUSED = -1, READ_DONE, READ_PARKED } ReadAnswer;

struct HandleKind {
	int (*open)(Handle *handle, Err *err);
	ReadAnswer (*read)(Handle *handle, uint64_t offset, size_t n, Chunk *chunk, Err *err);
	/* Take bytes; *taken says how many of them (all, or those before what is wrong). pid wrote them. */
	int (*write)(Handle *handle, const char *bytes, size_t n, pid_t pid, size_t *taken, Err *err);
	void (*undone)(Handle *handle);         /* the turn of the last write could not be committed */
	int (*flush)(Handle *handle, Err *err);
	/* Is something to be looked at first, off the owner's thread? Then true, and go_on is called once, when write
	 * (of these bytes), flush, or read (n is 0) may be called. Absent: never. */
	bool (*delay)(Handle *handle, const char *bytes, size_t n, pid_t pid, void (*go_on)(void *arg), void *arg);
	bool (*ready)(Handle *handle);          /* would a read not park? */
	void (*release)(Handle *handle);
};

struct Handle {
	Fs *fs;
	Place place;            /* its subject is found anew before each use */
	const HandleKind *kind;
	bool readable, writable, nonblocking;
	bool direct;            /* not through the page cache */
	Buf text;               /* rendered; for writers: the line that is not complete yet */
	bool rendered;          /* all it will ever show is in text */
	unsigned writes;        /* with bytes in them */
	bool poisoned;          /* part of a line or document was refused: nothing more is taken, because */
	Err poison;             /* ... of this */
	void *own;              /* the kind's */
};

/* Open the file at place: flags are open(2)'s. NULL with EACCES if it is not for that, or what the kind says. */
Handle *handle_open(Fs *fs, const Place *place, int flags, Err *err);
void handle_release(Handle *handle);

ReadAnswer handle_read(Handle *handle, uint64_t offset, size_t n, Chunk *chunk, Err *err);
int handle_write(Handle *handle, const char *bytes, size_t n, pid_t pid, size_t *taken, Err *err);
int handle_flush(Handle *handle, Err *err);
bool handle_is_ready(Handle *handle);

/* Put a refusal into the errors file: text is what was refused. */
void handle_refused(Handle *handle, const char *text, size_t n, const Err *err);

/* A handle outlives look-ups: is its noun still there? Its subject is found anew. */
bool handle_is_there(Handle *handle);

extern const HandleKind text_handle, control_handle, output_handle, follow_handle, new_handle, stdin_handle;

#endif
