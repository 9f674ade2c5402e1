/* options.h - the command line: wulfs [-f] [-d] [-o OPT[,OPT...]] [SOURCE] MOUNTPOINT */
#ifndef FS_OPTIONS_H
#define FS_OPTIONS_H

#include "node/roster.h"

typedef struct Options {
	bool help, version;
	bool foreground, debug;
	char *state;            /* NULL: the default */
	char *mountpoint;
	char *fuse;             /* what is left for mount.fuse3(8), with commas between */
	Patience patience;
	RosterOptions roster;
	char *nodes_file, *identity, *ssh_config, *known_hosts, *user, *interface, *seen_hosts;     /* what roster points to */
} Options;

/* EINVAL with a sentence for what is not understood. */
int options_parse(Options *options, int argc, char **argv, Err *err);
void options_release(Options *options);

extern const char options_usage[];

#endif
