/*
 * agent - the parts, put together.
 *
 * One struct agent lives on main's stack; nothing else is global.  The fields
 * stand in the order in which the parts start and stop in reverse.  Pages read
 * it; only agent.c, reload.c and the loop's callbacks there change it.
 */
#ifndef AGENT_AGENT_H
#define AGENT_AGENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/log.h"
#include "base/loop.h"

struct alerts;
struct announcement;
struct config;
struct digest;
struct drills;
struct err;
struct heartbeat;
struct farewell;
struct history_pool;
struct http;
struct inbox;
struct keeper;
struct outbox;
struct post;
struct refresh;
struct remotes;
struct sampler;
struct silences;
struct store;
struct tracer;
struct wire;

/* What the command line said; all borrowed, NULL where it said nothing. */
struct agent_flags {
	const char	*config;	/* --config */
	const char	*listen;	/* --listen */
	const char	*state;		/* --state */
	const char	**dbs;		/* --db [NAME=]PATH */
	size_t		 ndbs;
	bool		 json;		/* --json */
};

struct agent {
	const struct agent_flags *flags;	/* not owned */
	struct config	*config;		/* owned, as all below */
	char		 host[256];		/* this machine's name */
	char		*base_url;		/* what alerts link to */
	int64_t		 started_ms;		/* wall */
	int64_t		 pruned_ms;		/* mono; of old history */

	struct loop	*loop;
	struct inbox	*mail;			/* batches from the sampler */
	struct keeper	*keeper;		/* NULL: not while it runs */
	struct history_pool *histories;
	struct store	*store;
	struct alerts	*alerts;
	struct silences	*silences;
	struct wire	*wire;
	struct post	*post;
	struct outbox	*outbox;
	struct http	*http;
	struct tracer	*tracer;		/* NULL: off */
	char		*trace_off;		/* why it is off; NULL: on */
	struct sampler	*sampler;
	struct remotes	*remotes;
	struct drills	*drills;		/* NULL: no state file */
	struct heartbeat *heartbeat;
	struct digest	*digest;

	struct loop_timer second;		/* watchdog, lateness */
	struct loop_timer mail_rest;	/* set: mail is left to gather */
	int		 sigfd;
	bool		 started;		/* the loop runs, or may */
	bool		 ready;			/* every database was seen */
	bool		 reload_ok;
	int64_t		 reload_ms;		/* wall; last good one */
	unsigned	 stuck;			/* sampler threads that hang */
	int64_t		 batch_ms;		/* mono; of the last batch */
	int64_t		 fired;		/* alerts the digest has not counted */
	uint64_t	 unsaved;	/* sent without state.db */

	/* state.db: see opening.h and announce.h */
	bool		 state_up;	/* the keeper has it, or will at once */
	bool		 opening;	/* it is being tried */
	bool		 laying_back;	/* announcements wait for that */
	bool		 state_foreign;	/* not ours to open */
	int64_t		 opening_ms;	/* mono; when to try again */
	struct err	 state_why;	/* what was last wrong with it */
	struct complaint state_complaint;
	struct announcement *announcements;	/* owned, all of them */
	size_t		 nlate;		/* so many wait to be kept */
	uint64_t	 unkept;	/* that were too many for that */
	struct farewell	*farewells;	/* owned: not out of state.db yet */
	size_t		 nfarewells;
	int64_t		 late_ms;	/* mono; when to try those again */
	int64_t		 alive_ms;	/* mono; when that was last noted */
	int64_t		 settle_ms;	/* mono; when to look what is gone */
	bool		 settled;	/* and has been let go */
	struct refresh	*refresh;	/* owned; NULL: nothing ended yet */
};

/* Everything until loop_run(); on failure agent_stop() is still due. */
int	agent_start(struct agent *, const struct agent_flags *, struct err *);
void	agent_stop(struct agent *);
/* Read the configuration again; on failure nothing changes: the err has the
 * first error, the log has all. */
int	agent_reload(struct agent *, struct err *);

/* For agent.c and reload.c. */
void	agent_log_warnings(const struct agent *);
void	agent_forget(struct agent *, const char *db);
void	agent_begin_anew(struct agent *, const char *db);  /* alerts stay */
void	agent_name_databases(struct agent *);
int	agent_name_receivers(struct agent *, struct err *);

#endif
