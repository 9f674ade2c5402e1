/* job_index.c - jobs in order of id, found by halving. */
#include "store/job_index.h"

#include "store/base/buf.h"

/* Place of the first slot with an id >= id. */
size_t job_index_at(const JobIndex *index, uint64_t id)
{
	size_t low = 0, high = index->length;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (index->slots[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void job_index_add(JobIndex *index, Job *job)
{
	if (index->length == index->room) {
		index->room = index->room ? 2 * index->room : 256;
		index->slots = mem_resize(index->slots, index->room * sizeof *index->slots);
	}
	index->slots[index->length++] = (struct JobSlot){ job->id, job };
}

static void close_gaps(JobIndex *index)
{
	size_t kept = 0;

	for (size_t i = 0; i < index->length; i++)
		if (index->slots[i].job)
			index->slots[kept++] = index->slots[i];
	index->length = kept;
	index->gaps = 0;
}

void job_index_remove(JobIndex *index, const Job *job)
{
	index->slots[job_index_at(index, job->id)].job = NULL;
	index->gaps++;
	/* None at the end: when a turn is undone its ids are given out again, and order must hold. */
	for (; index->length && !index->slots[index->length - 1].job; index->length--)
		index->gaps--;
	if (index->gaps > 64 && index->gaps > index->length / 2)
		close_gaps(index);
}
