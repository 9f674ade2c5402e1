/* revoked.h - ssh_config's RevokedHostKeys: keys that no host may show. */
#ifndef NODE_SSH_REVOKED_H
#define NODE_SSH_REVOKED_H

#include "node/ssh/deadline.h"

#include <stdbool.h>

/* May this key (TYPE BASE64, as in a .pub file) not be used by any host? Also if the file cannot be read, as
 * ssh_config(5) has it. err then says why. */
bool revoked_has(const char *path, const char *key, Wait *wait, Err *err);

#endif
