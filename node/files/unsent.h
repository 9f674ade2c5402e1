/* unsent.h - runs that are on a node by the database, but whose files are still being packed: marks in
 * STATE/parcels, so that a mount that comes after a kill -9 knows that they were never sent.
 *
 * Without its mark a run may have started, and an agent that does not know of it means that it is lost. A mark is
 * removed before the run is sent. It counts during the boot it was made in: a removal may be lost in a power cut. */
#ifndef NODE_FILES_UNSENT_H
#define NODE_FILES_UNSENT_H

#include <stdbool.h>
#include <stdint.h>

void unsent_mark(const char *directory, uint64_t task, uint32_t run);
void unsent_clear(const char *directory, uint64_t task, uint32_t run);
bool unsent_is_marked(const char *directory, uint64_t task, uint32_t run);

/* Is name a mark of this boot? Another one's can go. */
bool unsent_is_mark(const char *name, uint64_t *task, uint32_t *run);

#endif
