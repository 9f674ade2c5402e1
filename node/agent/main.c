/* main.c - wulfs-agent's command line. What the program is for is in agent.h. */
#include "attach.h"
#include "serve.h"
#include "spawn.h"

#include "../wire.h"

#include <stdio.h>
#include <string.h>

#ifndef WULFS_VERSION
#define WULFS_VERSION "unversioned"
#endif

static const char usage[] =
	"Usage: wulfs-agent serve DIR     be the agent of DIR, in the background, unless there is one\n"
	"       wulfs-agent attach DIR    connect stdin and stdout to the agent of DIR, starting it first\n"
	"       wulfs-agent --version | --help\n"
	"\n"
	"Runs tasks on a node for wulfs(1), which starts it; there is no need to do so by hand.\n";

typedef struct Command {
	const char *word;
	int (*run)(const char *directory, Err *err);
} Command;

static const Command commands[] = {
	{ "serve", serve },
	{ "attach", attach },
};

static int run(const Command *command, const char *directory)
{
	Err err;

	spawn_raise_files();
	if (command->run(directory, &err) == 0)
		return 0;
	fprintf(stderr, "wulfs-agent: %s\n", err.text);
	return 1;
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return fputs(usage, stdout) < 0;
	if (argc == 2 && strcmp(argv[1], "--version") == 0)
		return printf("wulfs-agent %s wire %d\n", WULFS_VERSION, WIRE_VERSION) < 0;
	for (size_t i = 0; argc == 3 && i < sizeof commands / sizeof *commands; i++)
		if (strcmp(argv[1], commands[i].word) == 0)
			return run(&commands[i], argv[2]);
	fputs(usage, stderr);
	return 2;
}
