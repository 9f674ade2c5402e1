/* db_test.c - sqlite behind its fence, and the log of events beside it. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/base/log.h"
#include "store/base/clock.h"
#include "store/events.h"
#include "stage.h"

static Db *open_db(Stage *stage)
{
	char *path = state_path(&stage->state, "test.db");
	Err err;
	Db *db = db_open(path, &err);

	free(path);
	assert_non_null(db);
	assert_int_equal(db_exec(db, "CREATE TABLE IF NOT EXISTS x (i INTEGER, t TEXT, b BLOB)", &err), 0);
	return db;
}

static void values_come_back_as_they_went_in(void **state)
{
	Db *db = open_db(*state);
	Err err;
	Query *put = db_prepare(db, "INSERT INTO x VALUES (?,?,?)", &err);
	Query *get = db_prepare(db, "SELECT i, t, b FROM x ORDER BY i", &err);
	const char *text;
	const void *bytes;
	int64_t number;
	size_t n;

	assert_int_equal(query_run(put, &err, "itb", INT64_MIN, "text", "a\0b", (size_t)3), 0);
	assert_int_equal(query_run(put, &err, "itb", INT64_MAX, NULL, NULL, (size_t)0), 0);
	query_start(get, "");
	assert_int_equal(query_next(get, &err), 1);
	query_columns(get, "itb", &number, &text, &bytes, &n);
	assert_true(number == INT64_MIN);
	assert_string_equal(text, "text");
	assert_int_equal(n, 3);
	assert_memory_equal(bytes, "a\0b", 3);
	assert_int_equal(query_next(get, &err), 1);
	query_columns(get, "itb", &number, &text, &bytes, &n);
	assert_true(number == INT64_MAX);
	assert_null(text);
	assert_null(bytes);
	assert_int_equal(query_next(get, &err), 0);
	db_close(db);
}

static void a_refusal_is_a_number_and_a_sentence(void **state)
{
	Db *db = open_db(*state);
	Err err = { 0 };

	assert_null(db_prepare(db, "SELECT a FROM nowhere", &err));
	assert_int_equal(err.number, EIO);
	assert_string_equal(err.text, "the state's database: no such table: nowhere");
	assert_int_equal(db_exec(db, "PRAGMA max_page_count = 3", &err), 0);
	assert_int_equal(db_exec(db, "INSERT INTO x VALUES (1, '', zeroblob(100000))", &err), -1);
	assert_int_equal(err.number, ENOSPC);
	db_close(db);
}

static void what_was_committed_is_there_for_the_next(void **state)
{
	Stage *stage = *state;
	Db *first = open_db(stage), *second;
	Query *count;
	int64_t n = 0;
	Err err;

	db_exec(first, "BEGIN; INSERT INTO x VALUES (1, '', NULL); COMMIT; BEGIN; INSERT INTO x VALUES (2, '', NULL)", &err);
	second = open_db(stage);
	count = db_prepare(second, "SELECT count(*) FROM x", &err);
	query_start(count, "");
	assert_int_equal(query_next(count, &err), 1);
	query_columns(count, "i", &n);
	assert_int_equal(n, 1);
	db_close(second);
	db_close(first);
}

/* As long as it lasts nobody waits for it again. */
static void a_lock_of_another_is_not_waited_for(void **state)
{
	Db *ours = open_db(*state), *other = open_db(*state);
	Err err = { 0 };
	Query *begin = db_prepare(ours, "BEGIN IMMEDIATE", &err);
	int64_t before = clock_mono_ms();

	db_hurry(ours);
	assert_int_equal(db_exec(other, "BEGIN IMMEDIATE", &err), 0);
	for (int i = 0; i < 100; i++) {
		assert_int_equal(query_run(begin, &err, ""), -1);
		assert_int_equal(err.number, EAGAIN);
	}
	assert_true(clock_mono_ms() - before < 1500);
	assert_non_null(strstr(err.text, "is locked by "));
	assert_int_equal(db_exec(other, "ROLLBACK", &err), 0);
	assert_int_equal(query_run(begin, &err, ""), 0);
	db_close(other);
	db_close(ours);
}

