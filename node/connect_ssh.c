/* connect_ssh.c - between a worker that wants a descriptor and the SSH that makes one. */
#include "node/connect_ssh.h"

#include "store/base/log.h"
#include "store/nodes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	AGAIN_MS = 1000,                /* the first retry after an unreachable node; doubles */
	AGAIN_MOST_MS = 30 * 1000,
	STRANGER_MOST_MS = 5 * 60 * 1000, /* one that was only announced, and was never reached */
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
	unsigned place;                 /* of the node's places, the one to try */
	unsigned tried;                 /* of them, in this round */
	Err wrong_key;                  /* what one of them showed; number 0: none did */
	SshTrouble trouble;             /* of the last failure */
	unsigned failures;              /* in a row, of that kind */
};

/* --- where it is ------------------------------------------------------------------------------- */

static unsigned count_places(const Node *node)
{
	unsigned n = 0;

	for (const char *at = node->places ? node->places : ""; *at; at += strspn(at, " ")) {
		at += strcspn(at, " ");
		n++;
	}
	return n;
}

/* The place to try; NULL: where its name leads. */
static char *choose_place(const Remote *remote)
{
	const char *at = remote->node->places;
	unsigned n = count_places(remote->node);

	if (n == 0)
		return NULL;
	for (n = remote->place % n; n > 0; n--) {
		at += strcspn(at, " ");
		at += strspn(at, " ");
	}
	return mem_copy(at, strcspn(at, " "));
}

/* Somebody else may say that he is this host, and that must not keep us from the right one: a wrong key at one
 * place is no reason not to try the others. */
static bool has_another_place(Remote *remote, SshTrouble trouble, const Err *why)
{
	if (trouble == SSH_UNTRUSTED)
		remote->wrong_key = *why;
	else if (trouble != SSH_UNREACHABLE)
		return false;
	if (trouble == SSH_UNTRUSTED && why->number == ENOKEY)
		return false;   /* no key would be the right one */
	remote->place++;
	return ++remote->tried < count_places(remote->node);
}

/* All places were tried. */
static void end_round(Remote *remote, SshTrouble *trouble, Err *why)
{
	if (remote->wrong_key.number && *trouble == SSH_UNREACHABLE) {
		*trouble = SSH_UNTRUSTED;
		*why = remote->wrong_key;
	}
	remote->wrong_key.number = 0;
	remote->tried = 0;
}

/* --- what came of it --------------------------------------------------------------------------- */

static unsigned doubled(unsigned first, unsigned most, unsigned times)
{
	while (times-- > 0 && first < most)
		first *= 2;
	return first < most ? first : most;
}

/* The key of one that was only announced is read once; its owner may ask again. */
static unsigned retry_after(const Remote *remote)
{
	const Node *node = remote->node;
	unsigned before = remote->failures - 1;

	if (node->found)
		return 0;
	switch (remote->trouble) {
	case SSH_UNREACHABLE:
		return doubled(AGAIN_MS, node->host && !node->seen ? STRANGER_MOST_MS : AGAIN_MOST_MS, before);
	case SSH_UNTRUSTED:
		return node->host && !node->seen && count_places(node) == 1 ? 0 : UNTRUSTED_MS;
	case SSH_REFUSED:
	case SSH_NO_AGENT:
		break;
	}
	return doubled(REFUSED_MS, REFUSED_MOST_MS, before);
}

/* A link that breaks often is no reason to say it again. */
static void note_caveat(Node *node, const char *caveat)
{
	if (caveat && (!node->caveat || strcmp(caveat, node->caveat) != 0))
		log_warn("node %s: %s", node->name, caveat);
	node_set_text(&node->caveat, caveat);
}

static void up(void *arg, int fd)
{
	Remote *remote = arg;
	Worker *worker = remote->asking;
	Node *node = remote->node;

	note_caveat(node, ssh_link_caveat(remote->link));
	remote->asking = NULL;
	remote->failures = remote->tried = 0;
	remote->wrong_key.number = 0;
	node->untrusted = false;
	node_set_text(&node->proven, node->places ? node->address : NULL);
	node_set_text(&node->proven_key, node->fingerprint);
	worker_connected(worker, fd);
}

