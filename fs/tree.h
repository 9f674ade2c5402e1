/* tree.h - the tree is tables.
 *
 * A Directory kind is one static table of Files; a File is a row: name, mode, and the functions that show
 * it, take what is written to it, or say whether it is ready. Look-up, listing, attributes, reading and
 * writing are written once (tree.c, handle.c) over the tables. Adding a file is a row and a function.
 *
 * Inode numbers say where they are: (id << 16 | directory kind << 8 | row), so nothing is remembered of a
 * look-up and numbers are the same after a remount. What is below results/ID/out is no table: files_out.h. Nothing here knows of FUSE. */
#ifndef FS_TREE_H
#define FS_TREE_H

#include "fs/fs.h"

#include <sys/stat.h>

typedef struct File File;
typedef struct Directory Directory;
typedef struct Handle Handle;

typedef struct Subject {        /* what a file is about */
	Job *job;
	Task *task;             /* the job's only one, or the one of an array that it is about; NULL: the whole array */
	uint32_t ordinal;       /* its place in the array; task may stand for it only: job_task */
	Node *node;
} Subject;

enum {
	SHY = 1,                /* look-up answers it, listing leaves it out: it can block */
	CACHED = 2,             /* the kernel may cache its pages once it is final */
};

/* How a handle on a file behaves; a row without one shows text (show) or takes lines (take). */
typedef struct HandleKind HandleKind;

struct File {
	const char *name;
	mode_t mode;
	unsigned flags;
	void (*show)(Fs *fs, Subject subject, Buf *out);        /* the whole text; a link: its target */
	int (*take)(Fs *fs, Subject subject, const char *line, size_t n, Err *err);     /* a complete line */
	bool (*ready)(Fs *fs, Subject subject);                 /* absent: always; else reads park until it is true */
	bool (*exists)(Fs *fs, Subject subject);                /* absent: always */
	uint64_t (*size)(Fs *fs, Subject subject);              /* absent: the text's length */
	int64_t (*changed)(Fs *fs, Subject subject);            /* ms; absent: the directory's */
	const HandleKind *kind;
	const Directory *directory;                             /* for a subdirectory that is always there */
};

/* A child of a directory that is there for a noun: a directory of its own, or a link to one. */
typedef struct Child {
	const Directory *directory;
	uint64_t id;
	bool alias;             /* a link, whose target is the id */
} Child;

struct Directory {
	uint8_t kind;                   /* its number in inode numbers */
	mode_t mode;
	const File *files;
	size_t count;
	const Directory *parent;
	bool (*find)(Fs *fs, uint64_t id, Subject *subject);    /* absent: there is one only, about nothing */
	int64_t (*changed)(Fs *fs, Subject subject);
	void (*show_name)(Subject subject, Buf *out);           /* of one of them, in its parent; absent: its id */
	/* children that come and go */
	bool (*lookup)(Fs *fs, Subject subject, const char *name, Child *child);
	bool (*next)(Fs *fs, Subject subject, uint64_t after, Child *child, char name[256]);    /* listed ones, by rising id */
	int (*mkdir)(Fs *fs, const char *name, Err *err);       /* absent: EPERM; then look-up finds it */
	int (*rmdir)(Fs *fs, Subject subject, const char *name, Err *err);      /* absent: EPERM */
	int (*unlink)(Fs *fs, Subject subject, Err *err);       /* of a file in it; absent: EPERM */
	const char *(*why_no_file)(const char *name);           /* cannot be made; absent or NULL: the common reason */
};

/* What an inode number stands for, looked up anew for every request. */
typedef struct Place {
	const Directory *directory;
	const File *file;       /* NULL: the directory itself, or an alias */
	bool alias;
	uint64_t id;
	Out *out;               /* below an out/, where the tables end: files_out.h */
	Subject subject;
} Place;

extern const Directory root_directory, nodes_directory, node_directory, jobs_directory, job_directory,
	task_directory, results_directory, result_directory, task_result_directory, out_directory;

/* The place an inode number stands for; false: it is gone. */
bool tree_find(Fs *fs, uint64_t inode, Place *place);

/* To be called before place is shown: what this turn has changed of it is committed first. False: it is gone
 * (it was made in this turn, and the commit failed). */
bool tree_settle(Fs *fs, Place *place);

uint64_t tree_inode(const Place *place);
bool tree_lookup(Fs *fs, const Place *directory, const char *name, Place *place);
void tree_stat(Fs *fs, const Place *place, struct stat *st);
bool tree_is_final(Fs *fs, const Place *place);         /* neither bytes nor attributes change any more */
int tree_readlink(Fs *fs, const Place *place, Buf *target);

/* The listing: entries after offset, "." and ".." included; visit says false when it has no room left.
 * Each entry comes with the offset that continues after it. */
typedef bool (*Visit)(void *arg, const char *name, const Place *place, uint64_t next_offset);
void tree_list(Fs *fs, const Place *directory, uint64_t offset, Visit visit, void *arg);

/* The path below the mount point, for sentences. */
void tree_path(const Place *place, Buf *path);

#endif
