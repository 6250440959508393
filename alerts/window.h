/*
 * window - the last while of a measure, for rules that judge it as a whole.
 *
 * A window is cut into slots of equal length; a slot keeps the mean, the least
 * and the greatest of the values in it.  Its value is the mean, the median, ...
 * over its slots: so an hour of samples every second costs no more than a
 * kilobyte, and a burst is one slot among sixty.  One of a value that does not
 * change costs next to nothing.
 */
#ifndef ALERTS_WINDOW_H
#define ALERTS_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#define WINDOW_SLOTS	60
/* Between values that are no farther apart, or than a slot, a straight line is
 * taken for known. */
#define WINDOW_GAP_MS	120000

/* What a rule takes of its window. */
enum window_of {
	WINDOW_NONE,		/* no window: each value as it is */
	WINDOW_AVG, WINDOW_MAX, WINDOW_MIN, WINDOW_MEDIAN, WINDOW_P95,
	WINDOW_TREND		/* where a straight line through it leads */
};

struct window;

struct window	*window_new(int64_t span_ms) __attribute__((returns_nonnull));
void		 window_free(struct window *);
/* at_ms: mono, and not before the last one's slot; older than the window is
 * let go.  A NAN is not kept. */
void		 window_add(struct window *, int64_t at_ms, double value);
/* One value that tells of all the time between: a point of history. */
void		 window_fill(struct window *, int64_t from_ms, int64_t to_ms,
		    double value);
/* NAN: nothing is in it, or no line can be drawn.  ahead_ms: of WINDOW_TREND,
 * how far it is led. */
double		 window_value(const struct window *, enum window_of,
		    int64_t now_ms, int64_t ahead_ms);
/* Too little of it is known to begin an alert with: less than half. */
bool		 window_is_thin(const struct window *, int64_t now_ms);

#endif