/* The answer to one who only wanted to see the key, and to one who did not get any further. */
static void give_up(Remote *remote, const Err *why, unsigned retry_ms)
{
	Worker *worker = remote->asking;
	Err whole = *why;

	if (remote->node->doubt)
		err_set(&whole, why->number, "%s; %s", why->text, remote->node->doubt);
	remote->asking = NULL;
	ssh_link_close(remote->link);
	remote->link = NULL;
	worker_failed(worker, &whole, retry_ms);
}

static void connect_remote(void *arg, Worker *worker);

static void failed(void *arg, SshTrouble trouble, const Err *why)
{
	Remote *remote = arg;
	Err last = *why;

	if (has_another_place(remote, trouble, why)) {
		connect_remote(remote, remote->asking);
		return;
	}
	end_round(remote, &trouble, &last);
	remote->failures = trouble == remote->trouble ? remote->failures + 1 : 1;
	remote->trouble = trouble;
	remote->node->untrusted = trouble == SSH_UNTRUSTED && !remote->node->found;
	give_up(remote, &last, retry_after(remote));
}

/* What a machine announces is shown until it shows a key of its own, and is nothing to go by. */
static void compare_with_announced(Node *node, const char *fingerprint)
{
	Err doubt;

	node_set_text(&node->doubt, NULL);
	if (!node->announced || strstr(node->announced, fingerprint))
		return;
	err_set(&doubt, EKEYREJECTED, "it announces %s, and shows %s", node->announced, fingerprint);
	log_warn("node %s: %s", node->name, doubt.text);
	node_set_text(&node->doubt, doubt.text);
}

static void host_key(void *arg, const char *fingerprint, const char *line, bool known)
{
	Remote *remote = arg;
	Err seen;

	node_set_text(&remote->node->fingerprint, fingerprint);
	node_set_text(&remote->node->key, line);
	node_set_text(&remote->node->login, remote->link ? ssh_link_user(remote->link) : NULL);
	compare_with_announced(remote->node, fingerprint);
	if (!known || !remote->node->found)
		return;
	err_set(&seen, EAGAIN, "its host key is known; echo trust > ctl to use it");
	give_up(remote, &seen, 0);
}

/* A machine that announced itself is known by its host name: names in nodes/ may be taken. */
static char *target_name(const Node *node)
{
	Buf name = BUF_INIT;

	buf_add_text(&name, node->host ? node->host : node->name);
	if (node->host && node->port && node->port != 22)
		buf_addf(&name, ":%u", node->port);
	return buf_take(&name);
}

static void connect_remote(void *arg, Worker *worker)
{
	Remote *remote = arg;
	Node *node = remote->node;
	char *name = target_name(node), *place = choose_place(remote);
	SshOwner owner = { up, failed, host_key, remote };
	SshTarget target = { .name = name, .place = place, .user = node->user, .accept_new = remote->accept_new,
			     .purpose = node->found ? SSH_READ_KEY : SSH_AGENT };

	ssh_link_close(remote->link);
	if (place)
		node_set_text(&node->address, place);
	remote->asking = worker;
	remote->link = ssh_link_open(remote->ssh, &target, owner);
	free(name);
	free(place);
}

static void cancel(void *arg)
{
	Remote *remote = arg;

	ssh_link_close(remote->link);
	remote->link = NULL;
	remote->asking = NULL;
}

/* --- the owner's word -------------------------------------------------------------------------- */

int remote_trust(Ssh *ssh, Node *node, const char *fingerprint, Err *err)
{
	if (!node->key || !node->fingerprint)
		return err_set(err, EAGAIN, "node %s has not shown its host key yet; `echo reconnect > nodes/%s/ctl` and look at fingerprint",
			       node->name, node->name);
	if (fingerprint && strcmp(fingerprint, node->fingerprint) != 0)
		return err_set(err, EINVAL, "node %s has shown %s, not %s; nothing is trusted", node->name,
			       node->fingerprint, fingerprint);
	return ssh_trust(ssh, node->key, err);
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
