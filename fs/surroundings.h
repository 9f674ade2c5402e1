/* surroundings.h - the environment of the daemon, as after a login of its owner. */
#ifndef FS_SURROUNDINGS_H
#define FS_SURROUNDINGS_H

#include <pwd.h>

/* Drop what belongs to a job that the mount was made in; fill in, or mend, HOME, USER, LOGNAME, SHELL and PATH. user
 * is the owner's entry, gone when this returns; NULL: none is known, and those that come from it stay as they are. */
void surroundings_mend(const struct passwd *user);

#endif
