/* job.h - what a job is as a whole, be it one task or an array of them. Only looks. */
#ifndef STORE_JOB_H
#define STORE_JOB_H

#include "store/array.h"
#include "store/model.h"

uint32_t job_tasks(const Job *job);                     /* how many it has */
uint32_t job_count(const Job *job, TaskState state);    /* how many of them are in that state */

bool job_is_finished(const Job *job);                   /* all of them are */
bool job_is_touched(const Job *job);                    /* it has changes that are not committed: commit before showing it */
TaskState job_state(const Job *job);                    /* RUNNING, else PENDING, if any task is; else the worst end */
uint8_t job_exit(const Job *job);                       /* the highest of those that are finished */
int64_t job_started(const Job *job);                    /* its first task; ms since the epoch, 0: not yet */
int64_t job_ended(const Job *job);                      /* its last so far */

/* Tasks are counted from 0, their ordinals; the id of one is the job's plus its ordinal. job_task: what says
 * how that one is, which is the rest (array.h) for all to which nothing happened yet. */
Task *job_task(const Job *job, uint32_t ordinal);
bool task_is_rest(const Task *task);                    /* stands for all that have none of their own */
uint32_t task_ordinal(const Task *task);
uint32_t task_index(const Task *task);                  /* SLURM_ARRAY_TASK_ID; of an array's own task */

/* "10000001", of an array's task "10000001_4" as squeue(1) has it, of its rest "10000001_[4-15]". */
void task_label(const Task *task, Buf *out);

uint64_t task_output_length(const Task *task, Stream stream);    /* bytes so far */

/* Bytes of output in order of tasks, up to the end so far of the first that is not finished. */
uint64_t job_output_length(const Job *job, Stream stream);

#endif
