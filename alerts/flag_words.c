/*
 * flag_words - what it means that a measure of yes or no is the wrong one.
 *
 * "up is 0, below 1" says nothing to who is woken by it.
 */
#include <stddef.h>

#include "alerts/fact_words.h"

static const struct {
	const char	*wrong, *right;
} words[MEASURE_COUNT] = {
	[MEASURE_UP] = { "the database cannot be read",
			 "the database can be read again" },
	[MEASURE_REPLICA_UP] = { "a replica cannot be looked at",
				 "every replica can be looked at again" },
	[MEASURE_REPLICA_UNCHECKED] = {
	    "whether a replica is any good cannot be checked",
	    "every replica can be checked" },
	[MEASURE_REPLICA_CHAIN] = { "files are missing on a replica",
				    "no files are missing on a replica" },
	[MEASURE_REPLICA_AHEAD] = { "a replica has more than the database",
				    "no replica has more than the database" },
	[MEASURE_DRILL_SUCCESS] = { "a replica could not be restored",
				    "every replica could be restored again" },
	[MEASURE_DRILL_INCONCLUSIVE] = {
	    "a replica could not be tried by restoring it",
	    "every replica could be tried by restoring it" },
	[MEASURE_VERSION_RISK] = {
	    "a program with a known bug uses the database",
	    "no program with a known bug uses the database now" },
};

const char *
fact_flag(const struct rule *r, bool wrong)
{
	bool usual = (r->op == RULE_BELOW) == measures[r->measure].falling;

	if (r->of != WINDOW_NONE || r->times > 0 || !usual)
		return NULL;
	return wrong ? words[r->measure].wrong : words[r->measure].right;
}
