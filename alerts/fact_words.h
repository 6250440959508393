/*
 * fact_words - the parts of which the first sentence of a notification is made.
 *
 * The figures are those the alert was decided by: of a window the mean and not
 * the last value, of a forecast the day on which its line crosses the limit.
 */
#ifndef ALERTS_FACT_WORDS_H
#define ALERTS_FACT_WORDS_H

#include "alerts/notification_text.h"

/* In the measure's unit. */
void	fact_quantity(struct buf *, const struct alert *, double);
void	fact_limit(struct buf *, const struct alert *, double limit);
/* What the limit is held against: "the mean of write_rate over the last 5m". */
void	fact_subject(struct buf *, const struct telling *);
void	fact_looks(struct buf *, const struct alert *, const char *only);
/* ", critical" beyond the second limit, nothing before. */
void	fact_raised(struct buf *, const struct alert *);
void	fact_forecast(struct buf *, const struct telling *);
void	fact_no_forecast(struct buf *, const struct telling *);
/* The value and the limit it is beyond, or when it will be. */
void	fact_beyond(struct buf *, const struct telling *);
/* The value and how often it was beyond. */
void	fact_often(struct buf *, const struct telling *);
/* flag_words.c: what it means, of a measure of yes or no; NULL: of another, or
 * a rule that judges it otherwise. */
const char *fact_flag(const struct rule *, bool wrong);
void	fact_last_seen(struct buf *, const struct telling *);

#endif
