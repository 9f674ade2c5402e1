/* ctl.c - verbs are tables: the word, how many arguments it takes, what it does. */
#include "fs/ctl.h"

#include "node/wire/wire.h"
#include "store/input.h"
#include "store/job.h"
#include "store/node.h"
#include "store/nodes.h"
#include "store/queues.h"
#include "store/task.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { ARGUMENTS_MAX = 8 };

typedef struct Words {
	char *word[ARGUMENTS_MAX + 1];  /* the verb first */
	int count;
	size_t at;              /* of the verb in the line */
	char *rest;             /* everything after the verb, as it was written */
	char *text;
} Words;

static int split(Words *words, const char *line, size_t n, Err *err)
{
	char *text = mem_copy(line, n), *save = NULL, *after;

	*words = (Words){ .text = text, .at = strspn(text, " \t") };
	if (strlen(text) != n)
		return err_set(err, EINVAL, "a control line with a NUL byte");
	after = text + words->at + strcspn(text + words->at, " \t");
	words->rest = mem_copy_text(after + strspn(after, " \t"));
	for (char *word = strtok_r(text, " \t", &save); word && words->count <= ARGUMENTS_MAX;
	     word = strtok_r(NULL, " \t", &save))
		words->word[words->count++] = word;
	return 0;
}

static void words_release(Words *words)
{
	free(words->rest);
	free(words->text);
}

/* Point at the verb. Returns -1. */
static int point_at_verb(const Words *words, Err *err)
{
	return err_point(err, words->at, strlen(words->word[0]));
}

static int parse_number(const char *verb, const char *word, long least, long most, long *number, Err *err)
{
	char *end;

	errno = 0;
	*number = strtol(word, &end, 10);
	if (errno || *end || end == word || *number < least || *number > most)
		return err_set(err, EINVAL, "%s: \"%s\" is not a number from %ld to %ld", verb, word, least, most);
	return 0;
}

/* --- jobs -------------------------------------------------------------------------------------- */

typedef struct JobVerb {
	const char *word;
	int arguments;
	bool of_runs;           /* a task that was never started refuses it */
	const char *usage, *says;
	int (*does)(Roster *roster, Task *task, const Words *words, Err *err);
} JobVerb;

static Cluster *cluster_of(Roster *roster)
{
	return turn_cluster(pool_turn(roster_pool(roster)));
}

/* "job 10000001_4 is not running" */
static int refuse(Err *err, int number, const Task *task, const char *what)
{
	Buf label = BUF_INIT;

	task_label(task, &label);
	err_set(err, number, "job %s %s", buf_text(&label), what);
	buf_release(&label);
	return -1;
}

static int job_cancel(Roster *roster, Task *task, const Words *words, Err *err)
{
	(void)words;
	(void)err;
	task_cancel(cluster_of(roster), task);
	return 0;
}

/* Its own sentence: the verb stands before it as an option's name does. */
static int parse_signal(const char *word, int *signal, Err *err)
{
	Err why;

	if (spec_parse_signal(word, signal, &why) == 0)
		return 0;
	return err_set(err, EINVAL, "signal: %s", why.text);
}

static int job_signal(Roster *roster, Task *task, const Words *words, Err *err)
{
	Worker *worker = task->now.node ? pool_worker(roster_pool(roster), task->now.node) : NULL;
	int signal = 0;

	if (parse_signal(words->word[1], &signal, err) < 0)
		return -1;
	if (task->now.state != TASK_RUNNING || !worker)
		return refuse(err, EBUSY, task, "is not running yet");
	if (!task->now.node->up)
		return err_set(err, EBUSY, "node %s does not answer now; the signal was not sent", task->now.node->name);
	worker_signal(worker, task, signal);
	return 0;
}

static int job_hold(Roster *roster, Task *task, const Words *words, Err *err)
{
	(void)words;
	if (task->now.state != TASK_PENDING)
		return refuse(err, EBUSY, task, "is running; only a pending one can be held");
	task_hold(cluster_of(roster), task, true);
	return 0;
}

