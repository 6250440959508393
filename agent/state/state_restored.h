/*
 * state_restored - a look through SQLite at a database that was restored.
 *
 * The copy in a scratch directory is nobody's, so unlike a watched file it may
 * be opened.  A strange file can make SQLite take its time: that has a limit.
 */
#ifndef AGENT_STATE_STATE_RESTORED_H
#define AGENT_STATE_STATE_RESTORED_H

#include <stdbool.h>
#include <stdint.h>

enum restored_state { RESTORED_SOUND, RESTORED_DAMAGED, RESTORED_UNKNOWN };

struct restored_look {
	enum restored_state state;
	char		*why;		/* owned; a clause, unless sound */
	char		 schema[65];	/* SHA-256 in hex; "": not known */
	unsigned	 tables;	/* in all ... */
	unsigned	 unchecked;	/* ... and that need the app's own
					   functions or collations */
};

/* stopped: asked now and then; true ends the look. */
void	restored_look(struct restored_look *, const char *path,
	    int64_t timeout_ms, bool (*stopped)(void));
void	restored_look_done(struct restored_look *);

#endif
