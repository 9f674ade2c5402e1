/* main.c - wulfs-agent's command line. What the program is for is in agent.h. */
#include "node/agent/attach.h"
#include "node/agent/serve.h"
#include "node/agent/spawn.h"
#include "node/srun/srun.h"
#include "node/wire/wire.h"

#include <stdio.h>
#include <string.h>

#ifndef WULFS_VERSION
#define WULFS_VERSION "unversioned"
#endif

static const char usage[] =
	"Usage: wulfs-agent serve DIR     be the agent of DIR, in the background, unless there is one\n"
	"       wulfs-agent attach DIR [LINE]\n"
	"                                 connect stdin and stdout to the agent of DIR, starting it first;\n"
	"                                 say LINE when that is done\n"
	"       wulfs-agent --version | --help\n"
	"\n"
	"Runs tasks on a node for wulfs(1), which starts it; there is no need to do so by hand.\n";

static int report(int rc, const Err *err)
{
	if (rc < 0)
		fprintf(stderr, "wulfs-agent: %s\n", err->text);
	return rc < 0;
}

static bool is_called(const char *argv0, const char *name)
{
	const char *slash = argv0 ? strrchr(argv0, '/') : NULL;

	return argv0 && strcmp(slash ? slash + 1 : argv0, name) == 0;
}

int main(int argc, char **argv)
{
	Err err;

	if (is_called(argv[0], "srun"))
		return srun(argc, argv);
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return fputs(usage, stdout) < 0;
	if (argc == 2 && strcmp(argv[1], "--version") == 0)
		return printf("wulfs-agent %s wire %d\n", WULFS_VERSION, WIRE_VERSION) < 0;
	spawn_raise_files();
	serve_as(argv[0]);
	if (argc == 3 && strcmp(argv[1], "serve") == 0)
		return report(serve(argv[2], &err), &err);
	if ((argc == 3 || argc == 4) && strcmp(argv[1], "attach") == 0)
		return report(attach(argv[2], argv[3], &err), &err);
	fputs(usage, stderr);
	return 2;
}
