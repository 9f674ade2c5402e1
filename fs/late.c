/* late.c - jobs made at the last close. */
#include "fs/late.h"

#include "store/base/log.h"
#include "store/submit.h"

#include <stdlib.h>

struct Late {
	Fs *fs;
	char *text;
	size_t length;
	char *directory;
	uint64_t draft;
	TAILQ_ENTRY(Late) all;
};

static void late_free(Late *late)
{
	free(late->text);
	free(late->directory);
	free(late);
}

static void done(void *arg, const Err *failed)
{
	Late *late = arg;

	if (!failed) {
		late_free(late);
		return;
	}
	TAILQ_INSERT_TAIL(&late->fs->late, late, all);
}

static void submit(Late *late)
{
	Cluster *cluster = late->fs->cluster;
	uint64_t draft = late->draft;
	Spec *spec;
	Err err;

	spec = spec_parse(late->text, late->length, &err);
	if (!spec || !cluster_submit(cluster, spec, late->directory, &err)) {
		/* What it depends on was forgotten since it was judged. */
		log_warn("jobs/new: %s", err.text);
		refusals_add(&late->fs->refusals, "jobs/new", late->text, late->length, &err);
		cluster_draft(cluster, &draft, NULL, 0, NULL);
		spec_free(spec);
		late_free(late);
		return;
	}
	cluster_draft(cluster, &draft, NULL, 0, NULL);
	turn_after(late->fs->turn, done, late);
}

static void try_again(void *arg)
{
	Fs *fs = arg;
	Late *late;

	while ((late = TAILQ_FIRST(&fs->late))) {
		TAILQ_REMOVE(&fs->late, late, all);
		submit(late);
	}
}

void late_submit(Fs *fs, const char *text, size_t n, const char *directory, uint64_t draft)
{
	Late *late = mem_new_zeroed(sizeof *late);

	*late = (Late){ .fs = fs, .text = mem_copy(text, n), .length = n,
			.directory = directory ? mem_copy_text(directory) : NULL, .draft = draft };
	submit(late);
}

void late_init(Fs *fs)
{
	TAILQ_INIT(&fs->late);
	turn_hook(fs->turn, TURN_MENDED, try_again, fs);
}

void late_release(Fs *fs)
{
	Late *late;

	while ((late = TAILQ_FIRST(&fs->late))) {
		TAILQ_REMOVE(&fs->late, late, all);
		late_free(late);
	}
}
