/* job_index.h - all jobs in order of id.
 *
 * Ids only grow, so a new job goes at the end. A forgotten one leaves a slot without a job, a gap, until there are
 * enough gaps to close them. */
#ifndef STORE_JOB_INDEX_H
#define STORE_JOB_INDEX_H

#include "store/model.h"

typedef struct JobIndex {
	struct JobSlot { uint64_t id; Job *job; } *slots;       /* job NULL: a gap */
	size_t length, room, gaps;
} JobIndex;

size_t job_index_at(const JobIndex *index, uint64_t id);        /* place of the first slot with that id or a greater one */
void job_index_add(JobIndex *index, Job *job);                  /* its id is greater than all others */
void job_index_remove(JobIndex *index, const Job *job);

#endif
