/* files_nodes.c - nodes/: the machines, one directory each, one value a file. */
#include "fs/ctl.h"
#include "fs/handle.h"
#include "fs/show.h"
#include "store/base/harmless.h"
#include "store/nodes.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool lookup_node(Fs *fs, Subject subject, const char *name, Child *child)
{
	Node *node = cluster_node(fs->cluster, name);

	(void)subject;
	if (node)
		*child = (Child){ &node_directory, node->id, false };
	return node;
}

static bool next_node(Fs *fs, Subject subject, uint64_t after, Child *child, char name[256])
{
	Node *node, *best = NULL;

	(void)subject;
	TAILQ_FOREACH(node, cluster_nodes(fs->cluster), all)
		if (node->id > after && (!best || node->id < best->id))
			best = node;
	if (!best)
		return false;
	*child = (Child){ &node_directory, best->id, false };
	snprintf(name, 256, "%s", best->name);
	return true;
}

static int add_node(Fs *fs, const char *name, Err *err)
{
	return roster_add(fs->roster, name, err);
}

static int remove_node(Fs *fs, Subject subject, const char *name, Err *err)
{
	Node *node = cluster_node(fs->cluster, name);

	(void)subject;
	if (!node)
		return err_set(err, ENOENT, "there is no node %s", name);
	return roster_remove(fs->roster, node, err) < 0 ? -1 : turn_commit(fs->turn, err);
}

const Directory nodes_directory = {
	.kind = 1, .mode = 0755, .parent = &root_directory, .lookup = lookup_node, .next = next_node,
	.mkdir = add_node, .rmdir = remove_node,
};

/* --- nodes/NAME -------------------------------------------------------------------------------- */

static void text_line(Buf *out, const char *text)
{
	if (text)
		harmless_add(out, text, strlen(text));
	buf_add_char(out, '\n');
}

#define SHOW_TEXT(name, value)                                  \
	static void name(Fs *fs, Subject subject, Buf *out)     \
	{                                                       \
		const Node *node = subject.node;                \
								\
		(void)fs;                                       \
		text_line(out, value);                          \
	}

#define SHOW_NUMBER(name, value)                                                \
	static void name(Fs *fs, Subject subject, Buf *out)                     \
	{                                                                       \
		const Node *node = subject.node;                                \
										\
		(void)fs;                                                       \
		buf_addf(out, "%llu\n", (unsigned long long)(value));           \
	}

SHOW_TEXT(show_address, node->address)
SHOW_TEXT(show_state, node_state_name(node_state(node)))
SHOW_TEXT(show_arch, node->arch)
SHOW_TEXT(show_os, node->os)
SHOW_TEXT(show_source, node->source)
SHOW_TEXT(show_features, node->features)
SHOW_TEXT(show_fingerprint, node->fingerprint ? node->fingerprint : node->announced)
SHOW_NUMBER(show_slots, node_slots(node))
SHOW_NUMBER(show_cpus, node->cpus)
SHOW_NUMBER(show_memory, node->memory)
SHOW_NUMBER(show_running, node->running)
SHOW_NUMBER(show_completed, node->completed)
SHOW_NUMBER(show_failed, node->failed)

/* Who wrote the sentence does not always know the node's name. The reader gets a line to copy. */
static void text_with_path(Buf *out, const char *text, const char *name)
{
	static const char short_path[] = " > ctl";

	for (const char *hint; (hint = strstr(text, short_path)); text = hint + strlen(short_path)) {
		harmless_add(out, text, (size_t)(hint - text));
		buf_add_text(out, " > nodes/");
		harmless_add(out, name, strlen(name));
		buf_add_text(out, "/ctl");
	}
	text_line(out, text);
}

/* Always a sentence a person can act on, or nothing because nothing is to be done. */
static void show_node_reason(Fs *fs, Subject subject, Buf *out)
{
	const Node *node = subject.node;
	const char *text = !node->up ? node->trouble : node->drain ? node->drain : node->doubt ? node->doubt : node->caveat;

	(void)fs;
	text_with_path(out, text ? text : "", node->name);
}

static void show_load(Fs *fs, Subject subject, Buf *out)
{
	(void)fs;
	buf_addf(out, "%u.%02u\n", subject.node->load / 100, subject.node->load % 100);
}

static void show_seen(Fs *fs, Subject subject, Buf *out)
{
	(void)fs;
	show_time(out, subject.node->seen);
}

/* On this machine the mount's owner; elsewhere who `ctl user` said, empty if ssh_config is to say. */
static void show_user(Fs *fs, Subject subject, Buf *out)
{
	bool local = strcmp(subject.node->source, "local") == 0;

	text_line(out, local ? fs->owner_name : subject.node->user);
}

static int take_node_verb(Fs *fs, Subject subject, const char *line, size_t n, Err *err)
{
	return control_node(fs->roster, subject.node, line, n, err);
}

static void show_node_verbs(Fs *fs, Subject subject, Buf *out)
{
	(void)fs;
	control_show_node(subject.node, out);
}

static const File node_files[] = {
	{ "address",     S_IFREG | 0444, 0, .show = show_address },
	{ "user",        S_IFREG | 0444, 0, .show = show_user },
	{ "state",       S_IFREG | 0444, 0, .show = show_state },
	{ "reason",      S_IFREG | 0444, 0, .show = show_node_reason },
	{ "slots",       S_IFREG | 0444, 0, .show = show_slots },
	{ "cpus",        S_IFREG | 0444, 0, .show = show_cpus },
	{ "memory",      S_IFREG | 0444, 0, .show = show_memory },
	{ "load",        S_IFREG | 0444, 0, .show = show_load },
	{ "arch",        S_IFREG | 0444, 0, .show = show_arch },
	{ "os",          S_IFREG | 0444, 0, .show = show_os },
	{ "running",     S_IFREG | 0444, 0, .show = show_running },
	{ "completed",   S_IFREG | 0444, 0, .show = show_completed },
	{ "failed",      S_IFREG | 0444, 0, .show = show_failed },
	{ "seen",        S_IFREG | 0444, 0, .show = show_seen },
	{ "source",      S_IFREG | 0444, 0, .show = show_source },
	{ "fingerprint", S_IFREG | 0444, 0, .show = show_fingerprint },
	{ "features",    S_IFREG | 0444, 0, .show = show_features },
	{ "ctl",         S_IFREG | 0600, 0, .show = show_node_verbs, .take = take_node_verb },
};

static bool find_node(Fs *fs, uint64_t id, Subject *subject)
{
	subject->node = cluster_node_numbered(fs->cluster, (uint32_t)id);
	return subject->node;
}

static int64_t last_heard(Fs *fs, Subject subject)
{
	(void)fs;
	return subject.node->seen;
}

static void show_node_name(Subject subject, Buf *out)
{
	buf_add_text(out, subject.node->name);
}

const Directory node_directory = {
	.kind = 2, .mode = 0555, .files = node_files, .count = sizeof node_files / sizeof *node_files,
	.parent = &nodes_directory, .find = find_node, .changed = last_heard, .show_name = show_node_name,
};
