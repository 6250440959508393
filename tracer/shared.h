/*
 * shared - what the programs in the kernel and the agent both know.
 *
 * Included by kernel.bpf.c, which is compiled for the kernel's machine, and by
 * ours: plain numbers of fixed width, and one piece of logic that is easier to
 * trust when a test can run it outside of the kernel (sequence_step).
 *
 * Every map has its size here; together they take less than 2 MB of the
 * kernel's memory, whatever happens.
 */
#ifndef TRACER_SHARED_H
#define TRACER_SHARED_H

#include <linux/types.h>

#define TRACE_SLOTS	256	/* databases; those beyond are not traced */
#define TRACE_PROCS	4096	/* processes that have one of them open */
#define TRACE_FILES	1024	/* three of each database, and some to spare */
#define TRACE_THREADS	4096	/* the least recently used is forgotten */
#define TRACE_BUCKETS	40	/* powers of two of ns: up to 18 minutes */
#define TRACE_TIMED	16	/* holds in a tick, of one database */

#define TRACE_NOBODY	TRACE_SLOTS	/* the slot of what is not attributed */

/*
 * A file of a database, by what is to be seen of it besides fsync: the locks of
 * WAL mode, those of rollback mode, none.
 */
enum trace_kind { TRACE_SHM, TRACE_DB, TRACE_PLAIN };

struct trace_file {
	__u64	ino;
	__u32	dev;		/* as the kernel has it: major << 20 | minor */
	__u32	zero;
};

/*
 * By what its fsyncs are seen: by the system calls, which makes every call of
 * the machine a little slower, or by what ext4 says of them itself; in memory
 * there are none.
 */
enum trace_syncs { TRACE_BY_CALLS, TRACE_BY_EXT4, TRACE_NO_SYNCS };

struct trace_aim {
	__u32	slot;
	__u32	kind;
	__u32	syncs;
};

enum trace_span { SPAN_WRITE, SPAN_CHECKPOINT, SPAN_SYNC, SPAN_COUNT };

struct trace_hist {
	__u64	count;
	__u64	total_ns;
	__u64	max_ns;
	__u64	log2[TRACE_BUCKETS];	/* [i]: from 2^i up to 2^(i + 1) */
};

/* Of one database; the kernel only ever adds. */
struct trace_slot {
	__u64	retries;	/* sleeps of the busy handler */
	__u64	wait_ns;	/* what they asked for */
	/* while locks are traced */
	__u64	refused;	/* the writer's byte was not to be had */
	__u64	probes;		/* of that: header reads, see reckon.h */
	struct trace_hist hists[SPAN_COUNT];
	/* the kernel's own: who holds, and since when */
	__u64	since_ns[SPAN_SYNC];
	__u32	holder[SPAN_SYNC];
	/* and in which tick of its clock how many were timed */
	__u64	tick;
	__u64	timed;
};

/* Where a thread is in SQLite's busy handler. */
struct sequence {
	__u64	over_ns;	/* when its last sleep ends */
	__u32	next;		/* index of the delay that would follow; 0 */
	__u32	slept_ms;	/* in this row */
};

#define SEQUENCE_GAP_NS	1000000000ULL	/* an attempt takes no longer */
#define SEQUENCE_MS	1000000ULL
#define SEQUENCE_DELAYS	12
#define SEQUENCE_ROUND	50	/* ms: people set a busy_timeout of 250, 5000 */

/*
 * sqliteDefaultBusyCallback() sleeps 1 ms, then 2, 5 and so on, and cuts the
 * last one short so that the sum is busy_timeout.  So a sleep is one of its own
 * when it begins such a row or goes on with it; a lone sleep of 10 ms is not,
 * and what follows a sleep of the app's own is a new row.  SQLite has shorter
 * sleeps than a ms between two attempts.
 */
static inline int
sequence_step(struct sequence *s, __u64 ns, __u64 now_ns)
{
	static const __u64 delays_ms[SEQUENCE_DELAYS] = {
		1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50, 100
	};
	__u32 next = s->next < SEQUENCE_DELAYS ? s->next : SEQUENCE_DELAYS - 1;
	__u32 ms = (__u32)(ns / SEQUENCE_MS);
	int alive = next > 0 && now_ns < s->over_ns + SEQUENCE_GAP_NS;

	if (ns == 0 || ns % SEQUENCE_MS != 0)
		return 0;
	if (alive && ms == delays_ms[next]) {
		s->next = next + 1;
		s->slept_ms += ms;
	} else if (ms == 1) {
		s->next = 1;
		s->slept_ms = ms;
	} else {
		s->next = 0;		/* cut short, or the app's own */
		if (!alive || ms > delays_ms[next] ||
		    (s->slept_ms + ms) % SEQUENCE_ROUND != 0)
			return 0;
	}
	s->over_ns = now_ns + ns;
	return 1;
}

#endif