static void views_read_like_the_manual(void **state)
{
	Stage *stage = *state;
	Task *task = submit(stage, "-J sim ./sim 42");

	submit(stage, "true");
	commit(stage);
	start(stage, task);
	finish(stage, task, TASK_FAILED, 3);
	commit(stage);
	assert_int_equal(ask(stage, "SELECT exit FROM jobs WHERE name = 'sim' AND state = 'FAILED' AND node = 'local'"
				    " AND spec = '-J sim ./sim 42'"), 3);
	assert_int_equal(ask(stage, "SELECT count(*) FROM jobs WHERE state = 'PENDING' AND exit IS NULL"), 1);
	assert_int_equal(ask(stage, "SELECT count(*) FROM runs WHERE outcome = 'FAILED' AND ended - started = 2.0"), 1);
	assert_int_equal(ask(stage, "SELECT failed FROM nodes WHERE name = 'local'"), 1);
}

static void assert_event(Events *events, const char *line)
{
	static char text[4096];
	ssize_t n = events_read(events, 0, text, sizeof text - 1);

	assert_true(n >= 0);
	text[n] = '\0';
	if (!strstr(text, line))
		fail_msg("no event \"%s\" in:\n%s", line, text);
	assert_int_equal(events_size(events), n);
}

/* What is written into files that nobody will find again is not kept. */
static void what_is_removed_takes_no_more(void **state)
{
	static const char *const names[] = { "wulfs.db", "wulfs.db-wal", "wulfs.db-shm", "lock" };
	Stage *stage = *state;
	Err err = { 0 };

	submit(stage, "true");
	commit(stage);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char *path = state_path(&stage->state, names[i]), *away = state_path(&stage->state, "away");

		assert_int_equal(rename(path, away), 0);
		submit(stage, "true");
		assert_int_equal(cluster_commit(stage->cluster, &err), -1);
		assert_int_equal(err.number, EIO);
		assert_non_null(strstr(err.text, "was removed under the mount"));
		assert_int_equal(cluster_probe(stage->cluster, &err), -1);
		assert_int_equal(rename(away, path), 0);
		assert_int_equal(cluster_probe(stage->cluster, &err), 0);
		free(path);
		free(away);
	}
	assert_int_equal(ask(stage, "SELECT count(*) FROM job"), 1);
}

static void every_change_of_state_is_an_event(void **state)
{
	Stage *stage = *state;
	Err err;
	Events *events = events_open(stage->cluster, &err);
	Task *task = submit(stage, "true");

	commit(stage);
	start(stage, task);
	finish(stage, task, TASK_COMPLETED, 0);
	commit(stage);
	stage->node->up = false;
	events_node(events, stage->node, NODE_IDLE);
	events_flush(events);
	assert_event(events, " job 10000001 - PENDING -\n");
	assert_event(events, " job 10000001 PENDING RUNNING local\n");
	assert_event(events, " job 10000001 RUNNING COMPLETED local\n");
	assert_event(events, " node local IDLE CONNECTING -\n");
	events_close(events);
}

static void events_are_only_ever_added(void **state)
{
	Stage *stage = *state;
	Err err;
	Events *events = events_open(stage->cluster, &err);

	submit(stage, "true");
	commit(stage);
	events_close(events);
	open_again(stage);
	events = events_open(stage->cluster, &err);
	submit(stage, "true");
	commit(stage);
	fill_disk(true);
	events_flush(events);
	fill_disk(false);
	submit(stage, "true");
	commit(stage);
	events_flush(events);
	assert_event(events, " job 10000001 - PENDING -\n");
	assert_event(events, " job 10000003 - PENDING -\n");
	events_close(events);
}

static void add_events(Events *events, Node *node, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		events_node(events, node, NODE_DOWN);
		if (i % 1000 == 0)
			events_flush(events);
	}
	events_flush(events);
}

