/* thread.c - start detached threads and count them until nothing of them can do harm. */
#include "node/thread.h"

#include "store/base/buf.h"

#include <openssl/crypto.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

typedef struct Thread {
	void (*work)(void *);
	void *arg;
} Thread;

static atomic_uint left;

bool threads_are_left(void)
{
	return atomic_load(&left) > 0;
}

static void *run(void *arg)
{
	Thread thread = *(Thread *)arg;

	free(arg);
	thread.work(thread.arg);
	/* libcrypto does this when a thread is gone. Then it is too late: a process that counts no threads any more may
	 * be in its exit handlers, where libcrypto takes down what this needs. */
	OPENSSL_thread_stop();
	atomic_fetch_sub(&left, 1);
	return NULL;
}

/* What a fault of the thread itself raises is not blocked: the process would end without a word of a sanitizer. */
static void block_signals(sigset_t *before)
{
	static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };
	sigset_t blocked;

	sigfillset(&blocked);
	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
		sigdelset(&blocked, faults[i]);
	pthread_sigmask(SIG_SETMASK, &blocked, before);
}

int thread_start(void (*work)(void *), void *arg, size_t stack)
{
	Thread *thread = mem_new_zeroed(sizeof *thread);
	pthread_attr_t attributes;
	sigset_t before;
	pthread_t id;
	int failed;

	*thread = (Thread){ work, arg };
	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	if (stack)
		pthread_attr_setstacksize(&attributes, stack);
	atomic_fetch_add(&left, 1);
	block_signals(&before);
	failed = pthread_create(&id, &attributes, run, thread);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	if (!failed)
		return 0;
	atomic_fetch_sub(&left, 1);
	free(thread);
	return -1;
}
