/*
 * restore - the real `litestream restore`, run on a replica.
 *
 * Into a scratch directory, never anywhere else; in Litestream's own
 * environment, as its user, where that is known.  Credentials go to the child
 * in its environment and nowhere else.
 */
#ifndef LITESTREAM_RESTORE_H
#define LITESTREAM_RESTORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "litestream/files.h"

struct err;
struct scratch;
struct setup;

#define RESTORE_FLOOR	(INT64_C(128) << 20)	/* bytes that stay free */

/* Which Litestream a program is. */
struct restore_program {
	char		*path;		/* owned */
	enum litestream_version version;	/* NONE: it does not say */
	unsigned	 patch;		/* 17 in 0.5.17 */
};

struct restore_ask {
	const struct restore_program *program;
	const struct setup *setup;
	size_t		 replica;	/* of setup->replicas */
	enum litestream_version format;	/* of the replica; NONE: not known */
	const struct scratch *scratch;
	int64_t		 timeout_ms;
	int64_t		 floor;		/* RESTORE_FLOOR, but in tests */
};

/* Untried: why says what was in the way; nothing is known of the backup. */
enum restore_end { RESTORE_DONE, RESTORE_FAILED, RESTORE_UNTRIED };

struct restored {
	enum restore_end end;
	char		*why;		/* owned; a clause; NULL: done */
	char		*file;		/* owned; in the scratch directory */
	int64_t		 took_ms;
	/* what Litestream says it has restored, as far as it does */
	bool		 has_txid;	/* 0.5 */
	uint64_t	 txid;
	bool		 has_index;	/* 0.3 */
	char		 generation[17];
	uint64_t	 index;
};

/* path: as of child_find().  -1: it cannot be run. */
int	restore_program_look(struct restore_program *, const char *path,
	    struct err *);
void	restore_program_done(struct restore_program *);
void	restore_run(struct restored *, const struct restore_ask *);
void	restored_done(struct restored *);

/* restore_said.c: what can be read from its words. */
/* Its last complaint in one line without secrets, at most n bytes. */
void	restore_said_why(char *ret, size_t n, const char *said,
	    const struct setup *);
/* The complaint is about what stands between us and the backup. */
bool	restore_said_untried(const char *said);
void	restore_said_position(struct restored *, const char *said);
void	restore_said_version(struct restore_program *, const char *said);

/* restore_args.c: how it is called. */
struct restore_call;
/* -1: there is no way to call it; a clause.  plain: not by its configuration
 * although there is one. */
struct restore_call *restore_call_new(const struct restore_ask *, bool plain,
	    struct err *);
void	restore_call_free(struct restore_call *);
const struct child_plan *restore_call_plan(const struct restore_call *);
bool	restore_call_is_plain(const struct restore_call *);
const char *restore_call_file(const struct restore_call *);

#endif
