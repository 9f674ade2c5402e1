/* ending.c - a run leaves the node: it finishes once its outputs are on the disk, or is given back, lost, or never sent. */
#include "node/worker/inside.h"

#include "node/worker/health.h"
#include "store/base/clock.h"
#include "store/output.h"

Output *ending_output(Worker *worker, Task *task, Stream stream)
{
	if (!task->output[stream])
		task->output[stream] = output_new(cluster_state(worker->cluster), task->id, stream);
	return task->output[stream];
}

/* Why a run never started, or was killed, belongs where its user looks: the end of stderr, as a shell would say it. */
bool ending_explain(Worker *worker, Flight *flight, Slice reason)
{
	Buf text = BUF_INIT;
	Err err;
	int rc;

	buf_addf(&text, "wulfs: %.*s\n", (int)reason.length, reason.data);
	rc = output_append(ending_output(worker, flight->task, STREAM_STDERR), text.data, text.length, &err);
	buf_release(&text);
	if (rc < 0)
		turn_disk_failed(worker->turn, &err);
	return rc == 0;
}

void ending_give_back(Worker *worker, Flight *flight)
{
	Task *task = flight->task;

	flight_drop(worker, flight);
	task_recall(worker->cluster, task);
	if (task->now.cancelled)
		task_cancel(worker->cluster, task);
}

/* Finished once its outputs are on the disk; small ones go there with the commit itself. */
void ending_finish(Worker *worker, Flight *flight)
{
	if (keep_whole(worker->keep, flight->task))
		task_finish(worker->cluster, flight->task, &flight->ending);
}

void worker_output_kept(Worker *worker, Task *task)
{
	Flight *flight = flight_find(worker, task->id, task->now.run);

	if (flight && flight->ended && !task_is_finished(task))
		ending_finish(worker, flight);
}

void ending_lose(Worker *worker, Task *task, bool alone)
{
	health_note_loss(worker->cluster, worker->node, task, alone);
	task_lose(worker->cluster, task);
}

void ending_cannot_send(Worker *worker, Flight *flight, const char *why)
{
	if (!ending_explain(worker, flight, slice_of(why)))
		return;         /* the disk is full: the link goes, and it is sent again when there is room */
	flight->ending = (Ending){ .state = TASK_FAILED, .reason = REASON_LAUNCH, .exit = EXIT_NONE, .ended = clock_wall_ms() };
	flight->ended = true;
	ending_finish(worker, flight);
}
