/*
 * derive - from what collectors saw to what people ask about.
 *
 * Each measure's families are looked up once, among all rows of all collectors;
 * after that a measure costs an index.  Where several rows or labels make one
 * family (replicas) the measure is the worst of them; where they are sources of
 * one count, it is that of the best source that is there now: probe, kernel,
 * sampled.
 */
#ifndef AGENT_STORE_DERIVE_H
#define AGENT_STORE_DERIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct derive;
struct metric;
struct watched;

/* rows: the metric in each slot; borrowed, as the derive lives. */
struct derive	*derive_new(const struct metric *const *rows, size_t nrows);
void		 derive_free(struct derive *);
/* How many meters a database needs. */
size_t		 derive_meters(const struct derive *);
/* Works out every measure but sample_late, which time alone changes; or only
 * those that move with time, when nothing else can have. */
void		 derive_measures(const struct derive *, struct watched *,
		    bool time_only);
/* Who counted a rate: "probe", "kernel" or "sampled"; NULL: nobody does. */
const char	*derive_source(const struct derive *, const struct watched *,
		    size_t id);

#endif
