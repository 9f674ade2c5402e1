/* nodes_file.c - static nodes, read at mount. */
#include "nodes_file.h"

#include "../store/buf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS_MAX = 4096 };

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

static int take_line(char *line, int (*take)(void *arg, const char *name, uint32_t slots, Err *err), void *arg, Err *err)
{
	char *name = trim(line);
	uint32_t slots;

	if (!name[0])
		return 0;
	if (split_slots(&name, &slots, err) < 0)
		return -1;
	return take(arg, name, slots, err);
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
		rc = take_line(line, take, arg, &wrong);
		if (rc < 0)
			err_set(err, wrong.number, "-o nodes: %s, line %d: %s", path, number, wrong.text);
	}
	free(line);
	fclose(file);
	return rc;
}
