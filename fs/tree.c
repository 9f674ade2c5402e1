/* tree.c - look-up, attributes and listing, once for all tables. */
#include "fs/subject.h"

#include "fs/files_out.h"
#include "fs/rendering.h"
#include "store/commit.h"
#include "store/job.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	ROW_SELF = 1, ROW_ALIAS = 255, ROW_FIRST = 2,
	OFFSET_ROWS = 3,        /* after "." and ".." */
	OFFSET_CHILDREN = 1000, /* then the children, by id */
	BLOCK = 512,
	IO_SIZE = 128 * 1024,   /* what stdio should read and write at a time */
};

static const Directory *const directories[] = {
	&root_directory, &nodes_directory, &node_directory, &jobs_directory, &job_directory,
	&results_directory, &result_directory, &task_directory, &task_result_directory, &out_directory,
};

/* --- inode numbers ----------------------------------------------------------------------------- */

uint64_t tree_inode(const Place *place)
{
	uint64_t row = place->alias ? ROW_ALIAS : ROW_SELF;

	if (place->out)
		return out_inode(place);
	if (place->file)
		row = ROW_FIRST + (uint64_t)(place->file - place->directory->files);
	return place->id << 16 | (uint64_t)place->directory->kind << 8 | row;
}

static bool decode(uint64_t inode, Place *place)
{
	size_t kind = inode >> 8 & 0xff, row = inode & 0xff;

	*place = (Place){ .id = inode >> 16 };
	if (kind >= sizeof directories / sizeof *directories || row < ROW_SELF)
		return false;
	place->directory = directories[kind];
	if (row == ROW_ALIAS)
		place->alias = true;
	else if (row >= ROW_FIRST + place->directory->count)
		return false;
	else if (row >= ROW_FIRST)
		place->file = &place->directory->files[row - ROW_FIRST];
	return true;
}

static bool find_subject(Fs *fs, Place *place)
{
	if (place->directory->find && !place->directory->find(fs, place->id, &place->subject))
		return false;
	return !place->file || !place->file->exists || place->file->exists(fs, place->subject);
}

bool tree_find(Fs *fs, uint64_t inode, Place *place)
{
	if (out_is_inode(inode))
		return out_find(fs, inode, place);
	return decode(inode, place) && find_subject(fs, place);
}

/* A job's files show that job; files of the root and listings may show anything; jobs/new shows nothing. */
static bool shows_uncommitted(const Fs *fs, const Place *place)
{
	if (place->subject.job)
		return job_is_touched(place->subject.job);
	if (place->file ? !place->file->show : !place->directory->next)
		return false;
	return cluster_is_dirty(fs->cluster);
}

bool tree_settle(Fs *fs, Place *place)
{
	Err err;

	if (!shows_uncommitted(fs, place))
		return true;
	turn_commit(fs->turn, &err);
	return find_subject(fs, place);
}

/* --- look-up ----------------------------------------------------------------------------------- */

static bool lookup_row(Fs *fs, const Place *directory, const char *name, Place *place)
{
	const Directory *table = directory->directory;

	for (size_t i = 0; i < table->count; i++) {
		const File *file = &table->files[i];

		if (strcmp(file->name, name) != 0)
			continue;
		if (file->directory && file->exists && !file->exists(fs, directory->subject))
			return false;
		*place = (Place){ .directory = file->directory ? file->directory : table,
				  .file = file->directory ? NULL : file, .id = directory->id };
		return find_subject(fs, place);
	}
	return false;
}

bool tree_lookup(Fs *fs, const Place *directory, const char *name, Place *place)
{
	Child child = { NULL, 0, false };

	if (directory->directory == &out_directory)
		return out_lookup(fs, directory, name, place);
	if (!lookup_row(fs, directory, name, place)) {
		if (!directory->directory->lookup || !directory->directory->lookup(fs, directory->subject, name, &child))
			return false;
		*place = (Place){ .directory = child.directory, .id = child.id, .alias = child.alias };
	}
	return find_subject(fs, place) && tree_settle(fs, place);
}

int tree_readlink(Fs *fs, const Place *place, Buf *target)
{
	if (place->out)
		return out_readlink(fs, place, target);
	if (place->alias)
		buf_addf(target, "%llu", (unsigned long long)place->id);
	else if (place->file && S_ISLNK(place->file->mode))
		place->file->show(fs, place->subject, target);
	else
		return -1;
	return 0;
}

/* --- attributes -------------------------------------------------------------------------------- */

static mode_t mode_of(const Place *place)
{
	if (place->alias)
		return S_IFLNK | 0777;
	return place->file ? place->file->mode : S_IFDIR | place->directory->mode;
}

static uint64_t size_of_link(Fs *fs, const Place *place)
{
	Buf text = BUF_INIT;
	uint64_t size;

	tree_readlink(fs, place, &text);
	size = text.length;
	buf_release(&text);
	return size;
}

static uint64_t size_of_text(Fs *fs, const Place *place)
{
	Rendering *rendering = rendering_take(fs, place, NULL);
	uint64_t size = rendering ? rendering_text(rendering)->length : 0;

	rendering_drop(fs, rendering);
	return size;
}

