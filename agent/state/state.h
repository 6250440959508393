/*
 * state - state.db: what the agent must not forget when it dies.
 *
 * Alert states, the outbox, history and drills.  Our own SQLite file, and the
 * only one the agent opens through SQLite.  One agent holds it: a second one is
 * told so.  A file that is damaged is moved aside and a new one begun.  Used by
 * the main thread before the keeper starts, and by the keeper's thread after.
 */
#ifndef AGENT_STATE_STATE_H
#define AGENT_STATE_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct alert_record;
struct drill;
struct err;
struct silence;
struct state;

#define STATE_HISTORY_DAYS	30	/* older points are deleted ... */
#define STATE_DRILL_DAYS	400	/* ... and drills */

/* note: set when the file was damaged and moved aside (caller frees).  later:
 * on failure, whether it may go well when the disk is well again. */
struct state	*state_open(const char *path, char **note, bool *later,
		    struct err *);
void		 state_close(struct state *);

/* Between the two, everything is written together or not at all. */
int	state_begin(struct state *, struct err *);
int	state_commit(struct state *, struct err *);
void	state_rollback(struct state *);

/* state_alert.c.  Of one that is plainly ok no row is kept. */
int	state_put_alert(struct state *, const struct alert_record *,
	    struct err *);
int	state_drop_alert(struct state *, const char *rule, const char *db,
	    struct err *);
int	state_put_outbox(struct state *, const char *id, const char *receiver,
	    const char *json, int64_t at_ms, struct err *);
int	state_drop_outbox(struct state *, const char *id,
	    const char *receiver, struct err *);
/* Both rows, where they are, are marked as handed over. */
int	state_hand_outbox(struct state *, const char *id, const char *from,
	    const char *to, struct err *);
/* One point: mean, least and greatest over the step that began at at_s. */
int	state_put_history(struct state *, const char *db, const char *measure,
	    int64_t at_s, const float point[3], struct err *);
int	state_prune(struct state *, int64_t now_s, struct err *);

/* state_drill.c: the last one of each replica. */
int	state_put_drill(struct state *, const struct drill *, struct err *);
int	state_drop_drill(struct state *, const struct drill *, struct err *);
int	state_prune_drills(struct state *, int64_t now_s, struct err *);

/* state_silence.c */
int	state_put_silence(struct state *, const struct silence *, struct err *);
int	state_drop_silence(struct state *, const char *id, struct err *);
/* state_note.c: numbers with a name; *ret is 0 where there is none. */
int	state_put_note(struct state *, const char *key, int64_t value,
	    struct err *);
int	state_get_note(struct state *, const char *key, int64_t *ret,
	    struct err *);

/* Readers: each row is handed to the function, in order of time. */
int	state_each_alert(struct state *, void (*)(void *,
	    const struct alert_record *), void *, struct err *);
int	state_each_outbox(struct state *, void (*)(void *, const char *id,
	    const char *receiver, const char *json, int64_t at_ms, bool handed),
	    void *, struct err *);
int	state_each_history(struct state *, int64_t from_s, void (*)(void *,
	    const char *db, const char *measure, int64_t at_s,
	    const float point[3]), void *, struct err *);
/* The points of one measure, of every database, that began at at_s. */
int	state_each_history_at(struct state *, const char *measure,
	    int64_t at_s, void (*)(void *, const char *db,
	    const char *measure, int64_t at_s, const float point[3]), void *,
	    struct err *);
/* The drill is the function's to free. */
int	state_each_drill(struct state *, void (*)(void *, struct drill *),
	    void *, struct err *);
/* What the silence holds is the function's to free. */
int	state_each_silence(struct state *, void (*)(void *, struct silence *),
	    void *, struct err *);

#endif
