/* wire.h - what the mount and an agent say to each other, and an agent to its runners.
 *
 * A frame is: length of what follows (u32), message type (u8), the message's fields in the order of
 * its layout in wire.c. Integers are little-endian and of fixed size; bytes are a u32 count, then the
 * bytes. The mount opens with HELLO; the agent answers WELCOME, one HELD for each run it has, then
 * THAT_IS_ALL. Nothing else is sent before that. Whatever one side sends is hostile input to the other:
 * every length is checked here, and a frame that does not parse ends the link, never the program.
 *
 * A run is named by its task's id and its number (attempt) everywhere. Times on the wire are spans in
 * milliseconds, never clock readings: the two machines' clocks may disagree.
 *
 * The agent is built from this file too, so nothing but libc may be used here. */
#ifndef NODE_WIRE_WIRE_H
#define NODE_WIRE_WIRE_H

#include "store/base/buf.h"
#include "store/base/err.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	WIRE_VERSION = 1,                       /* said in HELLO and WELCOME; a change of any layout needs another */
	WIRE_FRAME_MAX = 6 * 1024 * 1024,       /* a 4 MiB script and its environment fit */
	WIRE_OUTPUT_MAX = 64 * 1024,            /* data in one OUTPUT */
	WIRE_CREDIT = 4 * 1024 * 1024,          /* output bytes an agent may send before the first CREDIT */
	WIRE_INPUT_MAX = 64 * 1024,             /* data in one INPUT */
	WIRE_STREAM_RETURN = 2,                 /* after stdout and stderr: the parcel of what --return names */
	WIRE_STREAMS = 3,
	WIRE_HASH = 32,                         /* bytes of a parcel's name: the SHA-256 of what is in it */
	WIRE_PARCELS_MAX = 64,                  /* that one run needs */
	WIRE_RUNS_MAX = 1000000,                /* that an agent holds at a time */
	SLOTS_MAX = 4096,                       /* of a node, whoever says how many */
};

typedef enum MessageType {
	/* mount -> agent */
	WIRE_HELLO = 1,         /* who we are; asks for WELCOME and what the agent has */
	WIRE_SLOTS,             /* how many slots the node has from now on */
	WIRE_RUN,               /* queue this run; it starts when enough slots are free, first come first served */
	WIRE_ATTACH,            /* send this run's outputs from these offsets on, then its end */
	WIRE_RECALL,            /* give the run back if it has not started: answered by RECALLED or by nothing */
	WIRE_SIGNAL,            /* send a signal to every process of the run */
	WIRE_CANCEL,            /* end the run: SIGTERM, grace_ms later SIGKILL; it then ends as usual */
	WIRE_RELEASE,           /* forget the run: its result is committed, or is not wanted: kill what lives */
	WIRE_CREDIT_MORE,       /* so many output bytes more may be sent */
	WIRE_PING,              /* answered by PONG */
	WIRE_INPUT,             /* bytes of a run's stdin; only such as were wanted */
	WIRE_PARCEL,            /* bytes of a parcel */
	/* agent -> mount */
	WIRE_WELCOME,
	WIRE_HELD,              /* a run the agent has */
	WIRE_THAT_IS_ALL,       /* no more HELD */
	WIRE_RECALLED,          /* the run never started and is forgotten */
	WIRE_STARTED,
	WIRE_OUTPUT,
	WIRE_ENDED,             /* follows the last OUTPUT of its run; kept until RELEASE */
	WIRE_PONG,
	WIRE_INPUT_WANTED,      /* a run's stdin from an offset on, as it comes; said again on every link */
	WIRE_FETCH,             /* send so many bytes of a parcel from this offset on: answered by PARCELs */
	WIRE_STUCK,             /* a process of the run, which is over, became another user's and cannot be killed */
	WIRE_TYPE_END
} MessageType;

typedef struct Slice {          /* bytes inside the frame they were read from; never NUL-terminated */
	const char *data;
	uint32_t length;
} Slice;

typedef struct RunName {
	uint64_t task;
	uint32_t number;
} RunName;

typedef enum HeldPhase { HELD_QUEUED, HELD_RUNNING, HELD_ENDED, HELD_PHASE_END } HeldPhase;

typedef enum RunEnd {           /* how a run ended */
	END_EXITED,             /* code: 0..255 */
	END_SIGNALLED,          /* code: the signal; in memory by this machine's number, on the wire by its own (signals.h) */
	END_TIME_LIMIT,         /* code: 128 + the signal that did it, or the exit code it chose */
	END_MEMORY,             /* as END_TIME_LIMIT; reason says how much it had */
	END_NOT_STARTED,        /* reason says why: no such directory, no such interpreter, cancelled while queued */
	END_LOST,               /* its runner died; what the run did is unknown */
	END_END
} RunEnd;