static bool has_events_file(Stage *stage, const char *name)
{
	char path[128];

	snprintf(path, sizeof path, "%s/%s", stage->directory, name);
	return access(path, F_OK) == 0;
}

static void who_reads_events_sees_every_line_of_all_files(void **state)
{
	enum { LINES = 1200000 };
	Stage *stage = *state;
	Err err = { 0 };
	Events *events = events_open(stage->cluster, &err);
	uint64_t offset = 0, lines = 0;
	static char bytes[65536];
	ssize_t n;

	assert_non_null(events);
	events_hold(events);
	for (int i = 0; i < 4; i++) {
		add_events(events, stage->node, LINES / 4);
		for (; (n = events_read(events, offset, bytes, sizeof bytes)) > 0; offset += (uint64_t)n)
			for (ssize_t k = 0; k < n; k++)
				lines += bytes[k] == '\n';
	}
	assert_int_equal(lines, LINES);
	assert_int_equal(offset, events_size(events));
	assert_true(has_events_file(stage, "events.2"));
	events_let_go(events);
	assert_true(events_size(events) < 40u << 20);
	assert_true(has_events_file(stage, "events.1") && !has_events_file(stage, "events.2"));
	offset = events_size(events);
	events_close(events);
	events = events_open(stage->cluster, &err);
	assert_int_equal(events_size(events), offset);
	assert_true(events_read(events, 0, bytes, 100) == 100 && strchr("0123456789", bytes[0]));
	events_close(events);
}

static void nobody_reads_and_events_take_little_of_the_disk(void **state)
{
	Stage *stage = *state;
	Err err = { 0 };
	Events *events = events_open(stage->cluster, &err);

	add_events(events, stage->node, 2000000);
	assert_true(events_size(events) < 40u << 20);
	assert_false(has_events_file(stage, "events.2"));
	events_close(events);
}

static void events_stay_where_they_are_without_descriptors(void **state)
{
	Stage *stage = *state;
	Err err = { 0 };
	Events *events = events_open(stage->cluster, &err);
	struct rlimit was, none;
	uint64_t size;

	while (events_size(events) < 32u << 20)
		add_events(events, stage->node, 1000);
	size = events_size(events);
	getrlimit(RLIMIT_NOFILE, &was);
	none = was;
	none.rlim_cur = 3;
	setrlimit(RLIMIT_NOFILE, &none);
	add_events(events, stage->node, 5000);
	setrlimit(RLIMIT_NOFILE, &was);
	assert_true(events_size(events) > size && !has_events_file(stage, "events.2"));
	size = events_size(events);
	events_close(events);
	events = events_open(stage->cluster, &err);
	assert_int_equal(events_size(events), size);
	events_close(events);
}

static void a_full_log_becomes_another_file(void **state)
{
	Stage *stage = *state;
	int was = dup(STDERR_FILENO);
	char path[128];
	struct stat st;

	snprintf(path, sizeof path, "%s/wulfs.log", stage->directory);
	assert_int_equal(log_to(path), 0);
	for (int i = 0; i < 25000; i++)
		log_info("%0900d", i);
	dup2(was, STDERR_FILENO);
	close(was);
	assert_true(has_events_file(stage, "wulfs.log.1"));
	assert_true(stat(path, &st) == 0 && st.st_size < 10 << 20 && st.st_size > 1000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		staged_test(who_reads_events_sees_every_line_of_all_files),
		staged_test(nobody_reads_and_events_take_little_of_the_disk),
		staged_test(a_full_log_becomes_another_file),
		staged_test(events_stay_where_they_are_without_descriptors),
		staged_test(values_come_back_as_they_went_in),
		staged_test(a_refusal_is_a_number_and_a_sentence),
		staged_test(what_was_committed_is_there_for_the_next),
		staged_test(a_lock_of_another_is_not_waited_for),
		staged_test(views_read_like_the_manual),
		staged_test(what_is_removed_takes_no_more),
		staged_test(every_change_of_state_is_an_event),
		staged_test(events_are_only_ever_added),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
