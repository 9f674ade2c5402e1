/* output.h - the bytes a task writes, while they arrive and after.
 *
 * While a run goes on its stream grows here: in memory up to OUTPUT_SMALL, beyond that in
 * STATE/outputs/ID.stdout.part. When the run has ended, a small one goes into the task's row (in the
 * transaction that makes the task finished) and a large one, once it is on disk, loses its ".part": a
 * file under its full name is whole. Files at rest keep no descriptor: any number may grow. Output never interprets what it carries. */
#ifndef STORE_OUTPUT_H
#define STORE_OUTPUT_H

#include "store/base/buf.h"
#include "store/model.h"
#include "store/state.h"

#include <sys/types.h>

enum { OUTPUT_SMALL = 16 * 1024 };

extern const char *const stream_names[STREAMS];         /* "stdout", "stderr", "return" */

/* Make STATE/outputs, and order in it. */
int outputs_prepare(const State *state, Err *err);

Output *output_new(const State *state, uint64_t task, Stream stream);

/* Take up an output that was being written when the last mount died: what it had on disk, kept bytes of
 * it, is there again; the rest, if any, is cut off, as the node sends it once more. */
Output *output_reopen(const State *state, uint64_t task, Stream stream, uint64_t kept, Err *err);

/* Frees the memory and closes; the file stays. */
void output_free(Output *output);

/* Append at the end. On failure (ENOSPC, EIO) nothing was appended. */
int output_append(Output *output, const void *bytes, size_t n, Err *err);

uint64_t output_size(const Output *output);
int64_t output_changed(const Output *output);           /* ms since the epoch of the last byte */
uint64_t output_kept(const Output *output);             /* bytes that are known to be on disk */
ssize_t output_read(Output *output, uint64_t offset, void *to, size_t n);
const Buf *output_small(const Output *output);          /* its bytes, or NULL: it is a file */

/* The file, for another thread to open and sync, or read; NULL for a small one. After the sync of its first n bytes, say
 * so. The caller's to free. */
char *output_path(const Output *output);
void output_synced(Output *output, uint64_t n);

/* A large one that is whole and synced: give the file its full name. */
int output_finish(Output *output, Err *err);

/* STREAM_RETURN: its parcel is unpacked (returned.h), or never will be; its file is not needed any more. */
void output_unpacked(Output *output);
bool output_is_unpacked(const Output *output);

/* Of finished tasks: open the large output's file, or -1; remove the files of a forgotten task, and what it returned. */
int outputs_open(const State *state, uint64_t task, Stream stream, Err *err);
void outputs_remove(const State *state, uint64_t task);

#endif
