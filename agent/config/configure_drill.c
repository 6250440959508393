/*
 * configure_drill - what [drill] says, with its defaults.
 *
 * The section may be left out: then no drill is begun by itself, and `litegauge
 * drill` works all the same.
 */
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "agent/config/config.h"
#include "agent/config/configure.h"
#include "agent/config/options.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/units.h"

/* Where state.db is, there is room for more of ours. */
static char *
default_dir(const struct config *c)
{
	char *path = configure_state_path(c), *slash = strrchr(path, '/');

	if (slash == NULL) {
		free(path);
		return mem_strdup(".");
	}
	slash[slash == path] = '\0';
	return path;
}

static int64_t
default_ms(const char *key)
{
	const struct option *o = option_find("drill", key);
	int64_t ms = 0;
	struct err e;

	return o != NULL && o->fallback != NULL &&
	    unit_parse_ms(&ms, o->fallback, &e) == 0 ? ms : 0;
}

void
configure_drill(struct drill_options *ret, const struct config *c)
{
	const struct section *s = config_next(c, "drill", NULL);
	const char *dir = s != NULL ? section_text(s, "dir") : NULL;
	int64_t every = s != NULL ? section_ms(s, "every") : 0;

	*ret = (struct drill_options){
		.every_ms   = every > 0 ? every : 0,
		.timeout_ms = s != NULL ? section_ms(s, "timeout") :
		    default_ms("timeout"),
		.dir	    = dir != NULL ? mem_strdup(dir) : default_dir(c),
		.litestream = s != NULL ? section_text(s, "litestream") : NULL,
		.db	    = s != NULL ? section_text(s, "db") : NULL,
	};
}

void
configure_drill_done(struct drill_options *o)
{
	free(o->dir);
	*o = (struct drill_options){ 0 };
}

bool
configure_drill_has(const struct drill_options *o, const char *db)
{
	return o->db == NULL || fnmatch(o->db, db, 0) == 0;
}
