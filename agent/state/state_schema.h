/*
 * state_schema - the tables of state.db, how they are made and looked over.
 */
#ifndef AGENT_STATE_STATE_SCHEMA_H
#define AGENT_STATE_STATE_SCHEMA_H

#include "agent/state/state_file.h"

struct err;
struct sqlite3;

#define STATE_SCHEMA_VERSION	3

/* A new file with empty tables: it is there complete or not at all. */
int	state_schema_create(const char *path, struct err *);
/*
 * Open ours, bring it to our version and look it over.  On failure *fault
 * tells what is at fault, and *ret is left alone.
 */
int	state_schema_open(struct sqlite3 **ret, const char *path,
	    enum state_fault *fault, struct err *);

#endif