static int job_release(Roster *roster, Task *task, const Words *words, Err *err)
{
	(void)words;
	if (task->now.reason != REASON_HELD && task->now.reason != REASON_DRAFT)
		return refuse(err, EBUSY, task, "is not held");
	task_hold(cluster_of(roster), task, false);
	return 0;
}

static int job_requeue(Roster *roster, Task *task, const Words *words, Err *err)
{
	(void)words;
	if (task->now.state != TASK_RUNNING || task->now.cancelled)
		return refuse(err, EBUSY, task, "is not running");
	if (!task->job->requeue)
		return refuse(err, EBUSY, task, "was submitted with --no-requeue");
	task_requeue(cluster_of(roster), task);
	return 0;
}

static int job_priority(Roster *roster, Task *task, const Words *words, Err *err)
{
	long priority;

	if (parse_number("priority", words->word[1], 0, INT32_MAX, &priority, err) < 0)
		return -1;
	if (task->now.state != TASK_PENDING)
		return refuse(err, EBUSY, task, "is running already");
	task_set_priority(cluster_of(roster), task, (int32_t)priority);
	return 0;
}

/* Again is no harm. */
static int job_eof(Roster *roster, Task *task, const Words *words, Err *err)
{
	Cluster *cluster = cluster_of(roster);
	const Spec *spec = cluster_spec(cluster, task->job, err);

	(void)words;
	if (!spec)
		return -1;
	if (!spec->fed)
		return err_set(err, EINVAL, "job %llu was submitted without --stdin; its stdin is at its end already",
			       (unsigned long long)task->job->id);
	if (input_close(cluster_state(cluster), task->job->id, err) < 0)
		return -1;
	pool_input_grew(roster_pool(roster), task->job);
	return 0;
}

static const JobVerb job_verbs[] = {
	{ "cancel",   0, false, "cancel",     "ends it and all it started", job_cancel },
	{ "signal",   1, true,  "signal SIG", "sends the signal to all its processes", job_signal },
	{ "hold",     0, false, "hold",       "keeps it from starting until release", job_hold },
	{ "release",  0, false, "release",    "lets it start", job_release },
	{ "requeue",  0, true,  "requeue",    "ends its run and starts it over", job_requeue },
	{ "priority", 1, false, "priority N", "higher goes first", job_priority },
	{ "eof",      0, false, "eof",        "ends its stdin", job_eof },
};

static void show_verb(const char *usage, const char *says, const char *but, Buf *out)
{
	buf_addf(out, "# %-20s %s%s%s%s\n", usage, says, but ? " (not now: " : "", but ? but : "", but ? ")" : "");
}

/* Why a verb would be refused now; NULL: it would not. */
static const char *why_not_now(const JobVerb *verb, bool finished, bool started, bool fed)
{
	if (finished)
		return "it is finished";
	if (verb->does == job_eof && !fed)
		return "its stdin is /dev/null";
	return verb->of_runs && !started ? "it has not started" : NULL;
}

void control_show_job(Roster *roster, const Job *job, const Task *task, Buf *out)
{
	const Spec *spec = cluster_spec(cluster_of(roster), job, NULL);
	bool finished = task ? task_is_finished(task) : job_is_finished(job);
	bool started = task ? task->now.placed : job->array->placed > 0;

	for (size_t i = 0; i < sizeof job_verbs / sizeof *job_verbs; i++)
		show_verb(job_verbs[i].usage, job_verbs[i].says,
			  why_not_now(&job_verbs[i], finished, started, spec && spec->fed), out);
}

static const JobVerb *find_job_verb(const Words *words, Err *err)
{
	for (size_t i = 0; i < sizeof job_verbs / sizeof *job_verbs; i++)
		if (strcmp(job_verbs[i].word, words->word[0]) == 0)
			return &job_verbs[i];
	err_set(err, EINVAL, "\"%s\" is no verb for a job; expected cancel, signal SIG, hold, release, requeue, "
		"priority N or eof", words->word[0]);
	point_at_verb(words, err);
	return NULL;
}

