/* mount_test.c - the mount as its users see it: each tests/mount/NAME.sh is run against the real program.
 *
 *	build/tests/mount_test              all cases
 *	build/tests/mount_test NAME...      those; a name may be a pattern as in sh(1)
 *	KEEP=1 build/tests/mount_test NAME  leaves the case's directory behind, to be looked at
 *	LANES=4 build/tests/mount_test      so many at a time (two for each CPU: they mostly wait)
 *	SHARE=10 build/tests/mount_test     with a tenth of the large amounts that some cases work with (per cent)
 *	TIMES=1 build/tests/mount_test      says of each case how many seconds it took, of the clock and of CPUs
 *
 * To be run from the top of the tree. The program is the wulfs that lies beside the directory of this one,
 * or $WULFS. A case gets a directory of its own with a state and a mount point in it, a session of its own,
 * and what tests/mount/lib.sh says. Lines of its opening comment tell more:
 *
 *	# shells: bash dash zsh "busybox sh"    once in each (dash)
 *	# options: local=4                      for the mount, beside the usual ones
 *	# mount: no                             it does its own mounting
 *	# timeout: 120                          seconds (60)
 *	# alone: yes                            not beside others: it measures, or takes all there is
 *	# again: no                             looks for races: a deadline that it misses may be one
 *
 * Each case has a keeper, a process that starts it, watches over it and cleans up after it. Keepers run
 * ahead of the tests that ask how they did, which say so in the order of their start: first those with the longest
 * timeout, last those that are to be alone.
 *
 * It passes if it ends with 0 and is left out if it ends with 77. With 75 a deadline has passed; if that is all that was wrong, and
 * the case may be tried again, a line "late: NAME" says so to .ci/run. Afterwards everything is unmounted, and
 * whatever it started is ended: found by a variable in the environment or by having become the keeper's child,
 * never by a name. A daemon that does not go with its mount, a crash, or a suspicious word in a log is a failure. */
#include "store/base/buf.h"
#include "store/spec_words.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <glob.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
enum { SLOW = 4 };              /* every deadline times this; cases know it as $SLOW */
#else
enum { SLOW = 1 };
#endif

enum { WORDS_MAX = 8, LEFT_OUT = 77, LATE = 75, SANITIZER_EXIT = 99, OUT_OF_TIME = -1 };

static const char suspicious[] = "anitizer|ssertion .* failed|[Ll]eak|BUG|runtime error";

typedef struct Case {
	char *title;                    /* NAME, or "NAME in SHELL" */
	char *name, *path;
	char *shell[WORDS_MAX];
	char *options;                  /* a "," before it, or "" */
	bool mounts, alone, once;
	int timeout;
	pid_t keeper;                   /* 0: not started */
	bool over;
	int64_t begun;                  /* ms */
	int status;                     /* of the keeper, once over */
	size_t place;                   /* among those found */
	FILE *said;                     /* what it has to say */
} Case;

typedef struct Cases {
	struct CMUnitTest *item;
	size_t length, started, running;
	size_t lanes;
	bool alone;                     /* the one that runs wants to be */
} Cases;

static char *program;                   /* wulfs, absolute */
static char *cases;                     /* tests/mount, absolute */
static Cases all;
static int slow = SLOW;                 /* more with several lanes */
static char *crashed;                   /* says which process of the case crashed that nobody else waited for */

static char *formatted(const char *format, ...) __attribute__((format(printf, 1, 2)));
static int command(const char *format, ...) __attribute__((format(printf, 1, 2)));

static char *formatted(const char *format, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		abort();
	va_end(args);
	return text;
}

static int command(const char *format, ...)
{
	char *line = NULL;
	va_list args;
	int status;

	va_start(args, format);
	if (vasprintf(&line, format, args) < 0)
		abort();
	va_end(args);
	fflush(NULL);
	status = system(line);
	free(line);
	return status;
}

static void read_whole(const char *path, Buf *text)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	while (fd >= 0 && (n = read(fd, buf_space(text, 4096), 4096)) > 0)
		buf_grew(text, (size_t)n);
	if (fd >= 0)
		close(fd);
}

