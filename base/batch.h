/*
 * batch - what was seen of one database at one moment.
 *
 * The unit that crosses from the sampler's thread to the loop's.  Whoever holds
 * the pointer owns it; sending it gives it away.  A batch carries the samples
 * of every collector that ran, how each of them fared, and who stands in the
 * way (the culprits), which is shown and told but never made a label.
 */
#ifndef BASE_BATCH_H
#define BASE_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/inbox.h"

struct collector;
struct metric;
struct wish;

struct sample {
	const struct metric	*metric;	/* static, never freed */
	double			 value;
	char			*labels;	/* owned; NULL: none but db */
};

/* How one collector fared. */
struct report {
	const struct collector	*collector;
	int64_t			 took_us;
	char			*why;		/* owned; NULL: it succeeded */
};

/* What somebody holds that others may wait for. */
enum hold {
	HOLD_WRITER,		/* the write lock */
	HOLD_CHECKPOINT,	/* the checkpoint lock */
	HOLD_READER,		/* the oldest read mark */
	HOLD_COUNT
};

struct culprit {
	int64_t	 pid;		/* 0: another PID namespace; -1: OFD lock */
	int64_t	 since_ms;	/* wall; first seen to hold; 0: free */
	char	 command[64];	/* as far as /proc tells; may be empty */
};

struct batch {
	struct mail		 mail;		/* first: see inbox.h */
	char			*db;		/* owned; the database's name */
	char			*path;		/* owned; in the first one */
	uint64_t		 disk;		/* it lies on; 0: not known */
	int64_t			 interval_ms;	/* between two samples */
	int64_t			 at_ms;		/* wall */
	int64_t			 mono_ms;
	bool			 gone;		/* no longer watched */
	bool			 unchanged;	/* nothing new since the last */
	bool			 keep;		/* a collector failed, but its
						   samples stand */
	char			*down;		/* owned; why sqlite_up is 0 */
	char			*note;		/* owned; for the log, once */
	struct wish		*wishes;	/* owned; replicas that the
						   loop is to look at */
	void			(*discard_wishes)(struct wish *);
	struct culprit		 culprits[HOLD_COUNT];
	size_t			 nreports, reports_cap;
	struct report		*reports;	/* owned */
	size_t			 nsamples, samples_cap;
	struct sample		*samples;	/* owned */
};

struct batch	*batch_new(const char *db);
void		 batch_free(struct batch *);
void		 batch_add(struct batch *, const struct metric *, double);
/* labels: text as in /metrics, name="value",..., made by batch_label(). */
void		 batch_add_labelled(struct batch *, const struct metric *,
		    double, const char *labels);
/* Takes back every sample from the nth on: a collector has failed. */
void		 batch_cut(struct batch *, size_t n);
void		 batch_report(struct batch *, const struct collector *,
		    int64_t took_us, const char *why);

/* Something happened that is worth a line in the log.  False: this batch has
 * one already; say it with the next. */
bool		 batch_note(struct batch *, const char *text);

struct buf;
/* Appends name="value" (after a comma when the buf is not empty), escaped. */
void		 batch_label(struct buf *, const char *name, const char *value);

#endif
