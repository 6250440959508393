/*
 * expo - what is known, as Prometheus text.
 *
 * Two formats from one walk: text 0.0.4 and OpenMetrics 1.0.  A family is
 * begun once, its samples follow; the writer knows the differences (a counter's
 * family name, the order of TYPE and HELP, the EOF line), the caller does not.
 * A family without a sample leaves no trace.
 */
#ifndef AGENT_PAGES_EXPO_H
#define AGENT_PAGES_EXPO_H

#include <stdbool.h>

#include "collectors/collector.h"

struct buf;
struct store;

enum expo_format { EXPO_TEXT, EXPO_OPENMETRICS };

struct expo {
	struct buf		*out;		/* not owned */
	enum expo_format	 format;
	const struct metric	*family;	/* the one begun last */
	bool			 headed;	/* its HELP and TYPE are out */
};

void	expo_begin(struct expo *, struct buf *, enum expo_format);
/* A row of the same name as the one before goes on with that family. */
void	expo_family(struct expo *, const struct metric *);
/* labels: ready text (see batch_label()) or NULL; db: NULL for none. */
void	expo_sample(struct expo *, const char *db, const char *labels,
	    double value);
void	expo_end(struct expo *);

/* Every family of every collector.  A family that two rows share (with other
 * constant labels) is written once. */
void	expo_store(struct expo *, const struct store *);

/* The format that an Accept header asks for (highest q; unknown: text). */
enum expo_format expo_negotiate(const char *accept);
const char	*expo_content_type(enum expo_format);

#endif