typedef struct Message {
	MessageType type;
	RunName run;                    /* of every message that is about a run */
	union {
		struct {
			uint32_t version;
			Slice state;            /* UUID of the mount's state */
			uint32_t slots;
			uint32_t lease_s;       /* alone for so long, the agent kills, cleans up and goes */
			uint64_t credit;        /* output bytes it may send before CREDIT_MORE */
			uint64_t cache;         /* bytes of parcels it may keep that no run needs now */
		} hello;
		struct { uint32_t slots; } slots;
		struct {
			uint32_t slots;         /* it takes so many */
			uint64_t limit_ms;      /* wall time; 0: none */
			uint32_t grace_ms;      /* between SIGTERM and SIGKILL */
			uint8_t script;         /* 1: command is a '#!' document, 0: a line for sh -c */
			Slice command;
			Slice directory;        /* where it starts, if it exists there; empty: its scratch directory */
			Slice environment;      /* NAME=VALUE, each ended by a NUL; added to the agent's own */
			uint64_t memory;        /* bytes all its processes may have together; 0: no limit */
			uint32_t warn_signal;   /* likewise a signal; sent warn_ms before the time limit; 0: none */
			uint64_t warn_ms;
			uint8_t warn_first;     /* 1: to the first process only, 0: to all, but a script's own */
			Slice input;            /* file it reads as stdin, from where it starts; empty: /dev/null */
			uint8_t fed;            /* 1: its stdin is what INPUT brings */
			Slice parcels;          /* WireParcels: unpacked into its scratch directory before it starts */
			Slice returns;          /* globs, each ended by a NUL: what is packed when it has ended */
		} start;
		struct { uint64_t from[WIRE_STREAMS]; } attach; /* offsets in stdout, stderr, the parcel */
		struct { uint32_t signal; } signal;
		struct { uint32_t grace_ms; } cancel;
		struct { uint64_t bytes; } credit;
		struct { uint64_t stamp; } ping;
		struct {
			uint64_t offset;
			uint8_t last;           /* 1: stdin ends after these bytes */
			Slice data;
		} input;
		struct {
			uint32_t version;
			Slice instance;         /* new with every agent process: runs an earlier one had are lost */
			Slice boot;             /* boot id of the machine */
			Slice host, arch, os;   /* uname's nodename, machine, sysname and release */
			uint32_t cpus;          /* online */
			uint64_t memory;        /* bytes, all */
		} welcome;
		struct {
			uint8_t phase;          /* HeldPhase */
			uint64_t age_ms;        /* since it started */
			uint64_t size[WIRE_STREAMS];    /* bytes of output there are */
		} held;
		struct { uint64_t age_ms; } started;
		struct {
			uint8_t stream;         /* 0 stdout, 1 stderr, 2 the parcel of what is returned */
			uint64_t offset;
			Slice data;
		} output;
		struct {
			uint8_t how;            /* RunEnd */
			uint32_t code;
			uint64_t ran_ms;        /* from start to end */
			uint64_t age_ms;        /* since the end */
			uint64_t size[WIRE_STREAMS];    /* whole outputs, bytes */
			uint64_t user_us, system_us;
			uint64_t memory;        /* largest resident set, bytes */
			Slice reason;           /* a sentence, or empty */
		} ended;
		struct {
			uint64_t stamp;         /* the PING's */
			uint32_t load;          /* one-minute load average, hundredths */
			uint64_t memory_free;   /* bytes available */
		} pong;
		struct {
			uint64_t from;          /* what came before is there */
			uint64_t until;         /* so far there is room now */
		} wanted;
		struct {
			Slice hash;
			uint64_t offset, most;
		} fetch;
		struct {
			Slice hash;
			uint64_t offset;
			uint64_t total;         /* of the whole parcel; 0: it is not there any more, give back what needs it */
			Slice data;
		} parcel;
		struct {
			uint32_t pid;
			Slice user;             /* whose it is: a name, or a number */
		} stuck;
	};
} Message;

/* Append message to out as one frame. */
void wire_put(Buf *out, const Message *message);

/* Read the frame at the front of bytes into message; its Slices point into bytes. Returns the frame's
 * whole size, 0 if it is not complete yet, or -1 with EPROTO: unknown type, a length over its bound or
 * that does not add up, an enum out of range. */
long wire_take(const char *bytes, size_t n, Message *message, Err *err);

/* The type's name, "HELLO"; "?" for what is none. For logs and tests. */
const char *wire_name(MessageType type);

/* One of the parcels a RUN needs, as they stand in start.parcels one after the other. */
typedef struct WireParcel {
	char hash[WIRE_HASH];
	uint64_t size;          /* bytes */
} WireParcel;

enum { WIRE_PARCEL_BYTES = WIRE_HASH + 8 };

void wire_put_parcel(Buf *list, const WireParcel *parcel);
bool wire_take_parcel(Slice *list, WireParcel *parcel);         /* from the front; false: there is none */

Slice slice_of(const char *text);               /* of a C string; NULL gives the empty one */
bool slice_is(Slice slice, const char *text);
bool run_is(RunName a, RunName b);

#endif
