/*
 * layout - the file in which the probe of one process counts.
 *
 * The probe makes it and adds to it, the agent reads it, and they share nothing
 * but this.  A head that never changes, then slots, one for each database, in
 * the order in which they were opened; the first with an ino of 0 ends them.
 * All numbers are of the machine's own byte order and only grow, but for
 * PROBE_PENDING.
 */
#ifndef COLLECTORS_PROBE_LAYOUT_H
#define COLLECTORS_PROBE_LAYOUT_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define PROBE_MAGIC	UINT64_C(0x3145424f5250474c)	/* "LGPROBE1" */
#define PROBE_VERSION	1
#define PROBE_SLOTS	256
#define PROBE_ENDING	".probe"	/* of a file's name */
#define PROBE_DIR	"/run/litegauge/probe"
#define PROBE_SHM	"/dev/shm"
#define PROBE_SHM_NAME	"litegauge-probe-"	/* and a user's number */

/* Which lock was refused; the first six counters are retries by lock. */
enum probe_lock {
	PROBE_WRITE,		/* in WAL mode: to write */
	PROBE_CHECKPOINT,	/* in WAL mode: for a complete checkpoint */
	PROBE_RECOVERY,		/* in WAL mode: somebody repairs the index */
	PROBE_SHARED,		/* in rollback mode: to read */
	PROBE_RESERVED,		/* in rollback mode: to write */
	PROBE_EXCLUSIVE,	/* in rollback mode: to commit */
	PROBE_LOCKS
};

enum probe_counter {
	PROBE_RETRIES,		/* PROBE_LOCKS of them */
	PROBE_WAIT_NS = PROBE_RETRIES + PROBE_LOCKS,
	PROBE_TIMEOUTS,		/* SQLITE_BUSY reached the app */
	PROBE_SNAPSHOTS,	/* SQLITE_BUSY_SNAPSHOT did */
	PROBE_COMMITS,
	PROBE_HOLDS,		/* write transactions, committed or not */
	PROBE_HOLD_NS,
	PROBE_HOLD_MAX_NS,
	PROBE_FSYNCS,
	PROBE_FSYNC_NS,
	PROBE_FSYNC_MAX_NS,
	PROBE_CHECKPOINTS,	/* that copied pages back */
	PROBE_PENDING,		/* refused, and not known yet what follows */
	PROBE_COUNTERS
};

struct probe_head {
	uint64_t	magic;
	uint32_t	version, slot_size;
	uint64_t	size;		/* of the file */
	uint64_t	pid, start;	/* clock ticks since boot */
	uint64_t	pid_ns;		/* inode of its PID namespace */
	char		boot_id[40];	/* text, NUL-terminated */
	uint64_t	overflow;	/* opened, and no slot was left */
	uint64_t	spare[18];
};

struct probe_slot {
	uint64_t	dev, ino;
	uint64_t	n[PROBE_COUNTERS];
	uint64_t	spare[30 - PROBE_COUNTERS];
};

struct probe_file {
	struct probe_head head;
	struct probe_slot slots[PROBE_SLOTS];
};

_Static_assert(sizeof(struct probe_head) == 240, "a head is 240 bytes");
_Static_assert(sizeof(struct probe_slot) == 256, "a slot is 256 bytes");

/*
 * When the process of this /proc/PID/stat began, in ticks; 0: it is no such
 * text.  The name in it may hold anything but ends with the last bracket.
 */
static inline uint64_t
probe_start(const char *stat)
{
	const char *at = strrchr(stat, ')');

	for (int field = 2; at != NULL && field < 22; field++)
		at = strchr(at + 1, ' ');
	return at == NULL ? 0 : strtoull(at, NULL, 10);
}

#endif
