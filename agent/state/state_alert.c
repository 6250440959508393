/*
 * state_alert - the alerts in state.db that are not plainly ok.
 */
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "agent/state/state.h"
#include "agent/state/state_run.h"
#include "alerts/alerts.h"
#include "base/buf.h"

/* The column raised: whether it is, and above that bit what was told. */
#define TOLD_SHIFT	1
#define FIRES_MAX	(ALERT_FIRES * 24)	/* bytes of them as text */

/* "1700000060000 1700000000000", newest first. */
static void
print_fires(struct buf *b, const int64_t fires[ALERT_FIRES])
{
	buf_init(b, FIRES_MAX);
	buf_adds(b, "");
	for (size_t i = 0; i < ALERT_FIRES && fires[i] != 0; i++)
		buf_addf(b, "%s%lld", i > 0 ? " " : "", (long long)fires[i]);
}

static void
read_fires(int64_t fires[ALERT_FIRES], const char *text)
{
	char *end;

	for (size_t i = 0; i < ALERT_FIRES; i++, text = end) {
		fires[i] = strtoll(text, &end, 10);
		if (end == text || fires[i] <= 0) {
			fires[i] = 0;
			return;
		}
	}
}

int
state_put_alert(struct state *s, const struct alert_record *a, struct err *e)
{
	struct buf fires;
	int status;

	if (alerts_record_is_plain(a))
		return state_drop_alert(s, a->rule, a->db, e);
	print_fires(&fires, a->fires);
	status = state_run(s, PUT_ALERT, (const struct value[]){ T(a->rule),
	    T(a->db), I(a->state), I(a->announced), I(a->since_ms),
	    I(a->fired_ms), R(a->value), I(a->raised | a->told << TOLD_SHIFT),
	    I(a->flapping),
	    I(a->muted), I(a->good_ms), I(a->blind_ms), I(a->worse_ms),
	    I(a->said_ms), T(fires.data ? fires.data : ""),
	    I((int64_t)a->bits), I(a->nbits), I((int64_t)a->worse_bits),
	    T(a->measure ? a->measure : ""), I(a->severity), R(a->threshold),
	    T(a->heard) }, e);
	buf_free(&fires);
	return status;
}

int
state_drop_alert(struct state *s, const char *rule, const char *db,
    struct err *e)
{
	return state_run(s, DROP_ALERT, (const struct value[]){ T(rule),
	    T(db) }, e);
}

struct each_alert {
	void	(*fn)(void *, const struct alert_record *);
	void	*arg;
};

static void
read_heard(struct alert_record *a, const char *text)
{
	size_t n = strlen(text);

	if (n < sizeof a->heard)
		memcpy(a->heard, text, n + 1);
}

static void
hand_alert(sqlite3_stmt *st, void *arg)
{
	const struct each_alert *to = arg;
	struct alert_record a = {
		.rule	   = state_text(st, 0),
		.db	   = state_text(st, 1),
		.state	   = (enum alert_state)sqlite3_column_int(st, 2),
		.announced = sqlite3_column_int(st, 3) != 0,
		.since_ms  = sqlite3_column_int64(st, 4),
		.fired_ms  = sqlite3_column_int64(st, 5),
		.value	   = state_real(st, 6),
		.raised	   = (sqlite3_column_int(st, 7) & 1) != 0,
		.told	   = (unsigned)sqlite3_column_int(st, 7) >> TOLD_SHIFT,
		.flapping  = sqlite3_column_int(st, 8) != 0,
		.muted	   = sqlite3_column_int(st, 9) != 0,
		.good_ms   = sqlite3_column_int64(st, 10),
		.blind_ms  = sqlite3_column_int64(st, 11),
		.worse_ms  = sqlite3_column_int64(st, 12),
		.said_ms   = sqlite3_column_int64(st, 13),
		.bits	   = (uint64_t)sqlite3_column_int64(st, 15),
		.nbits	   = (unsigned)sqlite3_column_int(st, 16),
		.worse_bits = (uint64_t)sqlite3_column_int64(st, 17),
		.measure   = state_text(st, 18),
		.severity  = (enum severity)sqlite3_column_int(st, 19),
		.threshold = state_real(st, 20),
	};

	read_fires(a.fires, state_text(st, 14));
	read_heard(&a, state_text(st, 21));
	to->fn(to->arg, &a);
}

int
state_each_alert(struct state *s, void (*fn)(void *,
    const struct alert_record *), void *arg, struct err *e)
{
	return state_run_rows(s, EACH_ALERT, NULL, hand_alert,
	    &(struct each_alert){ fn, arg }, e);
}
