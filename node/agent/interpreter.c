/* interpreter.c - reads '#!' lines: a path and at most one argument. */
#include "node/agent/interpreter.h"

#include <errno.h>
#include <string.h>

int interpreter_parse(Slice script, Interpreter *interpreter, Err *err)
{
	char line[INTERPRETER_LINE_MAX], *path, *argument, *end;
	size_t n = script.length < sizeof line - 1 ? script.length : sizeof line - 1;

	if (n < 2 || memcmp(script.data, "#!", 2) != 0)
		return err_set(err, ENOEXEC, "the script does not begin with '#!'");
	memcpy(line, script.data, n);
	line[n] = '\0';
	end = strchr(line, '\n');
	if (!end && script.length > n)
		return err_set(err, ENOEXEC, "the script's '#!' line is longer than %d bytes",
			       INTERPRETER_LINE_MAX - 1);
	if (!end)
		end = line + strlen(line);
	while (end > line + 2 && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\n'))
		end--;
	*end = '\0';
	path = line + 2 + strspn(line + 2, " \t");
	if (!*path)
		return err_set(err, ENOEXEC, "the script's '#!' line names no interpreter");
	argument = path + strcspn(path, " \t");
	if (*argument)
		*argument++ = '\0';
	strcpy(interpreter->path, path);
	strcpy(interpreter->argument, argument + strspn(argument, " \t"));
	return 0;
}