/* --- reading cases ----------------------------------------------------------------------------- */

/* The value of "# word: value" in the opening comment, the caller's; NULL: it says nothing. */
static char *header(const char *text, const char *word)
{
	for (; *text == '#'; text += strcspn(text, "\n") + 1) {
		size_t n = strlen(word), line = strcspn(text, "\n");

		if (line > n + 4 && strncmp(text + 2, word, n) == 0 && text[2 + n] == ':')
			return mem_copy(text + n + 4, line - n - 4);
		if (!text[line])
			break;
	}
	return NULL;
}

static int split(const char *text, char *word[WORDS_MAX])
{
	Words words = { text, 0, strlen(text) };
	Word next = WORD_INIT;
	int n = 0;

	while (n < WORDS_MAX - 1 && words_next(&words, &next, NULL) > 0)
		word[n++] = mem_copy_text(word_text(&next));
	word[n] = NULL;
	word_release(&next);
	return n;
}

static Case *case_new(const char *path, const char *text, const char *shell, bool only)
{
	Case *made = mem_new_zeroed(sizeof *made);
	const char *name = strrchr(path, '/') + 1;
	char *options = header(text, "options"), *mount = header(text, "mount"), *timeout = header(text, "timeout");
	char *alone = header(text, "alone"), *again = header(text, "again");

	made->path = mem_copy_text(path);
	made->name = mem_copy(name, strlen(name) - strlen(".sh"));
	made->title = only ? mem_copy_text(made->name) : formatted("%s in %s", made->name, shell);
	made->options = formatted("%s%s", options ? "," : "", options ? options : "");
	made->mounts = !mount || strcmp(mount, "no") != 0;
	made->alone = alone && strcmp(alone, "yes") == 0;
	made->once = again && strcmp(again, "no") == 0;
	made->timeout = slow * (timeout ? atoi(timeout) : 60);
	split(shell, made->shell);
	free(options);
	free(mount);
	free(timeout);
	free(alone);
	free(again);
	return made;
}

static void case_free(Case *old)
{
	for (int i = 0; old->shell[i]; i++)
		free(old->shell[i]);
	free(old->title);
	free(old->name);
	free(old->path);
	free(old->options);
	free(old);
}

static void tell_of_case(void **state);

static void add_case(Case *made)
{
	all.item = mem_resize(all.item, (all.length + 1) * sizeof *all.item);
	made->place = all.length;
	all.item[all.length++] = (struct CMUnitTest){ made->title, tell_of_case, NULL, NULL, made };
}

static void add_file(const char *path)
{
	Buf text = BUF_INIT;
	char *value, *shells[WORDS_MAX];
	int n;

	read_whole(path, &text);
	value = header(buf_text(&text), "shells");
	n = split(value ? value : "dash", shells);
	for (int i = 0; i < n; i++) {
		add_case(case_new(path, buf_text(&text), shells[i], n == 1));
		free(shells[i]);
	}
	free(value);
	buf_release(&text);
}

/* What cases read is not one. */
static bool is_helper(const char *name)
{
	static const char *const helpers[] = { "lib.sh", "sshd.sh", "netns.sh", "mdns.sh" };

	for (size_t i = 0; i < sizeof helpers / sizeof *helpers; i++)
		if (strcmp(name, helpers[i]) == 0)
			return true;
	return false;
}

static bool is_wanted(const char *path, char **names)
{
	const char *name = strrchr(path, '/') + 1;
	char *stem = mem_copy(name, strlen(name) - strlen(".sh"));
	bool wanted = !*names;

	for (; *names; names++)
		wanted = wanted || fnmatch(*names, stem, 0) == 0;
	free(stem);
	return wanted && !is_helper(name);
}

static void find_cases(char **names)
{
	char *pattern = formatted("%s/*.sh", cases);
	glob_t found;

	if (glob(pattern, 0, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc; i++)
			if (is_wanted(found.gl_pathv[i], names))
				add_file(found.gl_pathv[i]);
		globfree(&found);
	}
	free(pattern);
}

