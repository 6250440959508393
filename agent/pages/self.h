/*
 * self - what the agent says of itself in /metrics.
 *
 * One row is a family.  The manual prints the rows; the functions read the
 * parts that the agent has by then, so that `litegauge once`, which has no
 * outbox, shows what it can.
 */
#ifndef AGENT_PAGES_SELF_H
#define AGENT_PAGES_SELF_H

#include "agent/pages/expo.h"

#ifndef LITEGAUGE_VERSION
#define LITEGAUGE_VERSION	"0.1.0"
#endif
#ifndef LITEGAUGE_REVISION
#define LITEGAUGE_REVISION	"unknown"
#endif

struct agent;

struct self {
	struct metric	 metric;
	/* One of the two: a number without labels (NAN: not known), or all
	 * samples of the family. */
	double		(*number)(const struct agent *);
	void		(*write)(struct expo *, const struct agent *);
};

extern const struct self self_families[];	/* NULL name ends it */

/* labels: name, value, ..., NULL. */
void	self_sample(struct expo *, const char *const *labels, double value);

/* self_outbox.c: of each receiver. */
void	self_delivered(struct expo *, const struct agent *);
void	self_dropped(struct expo *, const struct agent *);
void	self_queued(struct expo *, const struct agent *);
void	self_failed(struct expo *, const struct agent *);
void	self_merged(struct expo *, const struct agent *);
void	self_handed(struct expo *, const struct agent *);
void	self_closed(struct expo *, const struct agent *);

void	self_write(struct expo *, const struct agent *);
/* The whole of /metrics: the databases', then our own. */
void	self_page(struct buf *, const struct agent *, enum expo_format);

#endif
