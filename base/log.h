/*
 * log - lines for people, on stderr, for the service manager to keep.
 *
 * Only code at the edge logs: main, the loop's callbacks, deliveries.  Code
 * below returns an err and lets the edge decide.  The level and the format are
 * the only globals of the program; they are set once, before any thread.
 *
 * A complaint is a failure that may go on for days: said when it begins, then
 * ever more rarely, and once more when it is over.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdint.h>

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN,
	LOG_LEVEL_ERROR };
enum log_format { LOG_FORMAT_LOGFMT, LOG_FORMAT_JSON };

/* Both return -1 for a name that they do not know. */
int	log_set_level(const char *name);	/* debug, info, warn, error */
int	log_set_format(const char *name);	/* logfmt, json */

void	log_debug(const char *, ...) __attribute__((format(printf, 1, 2)));
void	log_info(const char *, ...) __attribute__((format(printf, 1, 2)));
void	log_warn(const char *, ...) __attribute__((format(printf, 1, 2)));
void	log_error(const char *, ...) __attribute__((format(printf, 1, 2)));

struct complaint {
	int64_t	 since_ms;	/* mono; 0 when there is nothing wrong */
	int64_t	 next_ms;	/* not said again before */
	int64_t	 gap_ms;
};

void	log_complain(struct complaint *, const char *, ...)
	    __attribute__((format(printf, 2, 3)));
void	log_relent(struct complaint *, const char *, ...)
	    __attribute__((format(printf, 2, 3)));

#endif
