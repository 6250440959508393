/*
 * configure_reports - what [heartbeat] and [digest] say.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/config/config.h"
#include "agent/config/configure.h"
#include "agent/config/configure_find.h"
#include "agent/reports/digest.h"
#include "agent/reports/heartbeat.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/secret.h"

void
configure_heartbeat(struct heartbeat_options *ret, const struct config *c)
{
	const struct section *s = config_next(c, "heartbeat", NULL);

	*ret = (struct heartbeat_options){ 0 };
	if (s == NULL)
		return;
	ret->url = section_text(s, "url");
	ret->url_file = section_text(s, "url_file");
	ret->every_ms = section_ms(s, "every");
}

static int
check_heartbeat(const struct heartbeat_options *o, struct err *e)
{
	char *url;

	if (o->url == NULL && o->url_file == NULL)
		return err_set(e, "it needs url or url_file");
	if (o->url != NULL && o->url_file != NULL)
		return err_set(e, "it has both url and url_file");
	if (o->url_file != NULL && secret_check_mode(o->url_file, e) == -1)
		return -1;
	if (heartbeat_url(&url, o, e) == -1)
		return -1;
	secret_wipe(url);
	return 0;
}

static void
check_heartbeat_of(struct config *c, const struct section *s)
{
	struct heartbeat_options o;
	struct err e;

	configure_heartbeat(&o, c);
	if (check_heartbeat(&o, &e) == -1)
		config_error(c, section_line(s, o.url_file != NULL ?
		    "url_file" : "url"), "[heartbeat]: %s", e.text);
}

void
configure_digest(struct digest_options *ret, const struct config *c)
{
	const struct section *s = config_next(c, "digest", NULL);
	struct err e;

	*ret = (struct digest_options){ 0 };
	if (s == NULL || digest_at_parse(ret, section_text(s, "at"), &e) == -1)
		return;
	ret->every_ms = section_ms(s, "every");
	ret->receivers = section_text(s, "receivers");
}

/* Every name of the list must be a receiver, and there must be one at all. */
static void
check_digest(struct config *c, const struct section *s)
{
	const char *list = section_text(s, "receivers");
	char *copy = mem_strdup(list != NULL ? list : ""), *rest = copy, *name;
	struct digest_options o;
	struct err e;

	if (digest_at_parse(&o, section_text(s, "at"), &e) == -1)
		config_error(c, section_line(s, "at"), "[digest]: at: %s",
		    e.text);
	if (config_next(c, "receiver", NULL) == NULL)
		config_error(c, s->line, "[digest]: there is no [receiver] to "
		    "send it to");
	while ((name = strsep(&rest, ", \t")) != NULL)
		if (*name != '\0' &&
		    configure_find(c, "receiver", name) == NULL)
			config_error(c, section_line(s, "receivers"),
			    "[digest]: there is no [receiver %s]", name);
	free(copy);
}

void
configure_check_reports(struct config *c)
{
	const struct section *s;

	if ((s = config_next(c, "heartbeat", NULL)) != NULL)
		check_heartbeat_of(c, s);
	if ((s = config_next(c, "digest", NULL)) != NULL)
		check_digest(c, s);
}
