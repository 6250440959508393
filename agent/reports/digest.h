/*
 * digest - "all is well, here is your headroom", once a week.
 *
 * Silence looks the same whether all is well or nobody is left to speak.  So a
 * message says how much room the tightest databases have, how far the backups
 * were behind, which alerts are open and how many there were.  It is made from
 * what history kept, and goes through the outbox as every notification does.
 *
 *	IDLE --slot is over--> OLD --rows of state.db--> NEW --rings--> sent
 *
 * A slot is a moment of the calendar ("mon 09:00").  The last one that was told
 * is a note in state.db, written together with the message itself: a restart
 * neither tells a slot twice nor leaves one out.
 */
#ifndef AGENT_REPORTS_DIGEST_H
#define AGENT_REPORTS_DIGEST_H

#include <stdint.h>

struct agent;
struct digest;
struct err;

struct digest_options {
	int64_t		 every_ms;	/* 0: off */
	int		 weekday;	/* 0 is Sunday */
	int		 minute;	/* of the day, local */
	const char	*receivers;	/* borrowed; "a, b"; NULL: all */
};

struct digest	*digest_new(struct agent *);
void		 digest_free(struct digest *);
/* Copies the options.  One that is turned on begins with the next slot. */
void		 digest_set(struct digest *, const struct digest_options *);

/* digest_slot.c: "mon 09:00", "7:30" into the options. */
int		 digest_at_parse(struct digest_options *, const char *,
		    struct err *);
/* The last slot that is not after now; both wall. */
int64_t		 digest_slot_ms(const struct digest_options *, int64_t now_ms);

#endif