static uint64_t size_of(Fs *fs, const Place *place)
{
	if (place->alias || (place->file && S_ISLNK(place->file->mode)))
		return size_of_link(fs, place);
	if (place->file && place->file->size)
		return place->file->size(fs, place->subject);
	return place->file && place->file->show ? size_of_text(fs, place) : 0;
}

static int64_t changed_of(Fs *fs, const Place *place)
{
	int64_t changed = 0;

	if (place->file && place->file->changed)
		changed = place->file->changed(fs, place->subject);
	else if (place->directory->changed)
		changed = place->directory->changed(fs, place->subject);
	return changed ? changed : fs->mounted;
}

static void stat_row(Fs *fs, const Place *place, struct stat *st)
{
	int64_t changed = changed_of(fs, place);

	st->st_mode = mode_of(place);
	st->st_size = (off_t)size_of(fs, place);
	st->st_mtim.tv_sec = changed / 1000;
	st->st_mtim.tv_nsec = changed % 1000 * 1000000;
}

void tree_stat(Fs *fs, const Place *place, struct stat *st)
{
	memset(st, 0, sizeof *st);
	st->st_ino = tree_inode(place);
	if (!place->out || !out_stat(fs, place, st))
		stat_row(fs, place, st);
	/* 1 for directories: "do not count on it", so that find looks into all of them. */
	st->st_nlink = 1;
	st->st_uid = fs->owner;
	st->st_gid = fs->group;
	st->st_blocks = (st->st_size + BLOCK - 1) / BLOCK;
	st->st_blksize = IO_SIZE;
	st->st_atim = st->st_ctim = st->st_mtim;
	/* The upper bound that a blocking file claims is no space it takes. */
	if (place->file && place->file->flags & SHY)
		st->st_blocks = 0;
}

bool tree_is_final(Fs *fs, const Place *place)
{
	return place->file && place->file->flags & CACHED && place->subject.job && subject_is_finished(fs, place->subject);
}

/* --- listing ----------------------------------------------------------------------------------- */

static bool list_rows(Fs *fs, const Place *directory, uint64_t offset, Visit visit, void *arg)
{
	const Directory *table = directory->directory;

	for (size_t i = offset < OFFSET_ROWS ? 0 : offset - OFFSET_ROWS + 1; i < table->count; i++) {
		const File *file = &table->files[i];
		Place place;

		if (file->flags & SHY || !lookup_row(fs, directory, file->name, &place))
			continue;
		if (!visit(arg, file->name, &place, OFFSET_ROWS + i))
			return false;
	}
	return true;
}

static void list_children(Fs *fs, const Place *directory, uint64_t after, Visit visit, void *arg)
{
	const Directory *table = directory->directory;
	char name[256];
	Child child;

	while (table->next && table->next(fs, directory->subject, after, &child, name)) {
		Place place = { .directory = child.directory, .id = child.id };

		if (find_subject(fs, &place) && !visit(arg, name, &place, OFFSET_CHILDREN + child.id))
			return;
		after = child.id;
	}
}

/* An offset is that of the entry that was given last. */
void tree_list(Fs *fs, const Place *directory, uint64_t offset, Visit visit, void *arg)
{
	Place parent = { .directory = directory->directory->parent };

	if (directory->directory == &out_directory) {
		out_list(fs, directory, offset, visit, arg);
		return;
	}
	if (parent.directory->find && directory->subject.job)   /* only a task of an array lies that deep */
		parent.id = directory->subject.job->id;
	if (offset < 1 && !visit(arg, ".", directory, 1))
		return;
	if (offset < 2 && !visit(arg, "..", &parent, 2))
		return;
	if (offset < OFFSET_CHILDREN && !list_rows(fs, directory, offset, visit, arg))
		return;
	list_children(fs, directory, offset < OFFSET_CHILDREN ? 0 : offset - OFFSET_CHILDREN, visit, arg);
}

/* --- paths ------------------------------------------------------------------------------------- */

static const char *row_name(const Directory *parent, const Directory *directory)
{
	for (size_t i = 0; i < parent->count; i++)
		if (parent->files[i].directory == directory)
			return parent->files[i].name;
	return NULL;
}

static void directory_path(const Directory *directory, const Place *place, Buf *path)
{
	const char *name;

	if (directory->parent == directory)
		return;
	directory_path(directory->parent, place, path);
	name = row_name(directory->parent, directory);
	if (name)
		buf_addf(path, "%s/", name);
	else if (directory->show_name)
		directory->show_name(place->subject, path);
	else
		buf_addf(path, "%llu", (unsigned long long)place->id);
	if (!name)
		buf_add_char(path, '/');
}

void tree_path(const Place *place, Buf *path)
{
	directory_path(place->directory, place, path);
	if (place->out)
		out_path(place, path);
	else if (place->file)
		buf_add_text(path, place->file->name);
	else if (path->length)
		path->data[--path->length] = '\0';
}
