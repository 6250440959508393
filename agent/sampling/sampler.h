/*
 * sampler - the thread that may wait for a watched disk.
 *
 * It owns every descriptor on a watched file and tells the rest of the agent
 * what it saw only by putting batches in an inbox.  It wakes for two ticks (the
 * databases' samples, and the lock looks of those that are active) and for the
 * kernel's word that a file was made, removed or truncated (inotify).
 *
 * A disk that hangs takes a thread with it: nothing can get a read(2) on a dead
 * mount back.  sampler_watchdog(), called by the loop, sees that and starts
 * another thread for the other databases; the one that hangs keeps its database
 * and gives it back when the disk answers.  SAMPLER_MAX_STUCK bounds this.
 */
#ifndef AGENT_SAMPLING_SAMPLER_H
#define AGENT_SAMPLING_SAMPLER_H

#include <stddef.h>
#include <stdint.h>

struct batch;
struct drill;
struct err;
struct finding;
struct inbox;
struct sampler;
struct setup;
struct tracer;

#define SAMPLER_MAX_DATABASES	20000
#define SAMPLER_MAX_STUCK	8	/* threads given up for lost */
#define SAMPLER_STUCK_MS	3000	/* in one look for so long: it hangs */

struct sampler_settings {
	int64_t		 peek_ms;	/* between lock looks; 0: none */
	int64_t		 locks_ms;	/* between two reads of /proc/locks */
	/* Where Litestream's configuration is when no running one says so;
	 * NULL: it is not looked for at all.  Borrowed, until sampler_free().
	 */
	const char	*litestream;
	int64_t		 remote_ms;	/* between two looks at a bucket */
	struct tracer	*tracer;	/* outlives the sampler; NULL: off */
};

/* The inbox outlives the sampler. */
struct sampler	*sampler_new(struct inbox *, const struct sampler_settings *,
		    struct err *);
/*
 * From any thread, at any time.  The path may be a glob: every match is a
 * database of its own, named NAME/the rest of its path; every 30 s anew.
 */
void		 sampler_watch(struct sampler *, const char *name,
		    const char *path, int64_t interval_ms);
void		 sampler_unwatch(struct sampler *, const char *name);
/*
 * Of a database that sampler_watch() was told before; else it is dropped.  What
 * is given is taken: how Litestream looks after it as far as the configuration
 * says, what a look at a bucket found, what a drill came to.
 */
void		 sampler_setup(struct sampler *, const char *db,
		    struct setup *);
void		 sampler_found(struct sampler *, const char *db,
		    struct finding *);
void		 sampler_drilled(struct sampler *, const char *db,
		    struct drill *);
int		 sampler_start(struct sampler *, struct err *);
/* Sample everything once, here and now, without a thread: fills the inbox. */
void		 sampler_once(struct sampler *);
/* Called by the loop about once a second; returns how many threads hang. */
unsigned	 sampler_watchdog(struct sampler *);
/*
 * Ask the thread to stop and wait so long for it.  Returns -1 when it is stuck
 * in the kernel; then the sampler must be left alone and the process must exit.
 */
int		 sampler_stop(struct sampler *, int64_t patience_ms);
void		 sampler_free(struct sampler *);	/* once it stopped */

#endif
