/* reconcile.c - proposals become nodes, and nodes go when what proposed them is gone. */
#include "node/discovery/reconcile.h"

#include "store/base/clock.h"
#include "store/base/list.h"
#include "store/node.h"
#include "store/nodes.h"
#include "store/queues.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct Found {
	Cluster *cluster;
	Proposals *proposals;
	FoundOwner owner;
	int64_t started;
	double contacts;                /* that may be made now */
	int64_t counted;
};

enum { NAME_TEXT = 63 + 8 };

/* The drain of a node that leaves. Its words are how it is known again, in this mount or a later one. */
static const char parting_words[] = "it is not announced any more; it goes when its jobs have ended";

static const char found_words[] =
	"announced, and not contacted; echo trust > ctl to use it, or echo reconnect > ctl to see its host key only";

static bool is_engaged(Found *found, const Node *node)
{
	return found->owner.is_engaged(found->owner.arg, node);
}

/* --- is it a node that is there already? ------------------------------------------------------- */

static size_t label_length(const Proposal *proposal)
{
	return strcspn(proposal->host, ".");
}

/* [USER@]HOST[:PORT] as the owner wrote it: is HOST text? */
static bool names_host(const char *name, const char *text, size_t n)
{
	const char *at = strrchr(name, '@'), *host = at ? at + 1 : name;

	if (host[0] == '[')
		return strncasecmp(host + 1, text, n) == 0 && host[1 + n] == ']';
	return strncasecmp(host, text, n) == 0 && (host[n] == '\0' || (host[n] == ':' && !strchr(text, ':')));
}

static bool names_place(const char *name, const char *places)
{
	for (const char *place = places; *place; place += strspn(place, " ")) {
		size_t n = strcspn(place, " ");

		if (names_host(name, place, n))
			return true;
		place += n;
	}
	return false;
}

static bool has_fingerprint(const char *list, const char *fingerprint)
{
	return list_has(list, ",", fingerprint, strlen(fingerprint));
}

/* A node that its owner named by another name of the machine. That it says so itself is not enough to be one:
 * it could only hide itself. */
static bool is_named(const Node *node, const Proposal *proposal)
{
	return names_host(node->name, proposal->host, strlen(proposal->host)) || names_place(node->name, proposal->places) ||
	       (node->fingerprint && names_host(node->name, proposal->host, label_length(proposal)) &&
		has_fingerprint(proposal->claims.fingerprints, node->fingerprint));
}

/* Nothing came of it but an unknown key. */
static bool is_a_stranger(const Node *node)
{
	return node->fresh && node->untrusted;
}

/* A machine that lost its name to another (a clone, or a liar) and announces itself by a new one. That it is the
 * same is said, not proved: its node is then looked for there, too, and found only with its own key. */
static bool is_renamed(Found *found, const Node *node, const Proposal *proposal)
{
	const Proposal *own;
	const Node *other;

	if (!node->host || !node->proven || strcmp(node->host, proposal->host) == 0)
		return false;
	own = proposals_of(found->proposals, node->host);
	other = cluster_host_node(found->cluster, proposal->host);
	if ((own && place_in(own->places, node->proven)) || (other && !other->gone && !is_a_stranger(other)))
		return false;
	if (!proposal->claims.fingerprints[0])
		return place_in(proposal->places, node->proven);
	return node->proven_key && has_fingerprint(proposal->claims.fingerprints, node->proven_key);
}

static bool is_this_machine(Found *found, const Proposal *proposal)
{
	char places[sizeof proposal->places], *save = NULL;

	strcpy(places, proposal->places);
	for (char *place = strtok_r(places, " ", &save); place; place = strtok_r(NULL, " ", &save))
		if (found->owner.is_here(found->owner.arg, place))
			return true;
	return false;
}

static Node *listed_otherwise(Found *found, const Proposal *proposal)
{
	Node *node;

	TAILQ_FOREACH(node, cluster_nodes(found->cluster), all)
		if (strcmp(node->source, "local") == 0 ? is_this_machine(found, proposal) :
		    !node->host && is_named(node, proposal))
			return node;
	return NULL;
}

static Node *renamed_in(Found *found, NodeList *nodes, const Proposal *proposal)
{
	Node *node;

	TAILQ_FOREACH(node, nodes, all)
		if (is_renamed(found, node, proposal))
			return node;
	return NULL;
}

/* The node of the machine that proposes itself, listed or gone; NULL: it is new. A stranger may turn out to be one
 * that was known by another name. */
static Node *node_of(Found *found, const Proposal *proposal)
{
	Node *node = cluster_host_node(found->cluster, proposal->host), *before;

	if (node && !node->gone && !is_a_stranger(node))
		return node;
	before = renamed_in(found, cluster_nodes(found->cluster), proposal);
	if (!before)
		before = renamed_in(found, cluster_gone_nodes(found->cluster), proposal);
	if (!before)
		return node;
	if (node && !node->gone) {
		found->owner.dismiss(found->owner.arg, node);
		cluster_shelve_node(found->cluster, node);
	}
	return before;
}

/* --- names ------------------------------------------------------------------------------------- */

