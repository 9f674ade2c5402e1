/* parcel.h - files and directories packed into one stream of bytes, and unpacked again.
 *
 * What --transfer sends to a node and what --return brings back travels in this form. A parcel is a magic
 * word, then entries: a directory (its contents follow), the directory's end (now it gets its mode and time:
 * it may be one that nothing can be written into), a file in pieces, a symlink; and an end, without which a
 * parcel is not whole. Names are bytes; modes are the nine permission bits; numbers are little-endian.
 *
 * Packing reads what is there and follows no link. Unpacking takes hostile bytes: no entry can name, or be
 * written through, anything outside of the directory it is unpacked into, and no link in it leads out.
 *
 * The agent is built from this file too, so nothing but libc may be used here. */
#ifndef STORE_BASE_PARCEL_H
#define STORE_BASE_PARCEL_H

#include "store/base/buf.h"
#include "store/base/err.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	PARCEL_PATH_MAX = 4000,         /* bytes of a path in it: room is left for where it will lie */
	PARCEL_DEPTH_MAX = 200,         /* directories in each other; each costs a descriptor while it is read */
	PARCEL_ENTRIES_MAX = 4000000,
	PARCEL_PIECE = 64 * 1024,       /* bytes of a file at a time */
};

/* --- the form, for the two files that know it ----------------------------------------------------- */

#define PARCEL_MAGIC "wulfsP1\n"

enum { PARCEL_MAGIC_LENGTH = sizeof PARCEL_MAGIC - 1 };

typedef enum ParcelKind {
	PARCEL_END,
	PARCEL_DIRECTORY,       /* u32 length, path */
	PARCEL_DIRECTORY_END,   /* ... and u32 mode, u64 time: ns since the epoch */
	PARCEL_FILE,            /* ... and pieces: u32 length, bytes; the last is of length 0 */
	PARCEL_LINK,            /* u32 length, path, u32 length, target */
	PARCEL_KINDS
} ParcelKind;

/* Does a link at path that says target stay inside? The first top names of the path are what it may not
 * leave. ".." may stand only at the front of a target, where it climbs real directories; whatever follows
 * goes down, through links for which the same holds. */
bool parcel_link_stays(const char *path, const char *target, unsigned top);

/* --- packing -------------------------------------------------------------------------------------- */

typedef struct ParcelSink {
	/* Take n bytes; what is no part of the identity (a time) differs between equal contents. -1: no more. */
	int (*take)(void *arg, const void *bytes, size_t n, bool identity, Err *err);
	void *arg;
} ParcelSink;

typedef struct Packer {
	ParcelSink sink;
	/* What cannot be packed is left out, and told here; absent: it is the end of the packing. */
	void (*leave_out)(void *arg, const Err *why);
	bool (*avoid)(int directory, const char *name);         /* left out without a word, unasked; absent: nothing is */
	bool survey;            /* instead of bytes give what tells whether they have changed: a file's times, size, number */
	uint64_t most;          /* bytes it takes of files, and a little for every name; 0: any number */
	uint64_t taken;         /* of them */
	unsigned top;           /* links may not leave the directory these first names of their paths lead to */
	int64_t newest;         /* ctime of what changed last, ns */
	Buf path;               /* of the entry in hand */
	uint32_t entries;
	unsigned depth;
	bool broken;            /* the sink takes no more, or there is too much */
} Packer;

/* One Packer a parcel: begin, add any number of trees, end, release. -1 with err: the parcel is not whole. */
int packer_begin(Packer *packer, Err *err);
int packer_end(Packer *packer, Err *err);
void packer_release(Packer *packer);

/* Pack name in the directory dir, with all below it, as path (whose directories are there already). A name
 * that is a symlink is packed as one. */
int packer_add(Packer *packer, int dir, const char *name, const char *path, Err *err);

/* Pack what the descriptor is open on, a file or a directory with all below it. It stays the caller's. */
int packer_add_open(Packer *packer, int fd, const char *path, Err *err);

/* The directory alone: what is added between these two is in it. */
int packer_enter(Packer *packer, const char *path, Err *err);
int packer_leave(Packer *packer, int directory, const char *path, Err *err);

/* Call visit for each name in the directory but "." and "..", in order of their bytes, until it says -1.
 * directory is an open descriptor; it stays the caller's. -1: it cannot be read, or visit said so. */
int parcel_each_name(int directory, int (*visit)(void *arg, int directory, const char *name, Err *err), void *arg, Err *err);

/* --- unpacking ------------------------------------------------------------------------------------ */

typedef struct ParcelSource {
	int (*give)(void *arg, void *to, size_t n, Err *err);   /* exactly n bytes, or -1 */
	void *arg;
} ParcelSource;

/* Unpack into the open directory. EPROTO: it is no whole parcel, or a hostile one; else what the disk says.
 * On failure what was unpacked so far lies there: the caller removes the directory. */
int parcel_unpack(ParcelSource source, int directory, Err *err);

#endif
