/*
 * roster - which databases are sampled, and when each is due.
 *
 * The sampler's list, and nobody else's.  Entries are allocated one by one and
 * stay where they are, because a thread that hangs in one goes on holding it.
 */
#ifndef AGENT_SAMPLING_ROSTER_H
#define AGENT_SAMPLING_ROSTER_H

#include <glob.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/sampling/subject.h"
#include "base/inbox.h"

/* What the kernel said of an entry's -shm and was not looked at yet. */
enum { NEWS_ANY = 1, NEWS_MADE = 2, NEWS_WRITTEN = 4 };

struct entry {
	struct subject	 subject;
	const char	*origin;	/* the section that named it: its
					   pattern's name, or its own */
	int64_t		 due_ms;	/* mono; the next sample */
	unsigned	 news;		/* NEWS_ bits */
	int64_t		 chase_ms;	/* mono; follow a recovery until then */
	char		*place;		/* owned; where it lay when watched */
	int		 dir_wd;	/* notify's, of that directory; -1 */
	const char	*base;		/* its file name, in place; or NULL */

	atomic_bool	 stuck;		/* a thread that hangs has it */
	bool		 unwanted;	/* under the sampler's lock: free it
					   when that thread comes back */
};

/* A path with wildcards: a database for every match. */
struct pattern {
	char		*name, *path;	/* owned */
	int64_t		 interval_ms;
	int64_t		 due_ms;	/* mono; when to look again */
	bool		 busy;		/* a thread is out looking */
};

struct roster {
	struct entry	**entries;	/* owned, each too; by name */
	size_t		 n, cap;
	struct pattern	*patterns;	/* owned */
	size_t		 npatterns, patterns_cap;
	uint64_t	 refused;	/* beyond SAMPLER_MAX_DATABASES */
};

enum order_kind { ORDER_WATCH, ORDER_UNWATCH, ORDER_SETUP, ORDER_FOUND,
	ORDER_DRILLED, ORDER_LOOK, ORDER_STOP };

/* What other threads ask of the sampler. */
struct order {
	struct mail	 mail;		/* first */
	enum order_kind	 kind;
	char		*name, *path;	/* owned; or NULL */
	/* owned, until they are taken; or NULL */
	struct setup	*setup;
	struct finding	*finding;
	struct drill	*drill;
	int64_t		 interval_ms;
};

struct order	*order_new(enum order_kind, const char *name,
		    const char *path);
void		 order_free(struct order *);

void		 roster_done(struct roster *);
/* Adds one database, or a pattern when the path has wildcards. */
void		 roster_watch(struct roster *, const char *name,
		    const char *path, int64_t interval_ms);
/* NULL: it is not watched any more. */
struct entry	*roster_find(const struct roster *, const char *name);
/* Takes out what a section named; gone is called for each, and frees it. */
typedef void	 roster_gone_fn(void *, struct entry *);
void		 roster_unwatch(struct roster *, const char *name,
		    roster_gone_fn *, void *arg);
void		 roster_free_entry(struct entry *);
/* The next pattern whose matches are to be looked for, or NULL.  It is busy
 * until they are taken, or lost: then it is looked at again. */
struct pattern	*roster_due_pattern(struct roster *, int64_t mono_ms);
void		 roster_look_again(struct roster *, const char *name);
/* Reads the disk and touches nothing of the roster; globfree() it.
 * False: the disk does not say, which is not the same as no match. */
bool		 roster_glob(const char *path, glob_t *);
/* Adds what is new, and takes out what is gone from the disk. */
void		 roster_take_matches(struct roster *, struct pattern *,
		    const glob_t *, roster_gone_fn *, void *arg);

#endif
