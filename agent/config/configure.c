/*
 * configure - see configure.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/config/config.h"
#include "agent/config/configure.h"
#include "agent/config/configure_find.h"
#include "alerts/receiver.h"
#include "base/err.h"
#include "base/mem.h"

#define GROUP_WAIT_MS	10000	/* where messages can hold several */

static char *
copy_of(const struct section *s, const char *key)
{
	const char *text = section_text(s, key);

	return text == NULL ? NULL : mem_strdup(text);
}

int
configure_receiver(struct receiver *r, const struct section *s, struct err *e)
{
	const char *type = section_text(s, "type");

	*r = (struct receiver){
		.name = mem_strdup(s->name),
		.type = type ? receiver_type_find(type) : NULL,
	};
	for (size_t i = 0; i < RECEIVER_KEYS; i++) {
		r->texts[i] = copy_of(s, receiver_keys[i].name);
		if (receiver_keys[i].file != NULL)
			r->files[i] = copy_of(s, receiver_keys[i].file);
	}
	r->group_wait_ms = section_ms(s, "group_wait");
	r->fallback = copy_of(s, "fallback");
	r->no_resolved = !section_flag(s, "send_resolved");
	if (r->type == NULL)
		return err_set(e, "there is no receiver type '%s'",
		    type ? type : "");
	if (r->group_wait_ms < 0)
		r->group_wait_ms = r->type->groups ? GROUP_WAIT_MS : 0;
	return receiver_check(r, e);
}

/* From one to the next; each must be there, and one must be the last. */
static void
check_fallback(struct config *c, const struct section *s)
{
	const struct section *at = s;
	const char *name;

	for (int i = 0; (name = section_text(at, "fallback")) != NULL; i++) {
		const struct section *next = configure_find(c, "receiver",
		    name);

		if (next == NULL && at == s)
			config_error(c, section_line(s, "fallback"),
			    "[receiver %s]: there is no [receiver %s]",
			    s->name, name);
		if (next == NULL)
			return;		/* else said of that one */
		if (next != s && i < CONFIGURE_MAX_FALLBACKS) {
			at = next;
			continue;
		}
		config_error(c, section_line(s, "fallback"), next == s ?
		    "[receiver %s]: its fallbacks lead back to itself" :
		    "[receiver %s]: its fallbacks do not end after %d others",
		    s->name, CONFIGURE_MAX_FALLBACKS);
		return;
	}
}

/* Where it is named, blanks and commas part it from the next one. */
static void
check_receiver_name(struct config *c, const struct section *s)
{
	if (strpbrk(s->name, ", \t") != NULL)
		config_error(c, s->line, "[receiver %s]: the name of a "
		    "receiver has neither blanks nor commas, which part it "
		    "from others in a list", s->name);
}

static void
check_receiver(struct config *c, const struct section *s)
{
	struct receiver r;
	struct err e;

	if (configure_receiver(&r, s, &e) == -1 || receiver_try(&r, &e) == -1)
		config_error(c, s->line, "[receiver %s]: %s", s->name, e.text);
	receiver_done(&r);
}

static void
check_receivers(struct config *c)
{
	const struct section *s = NULL;

	while ((s = config_next(c, "receiver", s)) != NULL) {
		if (section_text(s, "type") != NULL)	/* else said already */
			check_receiver(c, s);
		check_receiver_name(c, s);
		check_fallback(c, s);
	}
}

/* The file's name without its last ending: /data/app.db is "app". */
static char *
name_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash == NULL ? path : slash + 1;
	const char *dot = strrchr(base, '.');
	size_t n = dot == NULL || dot == base ? strlen(base) :
	    (size_t)(dot - base);

	return mem_printf("%.*s", (int)n, base);
}

static bool
is_name(const char *text, size_t n)
{
	return n > 0 && memchr(text, '/', n) == NULL;
}

/* --db NAME=PATH, or PATH alone. */
static void
add_db(struct config *c, const char *arg)
{
	const char *eq = strchr(arg, '=');
	const char *path = arg;
	char *name;

	if (eq != NULL && is_name(arg, (size_t)(eq - arg))) {
		name = mem_printf("%.*s", (int)(eq - arg), arg);
		path = eq + 1;
	} else {
		name = name_of(arg);
	}
	if (configure_find(c, "database", name) != NULL)
		config_error(c, 0, "--db %s: there is a database '%s' already; "
		    "say --db NAME=%s", arg, name, path);
	else if (config_set(c, config_add(c, "database", name, 0), "path",
	    path, 0) == -1)
		config_error(c, 0, "--db %s: not a path", arg);
	free(name);
}

static void
lay_flags(struct config *c, const struct agent_flags *f)
{
	struct section *agent = &c->sections[0];	/* always the first */

	if (f->listen != NULL)
		(void)config_set(c, agent, "listen", f->listen, 0);
	if (f->state != NULL)
		(void)config_set(c, agent, "state", f->state, 0);
	for (size_t i = 0; i < f->ndbs; i++)
		add_db(c, f->dbs[i]);
}

int
configure(struct config *c, const struct agent_flags *f)
{
	const char *path = f->config;

	if (path == NULL && access(CONFIGURE_DEFAULT_FILE, F_OK) == 0)
		path = CONFIGURE_DEFAULT_FILE;
	if (path == NULL)
		config_init(c);
	else
		(void)config_read(c, path);	/* c->nerrors tells */
	lay_flags(c, f);
	configure_check_rules(c);
	check_receivers(c);
	configure_check_replicas(c);
	configure_check_reports(c);
	if (config_next(c, "database", NULL) == NULL && c->nerrors == 0)
		config_error(c, 0, "there is no database to watch: say --db "
		    "PATH, or take what `litegauge discover` prints");
	if (c->nerrors == 0)
		configure_warn(c);
	return c->nerrors == 0 ? 0 : -1;
}

char *
configure_state_path(const struct config *c)
{
	const char *path = section_text(config_agent(c), "state");
	const char *dir;

	if (path != NULL)
		return mem_strdup(path);
	if ((dir = getenv("STATE_DIRECTORY")) != NULL)	/* systemd's */
		return mem_printf("%.*s/state.db", (int)strcspn(dir, ":"), dir);
	if ((dir = getenv("XDG_STATE_HOME")) != NULL)
		return mem_printf("%s/litegauge/state.db", dir);
	if ((dir = getenv("HOME")) != NULL)
		return mem_printf("%s/.local/state/litegauge/state.db", dir);
	return mem_strdup("/var/lib/litegauge/state.db");
}