/* --- whom a verb is for ------------------------------------------------------------------------ */

/* One order, on its way to the tasks it is for. */
typedef struct Order {
	Roster *roster;
	Job *job;
	const JobVerb *verb;
	const Words *words;
	uint32_t obeyed;
	Err *err;               /* of the last that refused */
} Order;

static void give(Order *order, Task *task)
{
	if (task_is_finished(task))
		refuse(order->err, ESRCH, task, "is finished");
	else if (order->verb->does(order->roster, task, order->words, order->err) == 0)
		order->obeyed++;
}

/* To one of an array's tasks. It gets a Task of its own only if it may have to change: not to say no. */
static void give_to(Order *order, uint32_t ordinal)
{
	const Task *task = job_task(order->job, ordinal);
	Task alone;

	if (!task_is_rest(task) || !(task_is_finished(task) || order->verb->of_runs)) {
		give(order, cluster_own_task(cluster_of(order->roster), order->job, ordinal));
		return;
	}
	alone = *task;
	alone.id = order->job->id + ordinal;
	give(order, &alone);
}

/* The rest of an array is one to whom it is given. */
static void give_all(Order *order)
{
	Array *array = order->job->array;
	Task *own;

	if (!array || array->rest)
		give(order, &order->job->task);
	for (uint32_t i = 0; array && (own = array_next_own(array, &i)); i++)
		if (!task_is_finished(own))
			give(order, own);
}

static int give_named(Order *order, const char *text)
{
	Indices named;

	if (indices_parse(text, &named, NULL, order->err) < 0)
		return -1;
	for (uint32_t i = 0; i < named.count; i++) {
		uint32_t ordinal, index = indices_at(&named, i);

		if (indices_find(&order->job->array->indices, index, &ordinal))
			give_to(order, ordinal);
		else
			err_set(order->err, EINVAL, "job %llu has no task %u", (unsigned long long)order->job->id, index);
	}
	indices_release(&named);
	return 0;
}

static int give_order(Order *order)
{
	const char *named = order->words->word[1 + order->verb->arguments];
	int most = order->verb->arguments + (order->job->array != NULL), given = order->words->count - 1;

	if (given < order->verb->arguments || given > most)
		return err_set(order->err, EINVAL, "expected \"%s\"%s", order->verb->usage,
			       order->job->array ? " and, if not all are meant, the tasks: 3,5-9" : "");
	if (job_is_finished(order->job))
		return err_set(order->err, ESRCH, "job %llu is finished", (unsigned long long)order->job->id);
	if (given < most || !order->job->array)
		give_all(order);
	else if (give_named(order, named) < 0)
		return -1;
	return order->obeyed ? 0 : -1;
}

static int give_one(Order *order, uint32_t ordinal)
{
	if (order->words->count - 1 != order->verb->arguments)
		return err_set(order->err, EINVAL, "expected \"%s\"", order->verb->usage);
	give_to(order, ordinal);
	return order->obeyed ? 0 : -1;
}

/* one: only the task of this ordinal, or NULL. */
static int control(Roster *roster, Job *job, const uint32_t *one, const char *line, size_t n, Err *err)
{
	Words words;
	Order order = { roster, job, NULL, &words, 0, err };
	int rc = split(&words, line, n, err);

	if (rc == 0 && words.count) {   /* an empty line asks for nothing */
		order.verb = find_job_verb(&words, err);
		rc = !order.verb ? -1 : one ? give_one(&order, *one) : give_order(&order);
	}
	words_release(&words);
	return rc;
}

int control_job(Roster *roster, Job *job, const char *line, size_t n, Err *err)
{
	return control(roster, job, NULL, line, n, err);
}

int control_task(Roster *roster, Job *job, uint32_t ordinal, const char *line, size_t n, Err *err)
{
	return control(roster, job, &ordinal, line, n, err);
}

