/*
 * configure_replica - from [replica NAME] sections to how Litestream is set up.
 *
 * For where nothing can be learned from Litestream itself: one that runs on
 * another machine, or whose configuration the agent may not read.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/config/config.h"
#include "agent/config/configure.h"
#include "agent/config/configure_find.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/secret.h"
#include "base/units.h"
#include "litestream/discover.h"
#include "litestream/plan.h"
#include "litestream/replica.h"

static const char *
own_env(void *arg, const char *name)
{
	(void)arg;
	return getenv(name);
}

static void
replace(char **text, const struct section *s, const char *key)
{
	const char *said = section_text(s, key);

	if (said == NULL)
		return;
	free(*text);
	*text = mem_strdup(said);
}

static int
replace_secret(char **text, const struct section *s, const char *key,
    struct err *e)
{
	const char *said = section_text(s, key);
	char *secret;

	if (said == NULL)
		return 0;
	if (secret_text(&secret, said, e) == -1)
		return err_prefix(e, "%s", key);
	secret_wipe(*text);
	*text = secret;
	return 0;
}

static int
read_keys(struct replica *r, const struct section *s, struct err *e)
{
	const char *path = section_text(s, "secret_access_key_file");
	char *secret;

	if (replace_secret(&r->secret_key, s, "secret_access_key", e) == -1 ||
	    replace_secret(&r->access_key, s, "access_key_id", e) == -1)
		return -1;
	if (path == NULL)
		return 0;
	if (secret_check_mode(path, e) == -1 ||
	    secret_read(&secret, path, e) == -1)
		return -1;
	secret_wipe(r->secret_key);
	r->secret_key = secret;
	return 0;
}

/* What the section says of the bucket, over what the URL and the environment
 * say. */
static int
lay_bucket(struct replica *r, const struct section *s, struct err *e)
{
	bool had_endpoint = r->endpoint != NULL;

	replace(&r->region, s, "region");
	replace(&r->endpoint, s, "endpoint");
	if (section_text(s, "access_key_id") != NULL) {
		free(r->session_token);		/* of another key */
		r->session_token = NULL;
	}
	if (r->endpoint != NULL && strstr(r->endpoint, "://") == NULL) {
		char *whole = mem_printf("https://%s", r->endpoint);

		free(r->endpoint);
		r->endpoint = whole;
	}
	if (section_text(s, "force_path_style") != NULL)
		r->path_style = section_flag(s, "force_path_style");
	else if (r->endpoint != NULL && !had_endpoint)
		r->path_style = true;
	r->skip_verify |= section_flag(s, "skip_verify");
	return read_keys(r, s, e);
}

static int
from_section(struct replica *r, const struct section *s, struct err *e)
{
	const struct plan_source source = {
		.file = "litegauge.ini", .cwd = "/", .root = "",
		.home = getenv("HOME"), .env = own_env,
	};
	const char *path = section_text(s, "path");
	const char *url = section_text(s, "url");

	if ((path == NULL) == (url == NULL))
		return err_set(e, "give it either a path or a url");
	if (url != NULL) {
		if (plan_replica_from_url(r, url, &source, e) == -1)
			return -1;
	} else {
		*r = (struct replica){ .type = REPLICA_FILE,
			.path = mem_strdup(path),
			.place = mem_printf("file://%s", path) };
	}
	free(r->name);
	r->name = mem_strdup(s->name);
	r->sync_ms = section_ms(s, "sync_interval");
	return r->type == REPLICA_S3 ? lay_bucket(r, s, e) : 0;
}

struct setup *
configure_setup(const struct config *c, const char *db)
{
	const struct section *s = NULL;
	struct setup *setup = NULL;

	while ((s = config_next(c, "replica", s)) != NULL) {
		struct replica r = { 0 };
		struct err e;

		if (strcmp(section_text(s, "database"), db) != 0)
			continue;
		if (from_section(&r, s, &e) == -1) {
			replica_done(&r);	/* a file that went since */
			continue;
		}
		if (setup == NULL)
			setup = setup_new();
		*setup_add(setup) = r;
	}
	if (setup != NULL)
		setup->source = mem_strdup("litegauge.ini");
	return setup;
}

static size_t
count_of(const struct config *c, const char *db)
{
	const struct section *s = NULL;
	size_t n = 0;

	while ((s = config_next(c, "replica", s)) != NULL) {
		const char *of = section_text(s, "database");

		n += of != NULL && strcmp(of, db) == 0;
	}
	return n;
}

static void
check_one(struct config *c, const struct section *s, const char *db)
{
	const struct section *of = configure_find(c, "database", db);
	struct replica r = { 0 };
	struct err e;

	if (of == NULL)
		config_error(c, section_line(s, "database"),
		    "[replica %s]: there is no [database %s]", s->name, db);
	else if (configure_is_pattern(of))
		config_error(c, section_line(s, "database"),
		    "[replica %s]: [database %s] is a pattern; name the "
		    "database it is a copy of", s->name, db);
	else if (count_of(c, db) > REPLICAS_MAX)
		config_error(c, s->line, "[replica %s]: more than %u replicas "
		    "of one database", s->name, REPLICAS_MAX);
	if (strcmp(s->name, "local") == 0)
		config_error(c, s->line, "[replica local]: that is the name of "
		    "Litestream's own copy, take another");
	if (from_section(&r, s, &e) == -1)
		config_error(c, s->line, "[replica %s]: %s", s->name, e.text);
	replica_done(&r);
}

void
configure_check_replicas(struct config *c)
{
	const struct section *s = NULL;

	while ((s = config_next(c, "replica", s)) != NULL) {
		const char *db = section_text(s, "database");

		if (db != NULL)
			check_one(c, s, db);
	}
}

const char *
configure_litestream(const struct config *c)
{
	const char *said = section_text(config_agent(c), "litestream");

	if (strcmp(said, "auto") == 0)
		return DISCOVER_DEFAULT_FILE;
	return unit_flag(said) == 0 ? NULL : said;
}
