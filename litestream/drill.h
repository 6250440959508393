/*
 * drill - what a restore drill came to.
 *
 * A drill restores a replica with the real `litestream restore` into a private
 * directory and looks at the result.  It is a process of its own (`litegauge
 * drill`), so that neither a slow restore nor a damaged file can harm the
 * agent; the agent starts one now and then and reads its answer, this struct as
 * one line of JSON.
 */
#ifndef LITESTREAM_DRILL_H
#define LITESTREAM_DRILL_H

#include <stdint.h>

struct buf;
struct err;

#define DRILL_MAX_JSON	16384	/* bytes of one line */

/* Inconclusive: it could not be tried (no room, no time, no network), which
 * says nothing about the backup. */
enum drill_outcome { DRILL_PASS, DRILL_FAIL, DRILL_INCONCLUSIVE,
	DRILL_OUTCOME_COUNT };

struct drill {
	struct drill	*next;
	char		*db, *replica;	/* owned, as all text here */
	enum drill_outcome outcome;
	char		*why;		/* a sentence; a pass has one only when
					   something could not be looked at */
	int64_t		 at_ms;		/* wall; when it ended */
	int64_t		 passed_ms;	/* wall; of the last that passed; 0 */
	/* of the last that was not inconclusive, itself perhaps */
	int64_t		 told_ms;	/* wall; 0: there was none */
	enum drill_outcome told;
	int64_t		 took_ms;	/* of the restore alone; 0: none */
	int64_t		 bytes;		/* of the restored database */
	int64_t		 behind_bytes;	/* short of the noted position; -1 */
	char		*position;	/* "0.5 TXID 17", "GENERATION/3:4152" */
	char		*schema;	/* SHA-256 of the schema, in hex */
};

const char	*drill_outcome_name(enum drill_outcome);
/* -1: there is none of this name. */
int		 drill_outcome_find(const char *);
void		 drill_free(struct drill *);	/* and all after it */
void		 drill_write(struct buf *, const struct drill *);
struct drill	*drill_read(const char *json, struct err *);
struct drill	*drill_copy(const struct drill *);
/* The one of that replica, taken out of a list; NULL: there is none. */
struct drill	*drill_take(struct drill **list, const char *replica);
/* Of the same replica: what a newer one keeps of the one before it. */
void		 drill_follow(struct drill *, const struct drill *before);

#endif
