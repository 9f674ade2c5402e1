/* nodes_file.c - static nodes, read at mount. */
#include "node/nodes_file.h"

#include "node/wire/wire.h"
#include "store/base/buf.h"
#include "store/hostlist.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>


/* Cuts the comment and the blanks around; "" for a line that names nothing. */
static char *trim(char *line)
{
	char *end;

	line[strcspn(line, "#\r\n")] = '\0';
	line += strspn(line, " \t");
	end = line + strlen(line);
	while (end > line && (end[-1] == ' ' || end[-1] == '\t'))
		*--end = '\0';
	return line;
}

static int split_slots(char **name, uint32_t *slots, Err *err)
{
	char *slash = strchr(*name, '/'), *end;
	long number;

	*slots = 0;
	if (!slash)
		return 0;
	*slash = '\0';
	number = strtol(*name, &end, 10);
	if (end == *name || *end || number < 1 || number > SLOTS_MAX)
		return err_set(err, EINVAL, "\"%s\" is not a number of slots from 1 to %d", *name, SLOTS_MAX);
	*slots = (uint32_t)number;
	*name = slash + 1;
	return 0;
}

typedef int TakeNode(void *arg, const char *name, uint32_t slots, Err *err);

static int take_names(const Buf *names, uint32_t slots, TakeNode *take, void *arg, Err *err)
{
	for (size_t at = 0; at < names->length; at += strlen(names->data + at) + 1)
		if (take(arg, names->data + at, slots, err) < 0)
			return -1;
	return 0;
}

/* One node, or several: 4/g[01-16]. */
static int take_line(char *line, TakeNode *take, void *arg, Err *err)
{
	char *name = trim(line);
	Buf names = BUF_INIT;
	uint32_t slots;
	int rc;

	if (!name[0])
		return 0;
	if (split_slots(&name, &slots, err) < 0)
		return -1;
	rc = hostlist_expand(name, &names, err);
	if (rc == 0)
		rc = take_names(&names, slots, take, arg, err);
	buf_release(&names);
	return rc;
}

/* Editors of Windows begin a file so. */
static size_t byte_order_mark(const char *line)
{
	static const char mark[] = "\xEF\xBB\xBF";

	return strncmp(line, mark, strlen(mark)) == 0 ? strlen(mark) : 0;
}

int nodes_file_read(const char *path, int (*take)(void *arg, const char *name, uint32_t slots, Err *err), void *arg, Err *err)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	Err wrong;
	int rc = 0;

	if (!file)
		return err_sys(err, errno, "-o nodes: %s", path);
	for (int number = 1; rc == 0 && getline(&line, &room, file) >= 0; number++) {
		rc = take_line(line + (number == 1 ? byte_order_mark(line) : 0), take, arg, &wrong);
		if (rc < 0)
			err_set(err, wrong.number, "-o nodes: %s, line %d: %s", path, number, wrong.text);
	}
	free(line);
	fclose(file);
	return rc;
}
