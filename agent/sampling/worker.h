/*
 * worker - the sampler's thread at work: ticks, events, and being left alone.
 *
 * Only for sampler.c and worker.c.  One worker has the roster; one that hangs
 * in a disk is left with the entry it looks at, and touches nothing else ever
 * again but its inboxes and what stands under the lock.
 */
#ifndef AGENT_SAMPLING_WORKER_H
#define AGENT_SAMPLING_WORKER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

#include "agent/sampling/roster.h"
#include "agent/sampling/sampler.h"
#include "collectors/members.h"

struct batch;
struct binaries;
struct discovery;
struct locktable;
struct notify;

struct worker {
	struct sampler	*sampler;	/* not owned */

	/* under the sampler's lock */
	struct entry	*at;		/* what it looks at; NULL: around */
	dev_t		 dev;		/* the device that lies on */
	const char	*pattern;	/* whose matches it looks for; NULL */
	int64_t		 since_ms;	/* mono; since when; 0: it rests */
	bool		 left;		/* hangs; another has the roster */
};

struct sampler {
	/* set once */
	struct inbox	*out;		/* not owned */
	struct inbox	*orders;
	struct sampler_settings settings;
	struct binaries	*binaries;	/* owned; any worker may ask it */
	struct probe_dirs probe_dirs;	/* and this */

	/* of the worker that has the roster */
	struct roster	 roster;
	struct notify	*notify;	/* NULL: no inotify to be had */
	struct locktable *locks;	/* owned; NULL: not read yet */
	struct locktable *old_locks;	/* owned; a hung worker may read them */
	int64_t		 locks_due_ms;
	int64_t		 locks_cost_us;	/* what reading them took */
	struct discovery *discovery;	/* owned; NULL: not looked yet */
	unsigned	 discovery_no;	/* counts them */
	int64_t		 discovery_due_ms;
	int64_t		 peek_us;	/* mono; the next looks at the locks */
	uint64_t	 dice;		/* for jitter */
	bool		 news;		/* of some entry */
	bool		 chase;		/* some entry is being followed */
	/* So it was when it was last looked at all entries: */
	int64_t		 due_ms;	/* mono; the next sample; 0: look! */
	bool		 active;	/* some entry is to be peeked at */
	bool		 stop;

	/* under lock */
	pthread_mutex_t	 lock;
	pthread_cond_t	 gone_cond;
	struct worker	*worker;	/* the one that has the roster */
	struct worker	*hung[SAMPLER_MAX_STUCK];	/* NULL: free */
	bool		 gone;		/* nobody has the roster any more */
	bool		 started;

	atomic_uint	 nhung;
};

void	 worker_take_orders(struct sampler *);
/* One round of whatever is due.  False: it was left; end the thread. */
bool	 worker_turn(struct worker *);
/* Wait until something is due, or happens. */
void	 worker_rest(struct sampler *);

/* Around whatever may wait for a disk: the watchdog sees how long. */
void	 worker_begin(struct worker *, struct entry *);
/* Returns false when the worker was left meanwhile: the roster is not its. */
bool	 worker_end(struct worker *);
/* An entry that left the roster; one that a hung thread holds waits for it. */
void	 worker_entry_gone(void *sampler, struct entry *);

/* errands.c; each returns false when the worker was left. */
bool	 errand_locks(struct worker *);
bool	 errand_matches(struct worker *);
bool	 errand_discover(struct worker *);

/* events.c: what the kernel says of the watched files. */
#define CHASE_MS	100	/* a wal-index being made is followed so long */
/* Note what has happened, at the entries it concerns; reads no disk. */
void	 events_drain(struct sampler *);
/* Look at what there is news of. */
void	 events_follow(struct sampler *, struct entry *);
/* Be told of the -shm that comes and goes beside this file ... */
void	 events_watch_name(struct sampler *, struct entry *, bool was_open);
/* ... not any more when it is in rollback mode; of the roster's owner only. */
void	 events_leave_name(struct sampler *, struct entry *);
/* Be told when the -shm that is open is cut, extended or let go of. */
void	 events_watch_shm(struct sampler *, struct entry *);
/* Its wal-index is being made, or made anew after a crash. */
bool	 events_settling(const struct entry *);

#endif