/* Those that may take longest first, so that none is left over at the end; those that want to be alone last. */
static int by_start(const void *a, const void *b)
{
	const Case *x = ((const struct CMUnitTest *)a)->initial_state, *y = ((const struct CMUnitTest *)b)->initial_state;

	if (x->alone != y->alone)
		return x->alone - y->alone;
	if (x->timeout != y->timeout)
		return y->timeout - x->timeout;
	return (x->place > y->place) - (x->place < y->place);
}

/* --- running one ------------------------------------------------------------------------------- */

static void set(const char *name, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void set(const char *name, const char *format, ...)
{
	char *value = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&value, format, args) < 0)
		abort();
	va_end(args);
	setenv(name, value, 1);
	free(value);
}

static void describe_world(const Case *test, const char *directory)
{
	set("WULFS_TEST", "%s", directory);     /* by which whatever the case starts is found again */
	set("WULFS", "%s", program);
	set("CASES", "%s", cases);
	set("CASE", "%s", test->path);
	set("W", "%s/mount", directory);
	set("S", "%s/state", directory);
	set("T", "%s/work", directory);
	set("OPTIONS", "%s", test->options);
	set("MOUNTS", "%d", test->mounts);
	set("SLOW", "%d", slow);
	set("SANITIZED", "%s", SLOW > 1 ? "yes" : "");
	set("LC_ALL", "C");
	set("PATH", "%s", "/usr/sbin:/usr/bin:/sbin:/bin");     /* the system's python3, not one that a wrapper chooses */
	set("XDG_STATE_HOME", "%s/home", directory);
	set("ASAN_OPTIONS", "detect_leaks=1:exitcode=99");
	set("UBSAN_OPTIONS", "print_stacktrace=1");
	set("TSAN_OPTIONS", "exitcode=99");
}

static void become_case(const Case *test, const char *directory)
{
	char *arguments[WORDS_MAX + 3], *output = formatted("%s/output", directory);
	sigset_t none;
	int n = 0;

	setsid();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	describe_world(test, directory);
	if (chdir(directory) < 0 || chdir("work") < 0 || !freopen("/dev/null", "r", stdin) ||
	    !freopen(output, "w", stdout) || dup2(STDOUT_FILENO, STDERR_FILENO) < 0)
		_exit(126);
	for (; test->shell[n]; n++)
		arguments[n] = test->shell[n];
	arguments[n++] = (char *)"-c";
	arguments[n++] = (char *)". \"$CASES/lib.sh\"; . \"$CASE\"";
	arguments[n] = NULL;
	execvp(*arguments, arguments);
	_exit(127);
}

static pid_t start(const Case *test, const char *directory)
{
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0)
		become_case(test, directory);
	return pid;
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void wait_for_child(int64_t ms)
{
	struct timespec most = { ms / 1000, ms % 1000 * 1000000 };
	sigset_t child;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigtimedwait(&child, NULL, &most);
}

static bool is_crash(int status)
{
	int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

	return (WIFEXITED(status) && WEXITSTATUS(status) == SANITIZER_EXIT) || signal == SIGSEGV || signal == SIGBUS ||
	       signal == SIGABRT || signal == SIGFPE || signal == SIGILL;
}

/* Of a process that has ended and was not waited for; the caller's. */
static char *name_of(pid_t pid)
{
	char *path = formatted("/proc/%d/comm", (int)pid), *name;
	Buf text = BUF_INIT;

	read_whole(path, &text);
	name = formatted("%.*s", (int)strcspn(buf_text(&text), "\n"), buf_text(&text));
	free(path);
	buf_release(&text);
	return name;
}

static pid_t next_dead(void)
{
	siginfo_t dead = { 0 };

	return waitid(P_ALL, 0, &dead, WEXITED | WNOHANG | WNOWAIT) == 0 ? dead.si_pid : 0;
}

