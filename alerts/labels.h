/*
 * labels - an alert as Prometheus and Alertmanager know one.
 *
 * A set of labels says which alert it is, annotations say what is to be read.
 * Severity is a label, for routing goes by it: an alert whose severity rises is
 * another alert to whoever reads these.
 */
#ifndef ALERTS_LABELS_H
#define ALERTS_LABELS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alerts/notification.h"

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
/* It goes on: not resolved, and not a mere piece of news. */
bool	 labels_open(const struct notification *);

#endif
