/*
 * diagnose_data - the copy that is behind, and the file that is half empty.
 */
#include <math.h>
#include <stdio.h>

#include "agent/diagnose/diagnose_facts.h"

#define STALE_S		60.0	/* beyond Litestream's own interval */
#define EMPTY_SHARE	0.3
#define EMPTY_BYTES	100e6	/* less is not worth a VACUUM */

/* A replica that nobody can look at may be fine: that is another story. */
bool
is_stale(const struct facts *f)
{
	return f->values[MEASURE_REPLICATION_OVERDUE] > STALE_S &&
	    !(f->values[MEASURE_REPLICA_UP] < 1);
}

void
tell_stale(const struct facts *f, char *text, size_t size)
{
	char time[UNIT_TEXT_MAX], n[UNIT_TEXT_MAX], commits[UNIT_TEXT_MAX + 64];

	commits[0] = '\0';
	if (f->values[MEASURE_REPLICATION_LAG_TRANSACTIONS] > 0)
		(void)snprintf(commits, sizeof commits, ": %s commits are not "
		    "on the replica", diagnose_figure(n, f,
		    MEASURE_REPLICATION_LAG_TRANSACTIONS));
	(void)snprintf(text, size, "The backup is %s behind%s.  Litestream "
	    "likely cannot reach the replica or has stopped; it may well run "
	    "and report no error.",
	    diagnose_figure(time, f, MEASURE_REPLICATION_LAG), commits);
}

bool
is_freelist(const struct facts *f)
{
	double size = f->values[MEASURE_DATABASE_SIZE];
	double empty = f->values[MEASURE_FREE_SIZE];

	return empty >= EMPTY_BYTES && empty >= EMPTY_SHARE * size;
}

void
tell_freelist(const struct facts *f, char *text, size_t size)
{
	char share[UNIT_TEXT_MAX], file[UNIT_TEXT_MAX], data[UNIT_TEXT_MAX];
	double all = f->values[MEASURE_DATABASE_SIZE];
	double empty = f->values[MEASURE_FREE_SIZE];

	(void)snprintf(text, size, "%s of the file, which is %s, are empty "
	    "pages from deletes, which backups and restores carry along: the "
	    "data itself is %s.", unit_print(share, UNIT_RATIO, empty / all),
	    unit_print(file, UNIT_BYTES, all),
	    unit_print(data, UNIT_BYTES, all - empty));
}
