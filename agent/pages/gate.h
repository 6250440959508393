/*
 * gate - who may ask the front door for what.
 *
 * There is no password, so everything hangs on where a request comes from:
 *
 * - What changes something is for this machine alone, and not for a web page
 *   that somebody on it looks at.  A browser says of a POST that it is one.
 * - A name that leads to the loopback address only because somebody else's name
 *   server says so lets his web page read what is here (DNS rebinding).  So who
 *   comes over loopback must name us by a number or a name that is ours.
 */
#ifndef AGENT_PAGES_GATE_H
#define AGENT_PAGES_GATE_H

#include <stdbool.h>

struct MHD_Connection;
struct agent;
struct sockaddr_storage;

/* An address in numbers, localhost, this host's name, or that in base_url;
 * with or without a port. */
bool		 gate_names_us(const char *host, const char *hostname,
		    const char *base_url);
/* Over loopback, or from an address of this machine to itself. */
bool		 gate_is_near(const struct sockaddr_storage *theirs,
		    const struct sockaddr_storage *ours);
/* A sentence that says no; NULL: it may read. */
const char	*gate_read(struct MHD_Connection *, const struct agent *);
/* The same, of what changes something. */
const char	*gate_change(struct MHD_Connection *);

#endif
