/*
 * opening - state.db, opened as soon as its disk lets us.
 *
 * A disk that is full, read-only or does not answer keeps no agent from its
 * work: it goes on without the file, says so, and has the keeper try again.
 * When the file comes, what it kept of an earlier life is laid back, and what
 * happened meanwhile is put into it.  A file that is another's is refused.
 */
#ifndef AGENT_OPENING_H
#define AGENT_OPENING_H

#include <stdbool.h>
#include <stdint.h>

struct agent;
struct err;
struct job;

#define OPENING_EVERY_MS	10000
#define OPENING_PATIENCE_MS	5000	/* at the start; then without it */
#define OPENING_HANGS		"the disk does not answer"

/* Starts the keeper.  -1: the file is another's, or there is no thread. */
int	opening_start(struct agent *, struct err *);
void	opening_tick(struct agent *, int64_t now);	/* once a second */
/* The disk has been at one thing for longer than we wait for it. */
bool	opening_hangs(const struct agent *);
/* A job for state.db was done or has failed. */
void	opening_heard(struct agent *, const struct job *);
/* NULL: what must not be forgotten is on disk.  Else why not. */
const char *opening_trouble(const struct agent *);

#endif
