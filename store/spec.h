/* spec.h - what a user writes into jobs/new, understood.
 *
 * The vocabulary is sbatch(1)'s. A line is options, then a command that runs untouched as `sh -c
 * COMMAND`; a document that begins with "#!" is one script job whose options stand in #SBATCH (or
 * #WULFS) lines, read up to the first line that is neither comment nor blank. #WULFS lines may also stand
 * before the "#!": they win over those in the script, and are not sent with it. One option table serves
 * all; adding an option is a row and a function. */
#ifndef STORE_SPEC_H
#define STORE_SPEC_H

#include "store/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SPEC_LINE_MAX = 64 * 1024,              /* bytes of a line or a directive, its newline not counted */
	SPEC_SCRIPT_MAX = 4 * 1024 * 1024,      /* bytes of a script */
	SPEC_NAME_MAX = 1024,                   /* bytes of a job name */
	SPEC_CPUS_MAX = 65536,
	SPEC_PATH_MAX = 4096,                   /* bytes of a path with its NUL: PATH_MAX of Linux */
	SPEC_PATHS_MAX = 64,                    /* paths of --transfer, globs of --return */
};

typedef struct Spec {
	bool script;            /* text is a '#!' document */
	const char *text;       /* as submitted, without a line's newline; the Spec's own copy, NUL-terminated */
	size_t length;          /* of text */
	size_t command;         /* offset in text of the command, of a script's "#!" */
	char *name;             /* --job-name; NULL: none given */
	char *directory;        /* --chdir; NULL: the submitter's. See spec_start_directory */
	char *environment;      /* --export's NAME=VALUE, each ended by a NUL; NULL: none */
	size_t environment_length;
	char *nodelist;         /* --nodelist, --exclude: names of nodes (hostlist.h), commas between; NULL: any, none */
	char *exclude;
	char *constraint;       /* --constraint: features with & , or | between; NULL: none */
	char *array;            /* --array, "0-15:4%2" (indices.h); NULL: none */
	char *dependency;       /* --dependency (depend.h), its names not looked up yet; NULL: none */
	char *transfer;         /* --transfer's paths, each ended by a NUL; NULL: none */
	size_t transfer_length;
	char *returns;          /* --return's globs, each ended by a NUL, backslashes kept; NULL: none */
	size_t returns_length;
	uint32_t cpus;          /* slots it takes: ntasks x cpus-per-task, at least 1 */
	uint32_t ntasks;        /* at least 1 */
	bool ntasks_given;      /* by --ntasks */
	uint32_t ntasks_per_node;       /* --ntasks-per-node; 0: not given */
	uint32_t limit;         /* --time, seconds; 0: none */
	uint64_t memory;        /* --mem, or --mem-per-cpu times cpus: bytes of the whole task; 0: no limit */
	uint64_t memory_per_cpu;        /* --mem-per-cpu, bytes; 0: not given, or --mem came after it */
	int warn_signal;        /* --signal; 0: none */
	uint32_t warn_before;   /* seconds before the time limit */
	bool warn_first;        /* B: to the first process only */
	char *input;            /* --input, its patterns not filled in; NULL: none */
	bool fed;               /* --stdin: it reads what is written to jobs/ID/stdin */
	char *partition;        /* --partition, --account: for the task's environment; NULL: not given */
	char *account;
	int64_t begin;          /* --begin, ms since the epoch, as it was when this was parsed; 0: at once */
	uint16_t retries;       /* --retries */
	bool exclusive;         /* all slots of its node */
	bool kill_invalid;      /* --kill-on-invalid-dep: cancelled when its dependency cannot come true any more */
	int nice;               /* -2147483645 .. 2147483645; priority falls as it grows */
	bool hold;
	bool requeue;           /* run again after a node was lost; true unless --no-requeue */
} Spec;

/* Understand a line (n bytes, no newline at its end) or a whole '#!' document. Returns a new Spec, the
 * caller's to spec_free, or NULL: EINVAL malformed (err points at the word), E2BIG over the bounds above. */
Spec *spec_parse(const char *text, size_t n, Err *err);
void spec_free(Spec *spec);

/* Likewise for a text that was accepted once, perhaps by an earlier version: what is refused only because it is
 * hardly ever meant is understood. */
Spec *spec_parse_again(const char *text, size_t n, Err *err);

/* What it is called without --job-name: a line as the file of its program, behind assignments and { or (; "line" where
 * that cannot be told. A script is "script", as its file is not known. The caller's to free. */
char *spec_default_name(const Spec *spec);

/* Where its tasks start, if a node has that: --chdir, from the submitter's directory. NULL: that is not known, and needed;
 * the caller's to free. */
char *spec_start_directory(const Spec *spec, const char *submitter);

/* What a text that begins with these bytes is: lines, or a script ("#!", or #WULFS before it). */
typedef enum SpecKind { SPEC_LINES, SPEC_SCRIPT, SPEC_UNDECIDED } SpecKind;

enum { SPEC_KIND_BYTES = 7 };           /* so many bytes decide it */

SpecKind spec_kind(const char *text, size_t n);

/* Is the line empty or a comment, and so no job? False for "#!" and for lines spec_parse must refuse
 * (#SBATCH outside a document). */
bool spec_is_blank(const char *line, size_t n);

/* Does one of these lines show that all of them were meant as one script, which they are not: "#!" that is not
 * at byte 0, a directive, a byte order mark? -1 with EINVAL, and *at is where that line begins. Nothing of such
 * a text may run. The last line may be cut short. */
int spec_check_stray(const char *lines, size_t n, size_t *at, Err *err);

/* Does the line end in a backslash that no backslash takes for itself? The next line belongs to it. */
bool spec_goes_on(const char *line, size_t n);

/* Judge the part of a '#!' document that has been written so far: 0 while nothing in its complete
 * lines is wrong, else -1 as spec_parse. */
int spec_check_script(const char *text, size_t n, Err *err);

/* "10", "10:30", "1:10:30", "2-1", "2-1:10", "2-1:10:30", UNLIMITED -> seconds (0: unlimited). sbatch(1), --time. */
int spec_parse_time(const char *word, uint32_t *seconds, Err *err);

/* "16:00", "now+1hour", "tomorrow", "2030-01-20T12:34" -> ms since the epoch; now likewise. sbatch(1), --begin. */
int spec_parse_begin(const char *word, int64_t now, int64_t *moment, Err *err);
/* "500" (megabytes), "2048K", "64MB", "2T" -> bytes, 1 MiB to 64 TiB; "0" -> 0: no limit. sbatch(1), --mem. */
int spec_parse_memory(const char *word, uint64_t *bytes, Err *err);

/* "TERM", "SIGTERM" or "15", as kill(1). */
int spec_parse_signal(const char *word, int *signal, Err *err);

#endif
