/* remote.c - between a worker that wants a descriptor and the SSH that makes one. */
#include "remote.h"

#include "../store/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	AGAIN_MS = 1000,                /* the first retry after an unreachable node; doubles */
	AGAIN_MOST_MS = 30 * 1000,
	REFUSED_MS = 60 * 1000,         /* sshd's PerSourcePenalties bans who tries in haste; doubles too */
	REFUSED_MOST_MS = 15 * 60 * 1000,
	UNTRUSTED_MS = 5 * 60 * 1000,   /* somebody may have edited known_hosts */
};

struct Remote {
	Node *node;
	Ssh *ssh;
	bool accept_new;
	SshLink *link;
	Worker *asking;
	SshTrouble trouble;             /* of the last failure */
	unsigned failures;              /* in a row, of that kind */
};

/* --- what came of it --------------------------------------------------------------------------- */

static unsigned doubled(unsigned first, unsigned most, unsigned times)
{
	while (times-- > 0 && first < most)
		first *= 2;
	return first < most ? first : most;
}

static unsigned retry_after(const Remote *remote)
{
	unsigned before = remote->failures - 1;

	switch (remote->trouble) {
	case SSH_UNREACHABLE:
		return doubled(AGAIN_MS, AGAIN_MOST_MS, before);
	case SSH_UNTRUSTED:
		return UNTRUSTED_MS;
	case SSH_REFUSED:
	case SSH_NO_AGENT:
		break;
	}
	return doubled(REFUSED_MS, REFUSED_MOST_MS, before);
}

static void up(void *arg, int fd)
{
	Remote *remote = arg;
	Worker *worker = remote->asking;

	remote->asking = NULL;
	remote->failures = 0;
	remote->node->untrusted = false;
	worker_connected(worker, fd);
}

static void failed(void *arg, SshTrouble trouble, const Err *why)
{
	Remote *remote = arg;
	Worker *worker = remote->asking;

	remote->failures = trouble == remote->trouble ? remote->failures + 1 : 1;
	remote->trouble = trouble;
	remote->node->untrusted = trouble == SSH_UNTRUSTED;
	remote->asking = NULL;
	ssh_link_close(remote->link);
	remote->link = NULL;
	worker_failed(worker, why, retry_after(remote));
}

static void host_key(void *arg, const char *fingerprint, const char *line, bool known)
{
	Remote *remote = arg;

	(void)known;
	node_set_text(&remote->node->fingerprint, fingerprint);
	node_set_text(&remote->node->key, line);
}

static void connect_remote(void *arg, Worker *worker)
{
	Remote *remote = arg;
	SshOwner owner = { up, failed, host_key, remote };
	SshTarget target = { .name = remote->node->name, .user = remote->node->user, .accept_new = remote->accept_new,
			     .purpose = SSH_AGENT };

	ssh_link_close(remote->link);
	remote->asking = worker;
	remote->link = ssh_link_open(remote->ssh, &target, owner);
}

static void cancel(void *arg)
{
	Remote *remote = arg;

	ssh_link_close(remote->link);
	remote->link = NULL;
	remote->asking = NULL;
}

/* --- the owner's word -------------------------------------------------------------------------- */

int remote_trust(Remote *remote, const char *fingerprint, Err *err)
{
	Node *node = remote->node;

	if (!node->key || !node->fingerprint)
		return err_set(err, EAGAIN, "node %s has not shown its host key yet; `echo reconnect > ctl` and look at fingerprint",
			       node->name);
	if (fingerprint && strcmp(fingerprint, node->fingerprint) != 0)
		return err_set(err, EINVAL, "node %s has shown %s, not %s; nothing is trusted", node->name,
			       node->fingerprint, fingerprint);
	return ssh_trust(remote->ssh, node->key, err);
}

Remote *remote_new(Ssh *ssh, Node *node, bool accept_new)
{
	Remote *remote = mem_new_zeroed(sizeof *remote);

	remote->ssh = ssh;
	remote->node = node;
	remote->accept_new = accept_new;
	return remote;
}

static void release(void *arg)
{
	Remote *remote = arg;

	ssh_link_close(remote->link);
	free(remote);
}

Connector remote_connector(Remote *remote)
{
	return (Connector){ connect_remote, cancel, release, remote };
}