static void say_crash(pid_t pid, const char *name, int status)
{
	free(crashed);
	if (WIFSIGNALED(status))
		crashed = formatted("process %d (%s), in the background, crashed: %s", (int)pid, name, strsignal(WTERMSIG(status)));
	else
		crashed = formatted("process %d (%s), in the background, ended for a sanitizer", (int)pid, name);
}

/* Daemons and agents become our children when those who started them end: all are reaped here. True if
 * pid was among the dead. */
static bool reap(pid_t pid, int *status)
{
	bool found = false;
	int one;

	for (pid_t dead; (dead = next_dead()) > 0;) {
		char *name = name_of(dead);

		if (waitpid(dead, &one, 0) == dead && is_crash(one))
			say_crash(dead, name, one);
		free(name);
		if (dead == pid) {
			found = true;
			*status = one;
		}
	}
	return found;
}

/* Its exit status, or OUT_OF_TIME. */
static int wait_for(pid_t pid, int seconds)
{
	int64_t end = now_ms() + 1000 * (int64_t)seconds;
	int status = 0;

	while (!reap(pid, &status)) {
		if (now_ms() >= end)
			return OUT_OF_TIME;
		wait_for_child(end - now_ms());
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* --- ending what it left ----------------------------------------------------------------------- */

static bool has_variable(const Buf *environment, const char *variable)
{
	for (size_t at = 0; at < environment->length; at += strlen(environment->data + at) + 1)
		if (strcmp(environment->data + at, variable) == 0)
			return true;
	return false;
}

/* Is it of the case, alive, and of this session (0: any) and this name (NULL: any)? */
static bool is_of_case(pid_t pid, const char *directory, pid_t session, const char *name)
{
	char *path = formatted("/proc/%d/environ", (int)pid), *variable = formatted("WULFS_TEST=%s", directory);
	Buf text = BUF_INIT;
	bool is;

	read_whole(path, &text);
	is = has_variable(&text, variable);
	free(path);
	free(variable);
	buf_clear(&text);
	path = formatted("/proc/%d/comm", (int)pid);
	read_whole(path, &text);
	if (name && strcspn(buf_text(&text), "\n") != strlen(name))
		is = false;
	if (name && strncmp(buf_text(&text), name, strlen(name)) != 0)
		is = false;
	free(path);
	buf_release(&text);
	return is && (!session || getsid(pid) == session);
}

/* Send them a signal (0: none); returns how many there are. */
static int signal_case(const char *directory, pid_t session, const char *name, int signal)
{
	DIR *proc = opendir("/proc");
	int n = 0;

	for (struct dirent *entry; proc && (entry = readdir(proc));) {
		pid_t pid = (pid_t)atoi(entry->d_name);

		if (pid > 0 && pid != getpid() && is_of_case(pid, directory, session, name) && kill(pid, signal) == 0)
			n++;
	}
	if (proc)
		closedir(proc);
	return n;
}

/* Signal them and wait until they are gone; false: they stayed. */
static bool end_case(const char *directory, pid_t session, const char *name, int signal, int seconds)
{
	int64_t end = now_ms() + 1000 * (int64_t)seconds;
	int status, left = signal_case(directory, session, name, signal);

	while (left) {
		if (now_ms() >= end)
			return false;
		wait_for_child(20);
		reap(0, &status);
		left = signal_case(directory, session, name, 0);
	}
	return true;
}

static bool is_child(pid_t pid)
{
	char *path = formatted("/proc/%d/stat", (int)pid), *name_end;
	Buf text = BUF_INIT;
	int parent = 0;

	read_whole(path, &text);
	name_end = strrchr(buf_text(&text), ')');
	free(path);
	if (name_end && sscanf(name_end, ") %*c %d", &parent) != 1)
		parent = 0;
	buf_release(&text);
	return parent == getpid();
}

static int kill_children(void)
{
	DIR *proc = opendir("/proc");
	int n = 0;

	for (struct dirent *entry; proc && (entry = readdir(proc));) {
		pid_t pid = (pid_t)atoi(entry->d_name);

		if (pid > 0 && is_child(pid) && kill(pid, SIGKILL) == 0)
			n++;
	}
	if (proc)
		closedir(proc);
	return n;
}

/* Whoever loses its parent becomes our child: so those are found who write over their environment, as sshd. */
static void end_orphans(int seconds)
{
	int64_t end = now_ms() + 1000 * (int64_t)seconds;
	int status;

	while (kill_children() && now_ms() < end) {
		wait_for_child(20);
		reap(0, &status);
	}
}

static void unmount_all(const char *directory)
{
	command("awk -v d='%s/' 'index($5, d) == 1 { print $5 }' /proc/self/mountinfo | sort -r | while read -r m; do"
		" fusermount3 -u $m 2>/dev/null || umount $m 2>/dev/null || fusermount3 -uz $m 2>/dev/null ||"
		" umount -l $m; done", directory);
}

/* What was wrong with how it went, or NULL. The daemon goes by itself and the agent when it is told, as a
 * sanitizer looks for leaks only then. */
static const char *clean_up(const char *directory, pid_t session)
{
	const char *wrong = NULL;

	end_case(directory, session, NULL, SIGKILL, 5);
	unmount_all(directory);
	if (!end_case(directory, 0, "wulfs", 0, 5 * slow)) {
		wrong = "the daemon outlives its mount";
		end_case(directory, 0, "wulfs", SIGKILL, 5);
		unmount_all(directory);
	}
	if (!end_case(directory, 0, NULL, SIGTERM, 5 * slow))
		end_case(directory, 0, NULL, SIGKILL, 5);
	end_orphans(5);
	if (command("cd %s && find . -xdev '(' -name wulfs.log -o -path '*/agent/log' -o -path '*/node-*/log' -o -name output ')' -type f"
		    " -exec grep -aHnE '%s' {} + | grep -v '^./output:[0-9]*:+'", directory, suspicious) == 0)
		wrong = "suspicious words in a log";
	if (crashed)
		wrong = crashed;
	return wrong;
}

static void show(const char *directory, const char *file, int lines)
{
	command("cd %s && [ -s %s ] && { echo '--- %s'; tail -n %d %s; }", directory, file, file, lines, file);
}

static void report(const Case *test, const char *directory, int status, const char *wrong)
{
	if (status == OUT_OF_TIME)
		print_error("%s: not done after %d s\n", test->title, test->timeout);
	else if (status != 0 && status != LATE)
		print_error("%s: exit %d\n", test->title, status);
	if (wrong)
		print_error("%s: %s\n", test->title, wrong);
	else if (status == LATE && !test->once)
		print_error("late: %s\n", test->name);
	show(directory, "output", 25);
	show(directory, "state/wulfs.log", 15);
	show(directory, "state/agent/log", 15);
	print_error("again: %s %s\n", program_invocation_name, test->name);
}

/* What becomes of it: 0, LEFT_OUT or 1. */
static int run_case(const Case *test)
{
	const char *base = getenv("TMPDIR");
	char *directory = formatted("%s/wulfs-test-XXXXXX", base ? base : "/tmp");
	const char *wrong;
	pid_t session;
	int status;

	if (!mkdtemp(directory))
		return 1;
	command("mkdir %s/work %s/mount", directory, directory);
	free(crashed);
	crashed = NULL;
	session = start(test, directory);
	status = wait_for(session, test->timeout);
	wrong = clean_up(directory, session);
	if (status == LEFT_OUT && !wrong)
		command("tail -n 1 %s/output", directory);
	else if (status != 0 || wrong)
		report(test, directory, status, wrong);
	if (!getenv("KEEP"))
		command("rm -rf --one-file-system %s", directory);
	else
		print_message("%s\n", directory);
	free(directory);
	return wrong || (status && status != LEFT_OUT) ? 1 : status;
}

/* --- keepers ----------------------------------------------------------------------------------- */

/* Everything that a case starts ends as a child of its keeper, so all CPU time is counted. */
static void show_times(const Case *test)
{
	struct rusage used;

	getrusage(RUSAGE_CHILDREN, &used);
	print_message("time: %s %.1f s, %.1f s of CPUs\n", test->title, (double)(now_ms() - test->begun) / 1000,
		      (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec));
}

static void become_keeper(const Case *test)
{
	int rc;

	if (dup2(fileno(test->said), STDOUT_FILENO) < 0 || dup2(STDOUT_FILENO, STDERR_FILENO) < 0)
		_exit(126);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	rc = run_case(test);
	if (getenv("TIMES"))
		show_times(test);
	exit(rc);
}

static void start_keeper(Case *test)
{
	test->said = tmpfile();
	if (!test->said)
		abort();
	fflush(NULL);
	test->begun = now_ms();
	test->keeper = fork();
	if (test->keeper == 0)
		become_keeper(test);
	if (test->keeper < 0)
		abort();
	all.started++;
	all.running++;
	all.alone = test->alone;
}

static void fill_lanes(void)
{
	while (all.started < all.length && all.running < all.lanes) {
		Case *next = all.item[all.started].initial_state;

		if (all.running && (all.alone || next->alone))
			return;
		start_keeper(next);
	}
}

static void wait_for_a_keeper(void)
{
	int status;
	pid_t pid = waitpid(-1, &status, 0);

	for (size_t i = 0; i < all.started; i++) {
		Case *test = all.item[i].initial_state;

		if (test->keeper != pid || test->over)
			continue;
		test->over = true;
		test->status = status;
		all.running--;
	}
}

static void repeat(FILE *said)
{
	char bytes[4096];
	size_t n;

	rewind(said);
	while ((n = fread(bytes, 1, sizeof bytes, said)) > 0)
		fwrite(bytes, 1, n, stderr);
	fclose(said);
}

static void tell_of_case(void **state)
{
	Case *test = *state;

	fill_lanes();
	while (!test->over) {
		wait_for_a_keeper();
		fill_lanes();
	}
	repeat(test->said);
	if (WIFEXITED(test->status) && WEXITSTATUS(test->status) == LEFT_OUT)
		skip();
	if (!WIFEXITED(test->status) || WEXITSTATUS(test->status) != 0)
		fail();
}

static size_t count_lanes(void)
{
	const char *given = getenv("LANES");
	long lanes = given ? atol(given) : 2 * sysconf(_SC_NPROCESSORS_ONLN);

	return lanes < 1 ? 1 : (size_t)lanes;
}

/* --- all of them ------------------------------------------------------------------------------- */

static char *find_program(void)
{
	char self[PATH_MAX] = "";
	const char *given = getenv("WULFS");

	if (given)
		return realpath(given, NULL);
	if (readlink("/proc/self/exe", self, sizeof self - 1) < 0)
		return NULL;
	strcpy(strrchr(self, '/'), "/../wulfs");
	return realpath(self, NULL);
}

static int refuse(const char *why)
{
	fprintf(stderr, "mount_test: %s\n", why);
	return 1;
}

int main(int argc, char **argv)
{
	sigset_t child;
	int failed;

	(void)argc;
	program = find_program();
	cases = realpath("tests/mount", NULL);
	if (!program || access(program, X_OK) < 0)
		return refuse("there is no wulfs to test: run make first, or say where it is with WULFS=");
	if (!cases)
		return refuse("tests/mount is not here: run this from the top of the tree");
	if (access("/dev/fuse", R_OK | W_OK) < 0)
		return refuse("/dev/fuse cannot be opened, so nothing can be mounted here: load the fuse module, or give "
			      "this container the device");
	all.lanes = count_lanes();
	if (all.lanes > 1)
		slow *= 2;
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	find_cases(argv + 1);
	if (all.length == 0)
		return refuse("no case of that name in tests/mount");
	qsort(all.item, all.length, sizeof *all.item, by_start);
	failed = _cmocka_run_group_tests("mount", all.item, all.length, NULL, NULL);
	for (size_t i = 0; i < all.length; i++)
		case_free(all.item[i].initial_state);
	free(all.item);
	free(program);
	free(cases);
	return failed;
}