/* Free, or once this very machine's. */
static bool may_have(Found *found, const char *name, const Proposal *proposal)
{
	Node *node;

	if (strcmp(name, "local") == 0 || cluster_node(found->cluster, name))
		return false;
	TAILQ_FOREACH(node, cluster_gone_nodes(found->cluster), all)
		if (strcmp(node->name, name) == 0)
			return !is_engaged(found, node) &&
			       (!node->host || !node->kept || strcmp(node->host, proposal->host) == 0 ||
				is_renamed(found, node, proposal));
	return true;
}

static void choose_name(Found *found, const Proposal *proposal, char name[NAME_TEXT])
{
	int label = (int)label_length(proposal);

	snprintf(name, NAME_TEXT, "%.*s", label, proposal->host);
	for (unsigned n = 2; !may_have(found, name, proposal); n++)
		snprintf(name, NAME_TEXT, "%.*s-%u", label, proposal->host, n);
}

/* --- use and disuse ---------------------------------------------------------------------------- */

static bool is_parting(const Node *node)
{
	return node->drain && strcmp(node->drain, parting_words) == 0;
}

static bool may_contact(Found *found, int64_t now)
{
	found->contacts += (double)(now - found->counted) * CONTACTS_A_SECOND / 1000;
	found->counted = now;
	if (found->contacts > CONTACTS_AT_ONCE)
		found->contacts = CONTACTS_AT_ONCE;
	if (found->contacts < 1)
		return false;
	found->contacts--;
	return true;
}

/* True: it has to wait for its turn. */
static bool want(Found *found, Node *node, int64_t now)
{
	if (is_parting(node))
		node_resume(found->cluster, node);
	if (!node->found && is_engaged(found, node))
		return false;
	if (!may_contact(found, now))
		return true;
	node->found = false;
	node_set_text(&node->trouble, NULL);
	found->owner.engage(found->owner.arg, node);
	return false;
}

static void leave_alone(Node *node)
{
	node->found = true;
	if (!node->trouble)
		node_set_text(&node->trouble, found_words);
}

/* True: not yet, it has work. */
static bool unwant(Found *found, Node *node)
{
	if (!TAILQ_EMPTY(&node->tasks)) {
		if (!node->drain) {
			node_drain(found->cluster, node, parting_words);
		}
		return true;
	}
	if (is_parting(node))
		node_resume(found->cluster, node);
	if (is_engaged(found, node))
		found->owner.dismiss(found->owner.arg, node);
	return false;
}

/* --- one proposal ------------------------------------------------------------------------------ */

static bool is_the_owners(const Node *node)
{
	return strcmp(node->source, "dns-sd") != 0;
}

/* Until it has spoken for itself. */
static void show_claims(Node *node, const Claims *claims)
{
	node_set_text(&node->announced, claims->fingerprints[0] ? claims->fingerprints : NULL);
	if (node->seen)
		return;
	node->cpus = claims->cpus;
	node->memory = claims->memory;
	node_set_text(&node->arch, claims->arch[0] ? claims->arch : NULL);
}

/* Where it was right the last time is tried after all that is announced: others may announce it, too. */
static bool set_places(Found *found, Node *node, const Proposal *proposal)
{
	Buf places = BUF_INIT;
	bool changed;

	buf_add_text(&places, proposal->places);
	if (node->proven && !place_in(proposal->places, node->proven))
		buf_addf(&places, " %s", node->proven);
	changed = !node->places || node->port != proposal->port || strcmp(node->places, places.data) != 0;
	if (changed) {
		node_set_text(&node->places, places.data);
		node->port = proposal->port;    /* of a node that its owner named, its name says it */
		if (!node->fresh || node->seen)
			cluster_node_changed(found->cluster, node);
	}
	buf_release(&places);
	return changed;
}

/* A connection that works is not given up because of what somebody says. True: look at it again soon. */
static bool place(Found *found, Node *node, const Proposal *proposal)
{
	bool placed = node->address && place_in(proposal->places, node->address);
	bool changed = set_places(found, node, proposal);

	if (node->found || !is_engaged(found, node)) {
		if (changed && node->host)
			node_set_text(&node->address, NULL);
		return false;
	}
	if (node->up && placed)
		return false;
	if (node->up && clock_wall_ms() - node->seen < SILENT_MS)
		return true;
	if (node->up || (changed && !(node->untrusted && placed)))
		found->owner.moved(found->owner.arg, node);
	return false;
}

static void show_place(Node *node, const Proposal *proposal)
{
	char address[PLACE_TEXT];

	if (node->address)
		return;
	snprintf(address, sizeof address, "%.*s", (int)strcspn(proposal->places, " "), proposal->places);
	node_set_text(&node->address, address);
}

static Node *show(Found *found, const Proposal *proposal, Node *node)
{
	const char *host = node ? node->host : proposal->host;
	char name[NAME_TEXT];

	if (node && !node->gone)
		return node;
	choose_name(found, proposal, name);
	if (node && may_have(found, node->name, proposal))
		snprintf(name, sizeof name, "%s", node->name);
	return cluster_show_node(found->cluster, name, host);
}

