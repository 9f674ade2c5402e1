/* depend.c - reading dependencies, and judging them.
 *
 * Nothing is remembered of a judgement: it is made of the facts as they are, each time a job it is about
 * has begun or ended (cluster_settle), so that there is nothing to undo or to recover. */
#include "store/depend.h"

#include "store/job.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const words[DEPEND_KINDS] = {
	[DEPEND_AFTER] = "after", [DEPEND_OK] = "afterok", [DEPEND_ANY] = "afterany",
	[DEPEND_NOT_OK] = "afternotok", [DEPEND_CORR] = "aftercorr", [DEPEND_SINGLETON] = "singleton",
};

enum { MINUTES_MAX = 10 * 366 * 24 * 60 };

/* --- reading ----------------------------------------------------------------------------------- */

static void add(Depends *depends, Depend item)
{
	depends->items = mem_resize(depends->items, (depends->count + 1) * sizeof *depends->items);
	depends->items[depends->count++] = item;
}

void depends_free(Depends *depends)
{
	if (!depends)
		return;
	free(depends->items);
	free(depends);
}

static bool has_task(const Job *job, int64_t index, uint32_t *ordinal)
{
	return job->array && index >= 0 && indices_find(&job->array->indices, (uint32_t)index, ordinal);
}

/* "10000001_4" */
static bool is_task(const char *word, unsigned long long *job, unsigned *index)
{
	int end = 0;

	return sscanf(word, "%8llu_%7u%n", job, index, &end) == 2 && !word[end] && word[0] != '+' && word[0] != '-';
}

/* The numbers in it; a name leaves job 0. */
static void read_target(const char *word, Depend *item)
{
	unsigned long long id;
	unsigned index;

	item->index = -1;
	if (is_task(word, &id, &index))
		item->index = index;
	else
		id = word[strspn(word, "0123456789")] ? 0 : strtoull(word, NULL, 10);
	item->job = id;
}

static int look_up(Cluster *cluster, const char *word, Depend *item, Err *err)
{
	const Job *job = item->job ? cluster_job_of(cluster, item->job) : cluster_named(cluster, word);
	uint32_t ordinal;

	if (job && item->job > job->id && item->index < 0)      /* an array's task by its SLURM_JOB_ID */
		item->index = indices_at(&job->array->indices, (uint32_t)(item->job - job->id));
	else if (job && item->job && item->job != job->id)
		job = NULL;
	if (!job || (item->index >= 0 && !has_task(job, item->index, &ordinal)))
		return err_set(err, EINVAL, "\"%.80s\": no such job is known", word);
	item->job = job->id;
	return 0;
}

/* "+5" behind a job that --dependency=after names; cut off. */
static int cut_minutes(char *word, Depend *item, Err *err)
{
	char *plus = item->kind == DEPEND_AFTER ? strchr(word, '+') : NULL, *end;
	long minutes;

	item->minutes = 0;
	if (!plus)
		return 0;
	minutes = strtol(plus + 1, &end, 10);
	if (!plus[1] || *end || minutes < 0 || minutes > MINUTES_MAX)
		return err_set(err, EINVAL, "\"%.80s\" is not a number of minutes", plus + 1);
	*plus = '\0';
	item->minutes = (uint32_t)minutes;
	return 0;
}

/* cluster NULL: only looked at, not looked up. */
static int read_targets(Depends *depends, Cluster *cluster, DependKind kind, char *targets, Err *err)
{
	char *word;

	while ((word = strsep(&targets, ":"))) {
		Depend item = { .kind = kind };

		if (!*word)
			return err_set(err, EINVAL, "%s: the id or name of a job is expected after the colon", words[kind]);
		if (cut_minutes(word, &item, err) < 0)
			return -1;
		read_target(word, &item);
		if (cluster && look_up(cluster, word, &item, err) < 0)
			return -1;
		add(depends, item);
	}
	return 0;
}

static int read_piece(Depends *depends, Cluster *cluster, char *piece, Err *err)
{
	char *targets = piece;
	const char *word = strsep(&targets, ":");

	for (DependKind kind = 0; kind < DEPEND_KINDS; kind++) {
		if (strcmp(words[kind], word) != 0)
			continue;
		if ((kind == DEPEND_SINGLETON) != !targets)
			return err_set(err, EINVAL, kind == DEPEND_SINGLETON ? "%s takes no job" : "%s: a job is missing; "
				       "expected %s:ID", word, word);
		if (targets)
			return read_targets(depends, cluster, kind, targets, err);
		add(depends, (Depend){ .kind = kind, .index = -1 });
		return 0;
	}
	return err_set(err, EINVAL, "\"%.80s\" is no dependency; expected after, afterok, afterany, afternotok, "
		       "aftercorr, each with :ID, or singleton", word);
}

static int read_pieces(Depends *depends, Cluster *cluster, char *text, Err *err)
{
	char *piece;

	if (strchr(text, ',') && strchr(text, '?'))
		return err_set(err, EINVAL, "either all (commas) or any (question marks) can be asked for, not a mixture");
	depends->any = strchr(text, '?');
	while ((piece = strsep(&text, ",?")))
		if (read_piece(depends, cluster, piece, err) < 0)
			return -1;
	return 0;
}

