/* errand.c - a thread for each errand under way. What they share with the owner's thread, which is the two lists and
 * the numbers here, is under the lock. */
#include "node/errand.h"

#include "node/thread.h"
#include "store/base/buf.h"

#include <pthread.h>
#include <stdlib.h>

TAILQ_HEAD(ErrandList, Errand);

struct Errands {
	pthread_mutex_t lock;
	uv_async_t async;
	unsigned most, running, holders;        /* the owner, the loop, each thread */
	bool closed;
	struct ErrandList waiting, finished;
};

/* Called with the lock, which it gives back. */
static void let_go(Errands *errands)
{
	bool last = --errands->holders == 0;

	pthread_mutex_unlock(&errands->lock);
	if (!last)
		return;
	pthread_mutex_destroy(&errands->lock);
	free(errands);
}

static void run(void *arg)
{
	Errand *errand = arg;
	Errands *errands = errand->errands;
	bool wanted;

	errand->work(errand);
	pthread_mutex_lock(&errands->lock);
	errands->running--;
	wanted = !errand->left && !errands->closed;
	if (wanted)
		TAILQ_INSERT_TAIL(&errands->finished, errand, entry);
	if (!errands->closed)
		uv_async_send(&errands->async);
	let_go(errands);
	if (!wanted)
		errand->drop(errand);
}

/* Called with the lock. One for which there is no thread now waits for the end of another. */
static void start_waiting(Errands *errands)
{
	Errand *errand;

	while (errands->running < errands->most && (errand = TAILQ_FIRST(&errands->waiting))) {
		TAILQ_REMOVE(&errands->waiting, errand, entry);
		errand->begun = true;
		errands->running++;
		errands->holders++;
		if (thread_start(run, errand, 0) == 0)
			continue;
		errand->begun = false;
		errands->running--;
		errands->holders--;
		TAILQ_INSERT_HEAD(&errands->waiting, errand, entry);
		return;
	}
}

static void some_finished(uv_async_t *async)
{
	Errands *errands = async->data;
	Errand *errand;

	pthread_mutex_lock(&errands->lock);
	while ((errand = TAILQ_FIRST(&errands->finished))) {
		TAILQ_REMOVE(&errands->finished, errand, entry);
		pthread_mutex_unlock(&errands->lock);
		errand->done(errand);
		pthread_mutex_lock(&errands->lock);
	}
	start_waiting(errands);
	pthread_mutex_unlock(&errands->lock);
}

Errands *errands_new(uv_loop_t *loop, unsigned most)
{
	Errands *errands = mem_new_zeroed(sizeof *errands);

	pthread_mutex_init(&errands->lock, NULL);
	errands->most = most;
	errands->holders = 2;
	TAILQ_INIT(&errands->waiting);
	TAILQ_INIT(&errands->finished);
	uv_async_init(loop, &errands->async, some_finished);
	errands->async.data = errands;
	return errands;
}

static void async_closed(uv_handle_t *handle)
{
	Errands *errands = handle->data;

	pthread_mutex_lock(&errands->lock);
	let_go(errands);
}

static void drop_all(struct ErrandList *list)
{
	Errand *errand;

	while ((errand = TAILQ_FIRST(list))) {
		TAILQ_REMOVE(list, errand, entry);
		errand->drop(errand);
	}
}

void errands_free(Errands *errands)
{
	if (!errands)
		return;
	pthread_mutex_lock(&errands->lock);
	errands->closed = true;
	uv_close((uv_handle_t *)&errands->async, async_closed);
	drop_all(&errands->waiting);
	drop_all(&errands->finished);
	let_go(errands);
}

void errands_start(Errands *errands, Errand *errand)
{
	errand->errands = errands;
	errand->left = errand->begun = false;
	pthread_mutex_lock(&errands->lock);
	TAILQ_INSERT_TAIL(&errands->waiting, errand, entry);
	start_waiting(errands);
	pthread_mutex_unlock(&errands->lock);
}

static bool is_among(const struct ErrandList *list, const Errand *errand)
{
	const Errand *other;

	TAILQ_FOREACH(other, list, entry)
		if (other == errand)
			return true;
	return false;
}

void errands_leave(Errands *errands, Errand *errand)
{
	bool over = true;

	pthread_mutex_lock(&errands->lock);
	if (is_among(&errands->finished, errand)) {
		TAILQ_REMOVE(&errands->finished, errand, entry);
	} else if (!errand->begun) {
		TAILQ_REMOVE(&errands->waiting, errand, entry);
	} else {
		errand->left = true;
		over = false;
	}
	pthread_mutex_unlock(&errands->lock);
	if (over)
		errand->drop(errand);
}
