/*
 * digest_send - a digest on its way, and what state.db remembers of it.
 */
#ifndef AGENT_REPORTS_DIGEST_SEND_H
#define AGENT_REPORTS_DIGEST_SEND_H

#include <stdint.h>

struct agent;
struct notification;

/* What state.db keeps of digests. */
struct digest_notes {
	int64_t	 slot_ms;	/* wall; the last slot that was told; 0: none */
	int64_t	 fired;		/* alerts since then */
};

typedef void digest_read_fn(void *arg, const struct digest_notes *);

/*
 * To each receiver of the list (NULL: all), together with the notes or, when
 * state.db does not take it, from memory.  Takes the notification.
 */
void	digest_send(struct agent *, struct notification *,
	    const char *receivers, const struct digest_notes *);
/* The notes alone. */
void	digest_note(struct agent *, const struct digest_notes *);
/* -1: there is no state.db now, and fn is not called.  Else it is, once, on the
 * loop; NULL: they could not be read. */
int	digest_read(struct agent *, digest_read_fn *, void *arg);

#endif