static Depends *read_all(Cluster *cluster, const char *text, Err *err)
{
	Depends *depends = mem_new_zeroed(sizeof *depends);
	char *copy = mem_copy_text(text);
	int rc = read_pieces(depends, cluster, copy, err);

	free(copy);
	if (rc == 0)
		return depends;
	depends_free(depends);
	return NULL;
}

int depends_check(const char *text, Err *err)
{
	Depends *depends = read_all(NULL, text, err);

	depends_free(depends);
	return depends ? 0 : -1;
}

Depends *depends_parse(Cluster *cluster, const char *text, Err *err)
{
	return read_all(cluster, text, err);
}

Depends *depends_restore(const char *text)
{
	return read_all(NULL, text, NULL);
}

void depends_show(const Depends *depends, Buf *out)
{
	for (size_t i = 0; i < depends->count; i++) {
		const Depend *item = &depends->items[i];

		buf_addf(out, "%s%s", i == 0 ? "" : depends->any ? "?" : ",", words[item->kind]);
		if (item->job)
			buf_addf(out, ":%llu", (unsigned long long)item->job);
		if (item->index >= 0)
			buf_addf(out, "_%lld", (long long)item->index);
		if (item->minutes)
			buf_addf(out, "+%u", item->minutes);
	}
}

/* --- judging ----------------------------------------------------------------------------------- */

typedef struct Tally {          /* of the tasks that are waited for */
	uint32_t pending, running, good, bad;
	int64_t begun;          /* when the last of them began or was cancelled; 0: it has not */
} Tally;

static Tally tally_task(const Task *task)
{
	const Facts *now = &task->now;

	return (Tally){ now->state == TASK_PENDING, now->state == TASK_RUNNING, now->state == TASK_COMPLETED,
			now->state > TASK_COMPLETED, now->started ? now->started : now->ended };
}

static Tally tally_job(const Job *job)
{
	Tally tally = { job_count(job, TASK_PENDING), job_count(job, TASK_RUNNING), job_count(job, TASK_COMPLETED), 0,
			job_started(job) ? job_started(job) : job_ended(job) };

	tally.bad = job_tasks(job) - tally.pending - tally.running - tally.good;
	return tally;
}

/* aftercorr pairs tasks of the same index; those without a partner wait for all. */
static Tally tally_of(const Job *job, const Depend *item, const Task *waiting)
{
	bool paired = item->kind == DEPEND_CORR && item->index < 0 && waiting->job->array && !task_is_rest(waiting);
	uint32_t ordinal;

	if (has_task(job, paired ? (int64_t)task_index(waiting) : item->index, &ordinal))
		return tally_task(job_task(job, ordinal));
	return tally_job(job);
}

static Verdict judge_after(const Tally *tally, const Depend *item, int64_t now, int64_t *when)
{
	int64_t due = tally->begun + (int64_t)item->minutes * 60000;

	if (tally->pending)
		return DEPEND_WAITS;
	/* A start that is still to come was written down before the clock was set back and the mount made anew. */
	if (now >= due || tally->begun > now)
		return DEPEND_MET;
	if (due < *when)
		*when = due;
	return DEPEND_WAITS;
}

static Verdict judge_tally(const Tally *tally, const Depend *item, const Task *waiting, int64_t now, int64_t *when)
{
	bool over = !tally->pending && !tally->running;

	switch (item->kind) {
	case DEPEND_AFTER:
		return judge_after(tally, item, now, when);
	case DEPEND_CORR:
		/* The rest is judged when all of its partners have ended: they take their own out of it. */
		if (task_is_rest(waiting) && !over)
			return DEPEND_WAITS;
		/* fall through */
	case DEPEND_OK:
		return tally->bad ? DEPEND_NEVER : over ? DEPEND_MET : DEPEND_WAITS;
	case DEPEND_NOT_OK:
		return !over ? DEPEND_WAITS : tally->bad ? DEPEND_MET : DEPEND_NEVER;
	default:
		return over ? DEPEND_MET : DEPEND_WAITS;
	}
}

static bool is_alone(const Job *job)
{
	const Job *first = job_first_unfinished(job->name);

	return !first || first->id >= job->id;
}

static Verdict judge_item(Cluster *cluster, const Depend *item, const Task *waiting, int64_t now, int64_t *when)
{
	const Job *job;
	Tally tally;

	if (item->kind == DEPEND_SINGLETON)
		return is_alone(waiting->job) ? DEPEND_MET : DEPEND_WAITS;
	job = cluster_job(cluster, item->job);
	if (!job)       /* only somebody who edits the database can forget one that is waited for */
		return item->kind == DEPEND_AFTER || item->kind == DEPEND_ANY ? DEPEND_MET : DEPEND_NEVER;
	tally = tally_of(job, item, waiting);
	return judge_tally(&tally, item, waiting, now, when);
}

Verdict depends_judge(Cluster *cluster, const Task *task, int64_t now, int64_t *when)
{
	const Depends *depends = task->job->depends;
	Verdict decisive = depends && depends->any ? DEPEND_MET : DEPEND_NEVER;
	size_t waiting = 0;

	for (size_t i = 0; depends && i < depends->count; i++) {
		Verdict verdict = judge_item(cluster, &depends->items[i], task, now, when);

		if (verdict == decisive)
			return decisive;
		waiting += verdict == DEPEND_WAITS;
	}
	if (waiting)
		return DEPEND_WAITS;
	return decisive == DEPEND_NEVER ? DEPEND_MET : DEPEND_NEVER;
}
