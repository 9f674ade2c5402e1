/* input.h - what is written to a job's stdin, kept until the job is finished.
 *
 * A job's bytes are appended to STATE/inputs/ID, from where every run of every task of it reads them from byte 0,
 * at its own pace: so a write never waits for a reader, and costs no memory. The file is there from the first
 * byte on; once the stdin is closed it is read-only (mode 0400), which is how that is remembered.
 *
 * A write is answered when the kernel has its bytes: they survive the daemon, kill -9 included. To the disk they
 * go in the background, within seconds, as those of any file: what a power cut takes is the last moment of it. After one, a run that had read further than what is left waits, and its job can be cancelled. */
#ifndef STORE_INPUT_H
#define STORE_INPUT_H

#include "store/state.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Make STATE/inputs. */
int inputs_prepare(const State *state, Err *err);

/* Append up to n bytes; returns how many. -1 with ENOSPC and the like: none were; EPIPE: it is closed. */
ssize_t input_append(const State *state, uint64_t job, const char *bytes, size_t n, Err *err);

/* The bytes appended from offset on are taken back: their writer was told that they were not taken. */
void input_cut(const State *state, uint64_t job, uint64_t size);

uint64_t input_size(const State *state, uint64_t job);          /* 0: nothing was written */

/* To sync it; -1: there is nothing. */
int input_open(const State *state, uint64_t job);

/* Nothing follows any more. */
int input_close(const State *state, uint64_t job, Err *err);

/* Up to n bytes from offset on; 0: there are none yet. *last: nothing follows after these. -1 with err. */
ssize_t input_read(const State *state, uint64_t job, uint64_t offset, char *to, size_t n, bool *last, Err *err);

void input_remove(const State *state, uint64_t job);

/* Remove what is left of jobs that are not wanted any more. */
void inputs_sweep(const State *state, bool (*wanted)(void *arg, uint64_t job), void *arg);

#endif