static bool is_hidden(Found *found, const Node *node)
{
	return node && node->gone && (node->standing == STANDING_HIDDEN || is_engaged(found, node));
}

static bool settle_one(Found *found, const Proposal *proposal, int64_t now)
{
	Node *node = listed_otherwise(found, proposal);
	bool more;

	/* Where pi@pi.local is may be known only from here. */
	if (node)
		return names_host(node->name, proposal->host, strlen(proposal->host)) && place(found, node, proposal);
	node = node_of(found, proposal);
	if (is_hidden(found, node))
		return false;
	node = show(found, proposal, node);
	node->announced_at = now;
	show_claims(node, &proposal->claims);
	more = place(found, node, proposal);
	show_place(node, proposal);
	if (is_the_owners(node) || node->standing == STANDING_USED || proposal->wulfs)
		return want(found, node, now) || more;
	if (node->found)
		return false;
	if (unwant(found, node))
		return true;
	leave_alone(node);
	return false;
}

/* --- all of them ------------------------------------------------------------------------------- */

bool found_announces(const Found *found, const Node *node)
{
	return found->proposals && node->host && proposals_of(found->proposals, node->host);
}

static bool is_announced_otherwise(Found *found, const Node *node)
{
	for (Proposal *proposal = proposals_first(found->proposals); proposal && node->proven; proposal = proposals_next(proposal))
		if (is_renamed(found, node, proposal))
			return true;
	return false;
}

/* Nobody proposes it now, or its owner has named the same machine. */
static bool has_to_go(Found *found, const Node *node)
{
	const Proposal *proposal;

	if (!found->proposals)
		return true;
	proposal = proposals_of(found->proposals, node->host);
	return proposal ? listed_otherwise(found, proposal) != NULL : !is_announced_otherwise(found, node);
}

/* It may be announced again any moment, as it was before the start. */
static bool is_awaited(Found *found, const Node *node, int64_t now)
{
	return found->proposals && node->announced_at < found->started && now - found->started < PATIENCE_MS;
}

static bool settle_gone(Found *found, int64_t now)
{
	bool more = false;
	Node *node, *next;

	for (node = TAILQ_FIRST(cluster_nodes(found->cluster)); node; node = next) {
		next = TAILQ_NEXT(node, all);
		if (!node->host || is_the_owners(node) || !has_to_go(found, node))
			continue;
		if (is_awaited(found, node, now) || unwant(found, node))
			more = true;
		else
			cluster_shelve_node(found->cluster, node);
	}
	return more;
}

/* What left without a trace. */
static bool discard_some(Found *found)
{
	Node *node, *next;
	bool more = false;

	for (node = TAILQ_FIRST(cluster_gone_nodes(found->cluster)); node; node = next) {
		next = TAILQ_NEXT(node, all);
		if (is_engaged(found, node))
			more = more || node->host;
		else
			cluster_discard_node(found->cluster, node);
	}
	return more;
}

bool found_settle(Found *found, int64_t now)
{
	bool more = discard_some(found);

	if (settle_gone(found, now))
		more = true;
	for (Proposal *proposal = found->proposals ? proposals_first(found->proposals) : NULL; proposal;
	     proposal = proposals_next(proposal))
		if (settle_one(found, proposal, now))
			more = true;
	return more;
}

/* Those of earlier mounts: with work they are connected to where they were last, the others are away until
 * they announce themselves. */
static void take_up(Found *found)
{
	Node *node, *next;

	for (node = TAILQ_FIRST(cluster_nodes(found->cluster)); node; node = next) {
		next = TAILQ_NEXT(node, all);
		if (!node->host || is_the_owners(node))
			continue;
		if (!TAILQ_EMPTY(&node->tasks) && node->places)
			found->owner.engage(found->owner.arg, node);
		else
			cluster_shelve_node(found->cluster, node);
	}
}

Found *found_new(Cluster *cluster, Proposals *proposals, FoundOwner owner, int64_t now)
{
	Found *found = mem_new_zeroed(sizeof *found);

	found->cluster = cluster;
	found->proposals = proposals;
	found->owner = owner;
	found->started = found->counted = now;
	found->contacts = CONTACTS_AT_ONCE;
	take_up(found);
	return found;
}

void found_afresh(Found *found, int64_t now)
{
	found->started = now;
}

void found_free(Found *found)
{
	free(found);
}

/* --- the owner's word -------------------------------------------------------------------------- */

void found_use(Found *found, Node *node)
{
	node->standing = STANDING_USED;
	node->found = false;
	node_set_text(&node->trouble, NULL);
	cluster_node_changed(found->cluster, node);
}

void found_hide(Found *found, Node *node)
{
	node->standing = STANDING_HIDDEN;
	cluster_shelve_node(found->cluster, node);
}

Node *found_unhide(Found *found, const char *name)
{
	Node *node;

	TAILQ_FOREACH(node, cluster_gone_nodes(found->cluster), all)
		if (strcmp(node->name, name) == 0 && found_announces(found, node))
			break;
	if (!node)
		return NULL;
	cluster_show_node(found->cluster, name, node->host);
	node_set_text(&node->source, "mkdir");
	found_use(found, node);
	return node;
}
