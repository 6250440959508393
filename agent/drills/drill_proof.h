/*
 * drill_proof - is the commit that was last before the drill in what came back?
 *
 * A restore can succeed, look sound and end too early: SQLite stops at the
 * first gap in a log and calls that the end, so a file that is missing in the
 * middle goes unnoticed by Litestream 0.3.  So the pages of the last commit are
 * noted, by their hashes, before the replica is waited for; in the restored
 * file each must be the same, or one that a later commit wrote.  Where there is
 * no log, the whole file must be the same.
 */
#ifndef AGENT_DRILLS_DRILL_PROOF_H
#define AGENT_DRILLS_DRILL_PROOF_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

struct database;

#define PROOF_MAX_PAGES	32u
#define PROOF_MAX_WALK	200000u	/* later frames that are looked at */

struct drill_proof {
	unsigned char	 salt[8];	/* of the log */
	uint32_t	 page_size;
	uint32_t	 frame;		/* the last one that was noted */
	unsigned	 n;		/* 0: there is nothing to go by */
	struct {
		uint32_t	page;
		unsigned char	hash[32];
	} pages[PROOF_MAX_PAGES];
	/* or, when there is no log */
	bool		 whole;		/* the file is all there is */
	struct stat	 file;
};

/* Unknown: the log began anew meanwhile; a page that differs may be newer. */
enum proof_end { PROOF_PRESENT, PROOF_MISSING, PROOF_UNKNOWN };

/* After database_look(). */
void	drill_proof_note(struct drill_proof *, const struct database *);
enum proof_end drill_proof_check(const struct drill_proof *,
	    const struct database *, const char *restored);

/* drill_whole.c */
void	drill_whole_note(struct drill_proof *, const struct database *);
enum proof_end drill_whole_check(const struct drill_proof *,
	    struct database *, const char *restored, int64_t timeout_ms);

#endif
