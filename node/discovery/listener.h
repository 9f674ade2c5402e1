/* listener.h - the process that listens to the network for machines that announce themselves.
 *
 * Multicast DNS and DNS-SD (RFC 6762, 6763) by avahi-core, embedded: it needs neither D-Bus nor
 * avahi-daemon, and gets along with one. It only listens and asks; nothing is published.
 *
 * A process of its own, as what it reads is anybody's and avahi meets some of it with an assertion: the mount
 * lives on, and starts another. It has no right that it can do without. */
#ifndef NODE_DISCOVERY_LISTENER_H
#define NODE_DISCOVERY_LISTENER_H

#define LISTEN_WORD "--listen-for-a-mount"      /* by which the program knows that it is to be this */

enum { SERVICES_MAX = 2048 };   /* announcements looked into at a time: types x interfaces x protocols x machines */

/* Say what is heard on stdout, as listener_wire.h has it, until stdin ends. interface NULL: all that there are.
 * Returns the exit status. */
int listen_main(const char *interface);

#endif
