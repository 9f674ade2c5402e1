/* parcel_store.h - STATE/parcels: what --transfer names, packed, for nodes to fetch.
 *
 * A parcel's file is named by the SHA-256 of what is in it (but for times of files), so equal contents are one
 * file here and are sent to a node once. It has that name when it is whole and on the disk. It stays while it
 * is held; beyond that, while other jobs are unfinished, up to a limit, those used least recently going first. */
#ifndef NODE_FILES_PARCEL_STORE_H
#define NODE_FILES_PARCEL_STORE_H

#include "node/files/digest.h"
#include "node/wire/wire.h"
#include "store/state.h"
#include "store/transfer.h"

#include <sys/types.h>

typedef struct Parcels Parcels;

/* What is there from an earlier mount is held, as nodes may still ask for it, until parcels_let_go_old. */
Parcels *parcels_open(const State *state, uint64_t limit, Err *err);
void parcels_close(Parcels *parcels);
void parcels_let_go_old(Parcels *parcels);
const char *parcels_directory(const Parcels *parcels);  /* where marks lie, too: unsent.h */

/* --- packing, in libuv's pool ---------------------------------------------------------------------- */

typedef struct PackOrder {
	TransferPath path;      /* owned: parcels_order_release */
	char *file;             /* to pack into; parcels_order fills it in */
	bool known;             /* of it as survey says, parcel is the name */
	unsigned char survey[DIGEST_BYTES];
	WireParcel parcel;
	/* answers */
	bool unchanged;         /* it is as it was: file was not made */
	bool settled;           /* nothing of it changed while it was read, nor just before: survey can be relied on */
	int rc;
	Err err;
} PackOrder;

void parcels_order(Parcels *parcels, PackOrder *order, const TransferPath *path);
void parcels_order_release(PackOrder *order);           /* and removes file, if it is there */
void parcels_pack(PackOrder *order);

/* --- keeping, on the owner's thread ---------------------------------------------------------------- */

int parcels_keep(Parcels *parcels, PackOrder *order, Err *err);        /* what was packed is a parcel from now on */
bool parcels_hold(Parcels *parcels, const WireParcel *parcel);         /* false: it is not there */
void parcels_let_go(Parcels *parcels, const WireParcel *parcel);
void parcels_trim(Parcels *parcels, bool all);          /* of what nobody holds: to the limit, or all */

/* Up to n bytes from offset on, and how many there are in all. -1: it is not there. */
ssize_t parcels_read(Parcels *parcels, const char hash[WIRE_HASH], uint64_t offset, void *to, size_t n, uint64_t *total);

#endif
