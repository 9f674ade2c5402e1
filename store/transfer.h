/* transfer.h - what --transfer names on the owner's machine: looked at when a job is submitted, packed when
 * it is sent.
 *
 * A relative path keeps its directories in the scratch directory, so that a command reads the same there; an
 * absolute one becomes its last name. What is a link, or lies behind one, must not lead out of the directory
 * that the path is relative to (an absolute path: that it lies in), and nor must a link inside of what is sent. */
#ifndef STORE_TRANSFER_H
#define STORE_TRANSFER_H

#include "parcel.h"
#include "spec.h"

enum { TRANSFER_LOOK_MAX = 1000 };      /* files of a tree that are looked at before a job is accepted */

typedef struct TransferPath {           /* all three are the caller's to free: transfer_path_release */
	char *source;           /* absolute */
	char *base;             /* the directory it may not lead out of */
	char *name;             /* in the scratch directory; "." for all that is in base */
} TransferPath;

/* The path that begins at *at in the spec's list, and *at moves to the next. False: there is no more.
 * directory is the submitter's, NULL if that is not known: relative paths then have no source. */
bool transfer_next(const Spec *spec, const char *directory, size_t *at, TransferPath *path);
void transfer_path_release(TransferPath *path);

/* Is all there and readable? -1 with a sentence that names the path. 0 for a spec without --transfer. */
int transfer_check(const Spec *spec, const char *directory, Err *err);

/* Pack what the path leads to now. survey: see Packer. newest, unless NULL: when any of it changed last, ns.
 * Reads files: not for the owner's thread. */
int transfer_pack(const TransferPath *path, ParcelSink sink, bool survey, int64_t *newest, Err *err);

#endif
