/* signals.h - numbers of signals on the wire. A number means different signals on different systems (10 is USR1 on Linux
 * and BUS on FreeBSD), so the wire has numbers of its own: those of Linux on x86, the real-time ones from 34 on. */
#ifndef NODE_WIRE_SIGNALS_H
#define NODE_WIRE_SIGNALS_H

#include <stdint.h>

/* A number that neither side has a signal for stays what it is. */
uint32_t signal_to_wire(uint32_t here);         /* here: as <signal.h> of this machine has it */
uint32_t signal_from_wire(uint32_t there);

#endif
