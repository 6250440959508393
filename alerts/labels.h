/*
 * labels - an alert as Prometheus and Alertmanager know one.
 *
 * A set of labels says which alert it is, annotations say what is to be read.
 * Severity is a label, for routing goes by it: an alert whose severity rises is
 * another alert to whoever reads these: the one before it is told to be over.
 */
#ifndef ALERTS_LABELS_H
#define ALERTS_LABELS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alerts/receiver.h"

#define LABELS_MAX	5

struct label {
	const char	*name, *value;	/* borrowed */
};

/* alertname, db, instance, job, severity: sorted by name, none of them empty.
 * Returns how many. */
size_t	labels_of(struct label[LABELS_MAX], const struct notification *);
/* Alertmanager's, FNV-1a of 64 bits; the labels are sorted. */
uint64_t labels_fingerprint(const struct label *, size_t n);
json_t	*labels_json(const struct notification *);
json_t	*labels_annotations(const struct notification *);
/* A message in which what ends under the severity it had before is an item of
 * its own, in front of what it has become. */
struct spread {
	struct message		 m;
	const struct notification **items;	/* owned */
	struct notification	**ended;	/* owned, and each of them */
	size_t			 nended;
};

void	 labels_spread(struct spread *, const struct message *);
void	 labels_spread_done(struct spread *);
/* It goes on: not resolved, and not a mere piece of news. */
bool	 labels_open(const struct notification *);

#endif
