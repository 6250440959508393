/*
 * diagnose - from what is measured to what is wrong, in a sentence.
 *
 * Each diagnosis is a pattern of measures and culprits that has one cause: a
 * sentence that says it with the figures, what it is not, and one next step
 * that cannot make it worse.  `likely` where the pattern has other causes too.
 * Pure: the same measures give the same sentences.
 */
#ifndef AGENT_DIAGNOSE_DIAGNOSE_H
#define AGENT_DIAGNOSE_DIAGNOSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/measure.h"

#define DIAGNOSES_MAX	12		/* at once; one of each */
#define DIAGNOSIS_TEXT_MAX 512

struct diagnosis {
	const char	*name;		/* "long-writer"; static */
	bool		 likely;	/* not certain */
	const char	*next_step;	/* static */
	char		 text[DIAGNOSIS_TEXT_MAX];
};

/*
 * Fills at most DIAGNOSES_MAX, the gravest first; returns how many.  A measure
 * that is not known is NAN, and what needs it is not said.
 */
size_t	diagnose(const double values[MEASURE_COUNT],
	    const struct culprit culprits[HOLD_COUNT], int64_t wall_ms,
	    struct diagnosis found[DIAGNOSES_MAX]);
/* The gravest that says something of this measure; false: none does. */
bool	diagnose_about(enum measure_id, const double values[MEASURE_COUNT],
	    const struct culprit culprits[HOLD_COUNT], int64_t wall_ms,
	    struct diagnosis *);

#endif
