/* options.h - the command line: wulfs [-f] [-d] [-o OPT[,OPT...]] [SOURCE] MOUNTPOINT */
#ifndef FS_OPTIONS_H
#define FS_OPTIONS_H

#include "../node/pool.h"

typedef struct Options {
	bool help, version;
	bool foreground, debug;
	char *state;            /* NULL: the default */
	char *mountpoint;
	char *fuse;             /* what is left for mount.fuse3(8), with commas between */
	PoolOptions pool;
} Options;

/* EINVAL with a sentence for what is not understood. */
int options_parse(Options *options, int argc, char **argv, Err *err);
void options_release(Options *options);

extern const char options_usage[];

#endif
