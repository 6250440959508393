/*
 * configure_measures - what is measured only because the configuration says so.
 */
#include <string.h>

#include "agent/config/config.h"
#include "agent/config/configure.h"
#include "base/measure.h"

static bool
has_replica(const struct config *c, const char *db)
{
	const struct section *s = NULL;

	while ((s = config_next(c, "replica", s)) != NULL)
		if (strcmp(section_text(s, "database"), db) == 0)
			return true;
	return false;
}

static bool
has_drills(const struct config *c, const char *db)
{
	struct drill_options o;
	bool ret;

	(void)db;	/* those made by hand are told of too */
	configure_drill(&o, c);
	ret = o.every_ms > 0;
	configure_drill_done(&o);
	return ret;
}

static bool
has_tracer(const struct config *c, const char *db)
{
	(void)db;
	return strcmp(section_text(config_agent(c), "trace"), "no") != 0;
}

/* The first that fits the measure's metric. */
static const struct source {
	const char	*metrics;	/* begin so */
	bool		(*is_on)(const struct config *, const char *db);
	bool		 found;		/* Litestream may say it too */
} sources[] = {
	{ "sqlite_replica_drill_",	has_drills,	false },
	{ "sqlite_replica_",		has_replica,	true },
	{ "sqlite_busy_unslept_",	has_tracer,	false },
	{ "sqlite_fsync_",		has_tracer,	false },
};

static const struct source *
source_of(enum measure_id m)
{
	const char *metric = measures[m].metric;

	for (size_t i = 0; i < sizeof sources / sizeof *sources; i++)
		if (metric != NULL && strncmp(metric, sources[i].metrics,
		    strlen(sources[i].metrics)) == 0)
			return &sources[i];
	return NULL;
}

bool
configure_measures(const struct config *c, const char *db, enum measure_id m)
{
	const struct source *s = source_of(m);

	return s == NULL || s->is_on(c, db);
}

bool
configure_is_found(enum measure_id m)
{
	const struct source *s = source_of(m);

	return s != NULL && s->found;
}
