/* job.c - questions about a whole job. */
#include "store/job.h"

#include "store/output.h"

/* --- counting ---------------------------------------------------------------------------------- */

uint32_t job_tasks(const Job *job)
{
	return job->array ? job->array->indices.count : 1;
}

uint32_t job_count(const Job *job, TaskState state)
{
	return job->array ? job->array->in_state[state] : job->task.now.state == state;
}

bool job_is_finished(const Job *job)
{
	return job_count(job, TASK_PENDING) == 0 && job_count(job, TASK_RUNNING) == 0;
}

bool job_is_touched(const Job *job)
{
	return job->array ? job->array->touched : job->task.touched_at;
}

TaskState job_state(const Job *job)
{
	/* What its user should hear of first. */
	static const TaskState order[] = {
		TASK_RUNNING, TASK_PENDING, TASK_FAILED, TASK_TIMEOUT, TASK_OUT_OF_MEMORY, TASK_NODE_FAIL, TASK_CANCELLED,
	};

	for (size_t i = 0; i < sizeof order / sizeof *order; i++)
		if (job_count(job, order[i]))
			return order[i];
	return TASK_COMPLETED;
}

uint8_t job_exit(const Job *job)
{
	uint8_t exit = 255;

	if (!job->array)
		return job->task.now.exit;
	while (exit > 0 && !job->array->exits[exit])
		exit--;
	return exit;
}

int64_t job_started(const Job *job)
{
	return job->array ? job->array->started : job->task.now.started;
}

int64_t job_ended(const Job *job)
{
	return job->array ? job->array->ended : job->task.now.ended;
}

/* --- tasks ------------------------------------------------------------------------------------- */

Task *job_task(const Job *job, uint32_t ordinal)
{
	Task *own = job->array ? array_own(job->array, ordinal) : NULL;

	return own ? own : (Task *)&job->task;
}

bool task_is_rest(const Task *task)
{
	return task->job->array && task == &task->job->task;
}

uint32_t task_ordinal(const Task *task)
{
	return (uint32_t)(task->id - task->job->id);
}

uint32_t task_index(const Task *task)
{
	return indices_at(&task->job->array->indices, task_ordinal(task));
}

/* The rest from its first on: those among them that have run meanwhile are no great lie. */
void task_label(const Task *task, Buf *out)
{
	const Job *job = task->job;

	buf_addf(out, "%llu", (unsigned long long)job->id);
	if (!job->array)
		return;
	if (task_is_rest(task)) {
		buf_add_text(out, "_[");
		indices_show(&job->array->indices, array_first_of_rest(job->array), out);
		buf_add_char(out, ']');
	} else {
		buf_addf(out, "_%u", task_index(task));
	}
}

/* --- outputs ----------------------------------------------------------------------------------- */

uint64_t task_output_length(const Task *task, Stream stream)
{
	if (task_is_finished(task))
		return task->now.size[stream];
	return task->output[stream] ? output_size(task->output[stream]) : 0;
}

/* What is final stays so: each task is added up once. */
uint64_t job_output_length(const Job *job, Stream stream)
{
	Array *array = job->array;
	const Task *task;

	if (!array)
		return task_output_length(&job->task, stream);
	for (; array->whole[stream].tasks < array->indices.count; array->whole[stream].tasks++) {
		task = job_task(job, array->whole[stream].tasks);
		if (!task_is_finished(task) || task->touched_at)
			return array->whole[stream].size + task_output_length(task, stream);
		array->whole[stream].size += task->now.size[stream];
	}
	return array->whole[stream].size;
}
