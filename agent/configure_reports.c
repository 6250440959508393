/*
 * configure_reports - what [heartbeat] says.
 */
#include "agent/config.h"
#include "agent/configure.h"
#include "agent/err.h"
#include "agent/heartbeat.h"
#include "agent/secret.h"

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

void
configure_check_reports(struct config *c)
{
	const struct section *s = config_next(c, "heartbeat", NULL);
	struct heartbeat_options o;
	struct err e;

	configure_heartbeat(&o, c);
	if (s != NULL && check_heartbeat(&o, &e) == -1)
		config_error(c, section_line(s, o.url_file != NULL ?
		    "url_file" : "url"), "[heartbeat]: %s", e.text);
}