/* --- nodes ------------------------------------------------------------------------------------- */

typedef struct NodeVerb {
	const char *word;
	int least, most;
	const char *usage, *says;
	int (*does)(Roster *roster, Node *node, const Words *words, Err *err);
} NodeVerb;

static int drain(Roster *roster, Node *node, const Words *words, Err *err)
{
	(void)err;
	node_drain(cluster_of(roster), node, words->rest[0] ? words->rest : "drained by its owner");
	return 0;
}

static int resume(Roster *roster, Node *node, const Words *words, Err *err)
{
	(void)words;
	if (!node->drain)
		return err_set(err, EBUSY, "node %s is not drained", node->name);
	node_resume(cluster_of(roster), node);
	return 0;
}

static int set_slots(Roster *roster, Node *node, const Words *words, Err *err)
{
	long slots;

	if (parse_number("slots", words->word[1], 0, SLOTS_MAX, &slots, err) < 0)
		return -1;
	node_set_slots(cluster_of(roster), node, (uint32_t)slots);
	return 0;
}

static int trust(Roster *roster, Node *node, const Words *words, Err *err)
{
	return roster_trust(roster, node, words->word[1], err);
}

static int reconnect(Roster *roster, Node *node, const Words *words, Err *err)
{
	(void)words;
	return roster_reconnect(roster, node, err);
}

static int set_user(Roster *roster, Node *node, const Words *words, Err *err)
{
	return roster_set_user(roster, node, words->word[1], err);
}

static int set_features(Roster *roster, Node *node, const Words *words, Err *err)
{
	const char *list = words->count > 1 ? words->word[1] : "";

	if (list[strspn(list, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.,")])
		return err_set(err, EINVAL, "features: \"%s\" has something else than letters, digits, _ - . in its words", list);
	node_set_features(cluster_of(roster), node, list);
	return 0;
}

static const NodeVerb node_verbs[] = {
	{ "drain",  0, ARGUMENTS_MAX, "drain [WHY]", "starts nothing new here; what runs goes on", drain },
	{ "resume", 0, 0,             "resume",      "takes work again", resume },
	{ "slots",  1, 1,             "slots N", "runs so much at a time; 0: as mounted", set_slots },
	{ "trust",  0, 1,             "trust [SHA256:...]", "accepts the host key that fingerprint shows", trust },
	{ "user",   1, 1,             "user NAME",   "logs in as that user", set_user },
	{ "reconnect", 0, 0,          "reconnect",   "makes the connection anew", reconnect },
	{ "features", 0, 1,           "features A,B", "what --constraint asks for", set_features },
};

void control_show_node(const Node *node, Buf *out)
{
	for (size_t i = 0; i < sizeof node_verbs / sizeof *node_verbs; i++) {
		const NodeVerb *verb = &node_verbs[i];

		show_verb(verb->usage, verb->says, verb->does == resume && !node->drain ? "it is not drained" : NULL, out);
	}
}

static int do_node(Roster *roster, Node *node, const Words *words, Err *err)
{
	for (size_t i = 0; i < sizeof node_verbs / sizeof *node_verbs; i++) {
		const NodeVerb *verb = &node_verbs[i];

		if (strcmp(verb->word, words->word[0]) != 0)
			continue;
		if (words->count - 1 < verb->least || words->count - 1 > verb->most)
			return err_set(err, EINVAL, "expected \"%s\"", verb->usage);
		return verb->does(roster, node, words, err);
	}
	err_set(err, EINVAL, "\"%s\" is no verb for a node; expected drain [WHY], resume, slots N, features A,B, "
		"trust [SHA256:...], user NAME or reconnect", words->word[0]);
	return point_at_verb(words, err);
}

int control_node(Roster *roster, Node *node, const char *line, size_t n, Err *err)
{
	Words words;
	int rc = split(&words, line, n, err);

	if (rc == 0 && words.count)
		rc = do_node(roster, node, &words, err);
	words_release(&words);
	return rc;
}
