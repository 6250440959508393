/*
 * api - what we know, as JSON under /api/v1/.
 *
 * A number that is not known is null.  Times are RFC 3339 but in the points of
 * a history, where they are Unix seconds.  Lists are written one item at a
 * time, so ten thousand databases need no tree in memory.
 */
#ifndef AGENT_PAGES_API_H
#define AGENT_PAGES_API_H

struct agent;
struct buf;
struct query;

/* Rows of the table in pages.c; see struct page. */
unsigned	api_databases(struct agent *, const struct query *,
		    struct buf *, const char **type);
unsigned	api_alerts(struct agent *, const struct query *,
		    struct buf *, const char **type);
unsigned	api_history(struct agent *, const struct query *,
		    struct buf *, const char **type);

/* api_silences.c */
unsigned	api_silences(struct agent *, const struct query *,
		    struct buf *, const char **type);
unsigned	api_silence_add(struct agent *, const struct query *,
		    struct buf *, const char **type);
unsigned	api_silence_end(struct agent *, const struct query *,
		    struct buf *, const char **type);

#endif
