/*
 * subject - one watched database together with its collectors.
 *
 * Belongs to whichever sampler thread is at work on it: nothing here is locked.
 * subject_sample() is the whole of one sample; the other two are the quick
 * looks in between.
 */
#ifndef AGENT_SAMPLING_SUBJECT_H
#define AGENT_SAMPLING_SUBJECT_H

#include <stdbool.h>
#include <stdint.h>

struct batch;
struct database;
struct locktable;

#define SUBJECT_ACTIVE_MS	10000	/* active so long after a change */
#define SUBJECT_FULL_MS		10000	/* a quiet one is sampled whole */

struct subject {
	struct database	*db;		/* owned */
	char		*states;	/* owned; of each collector, in turn */
	bool		 told;		/* the first batch has been made */
	bool		 dirty;		/* the log moved since a sample */
	int64_t		 full_ms;	/* mono; last whole sample; 0: never */
	int64_t		 active_ms;	/* mono; last sign of life; 0: never */
	int64_t		 table_us;	/* mono; of the lock table seen last */
	int64_t		 peek_us;	/* mono; last look at the locks */
};

/* Takes the database. */
void	subject_init(struct subject *, struct database *);
void	subject_done(struct subject *);
/* Never fails: a batch can say that the database is down. */
struct batch *subject_sample(struct subject *, const struct locktable *);
/* Follow the log now: something has happened.  made: a new log was begun. */
void	subject_follow(struct subject *, bool made);
/* Look at the locks, when it is active. */
void	subject_peek(struct subject *);
bool	subject_is_active(const struct subject *, int64_t mono_ms);

#endif
