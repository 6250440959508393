/*
 * alertmanager - alerts as Prometheus itself hands them to an Alertmanager.
 *
 * It forgets an alert that nobody repeats: so what is open is said again every
 * minute, with an end four minutes away that comes only when we are gone.  To
 * each instance of a cluster there is a receiver of its own.
 */
#include <assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "alerts/authorize.h"
#include "alerts/judge.h"
#include "alerts/labels.h"
#include "alerts/receiver.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/secret.h"

#define STORM_PART	100	/* alerts in a request; it takes any */
#define PATH		"/api/v2/alerts"
#define REFRESH_MS	60000
#define LASTS_MS	(4 * REFRESH_MS)	/* without being said again */

/* A piece of news is shown for as long as one that goes on. */
static int64_t
ends_at(const struct notification *n, int64_t now_ms)
{
	return n->type == NOTIFY_RESOLVED ? n->at_ms : now_ms + LASTS_MS;
}

static json_t *
alert_json(const struct notification *n, int64_t now_ms)
{
	int64_t end_ms = ends_at(n, now_ms);
	int64_t since_ms = n->since_ms < end_ms ? n->since_ms : end_ms;
	char since[CLOCK_TEXT_MAX], end[CLOCK_TEXT_MAX];

	clock_text(since, since_ms);
	clock_text(end, end_ms);
	return json_pack("{s:o, s:o, s:s, s:s, s:s}",
	    "labels", labels_json(n),
	    "annotations", labels_annotations(n),
	    "startsAt", since, "endsAt", end,
	    "generatorURL", n->url);
}

static char *
make_body(const struct message *m)
{
	json_t *alerts = json_array();

	for (size_t i = 0; i < m->n; i++)
		json_array_append_new(alerts, alert_json(m->items[i],
		    m->wall_s * 1000));
	assert(json_array_size(alerts) == m->n);
	return json_take(alerts);
}

/* Of a url without what is put behind it, should that be there already. */
static size_t
length_of(const char *url)
{
	size_t n = strlen(url), path = strlen(PATH);

	while (url[n - 1] == '/')
		n--;
	if (n > path && memcmp(url + n - path, PATH, path) == 0)
		n -= path;
	while (url[n - 1] == '/')
		n--;
	return n;
}

/* The url may have a path of its own, and may end in a slash. */
static int
make_url(char **ret, const struct receiver *r, struct err *e)
{
	char *url;

	if (receiver_url(r, &url, e) == -1)
		return -1;
	if (strpbrk(url, "?#") != NULL) {
		secret_wipe(url);
		return err_set(e, "the url of an Alertmanager has no ? and no "
		    "#: " PATH " is put behind it");
	}
	*ret = mem_printf("%.*s" PATH, (int)length_of(url), url);
	secret_wipe(url);
	return 0;
}

static int
write_request(const struct receiver *r, const struct message *m,
    struct request *ret, struct err *e)
{
	struct request q = { 0 };
	struct spread s;

	if (make_url(&q.url, r, e) == -1)
		return -1;
	if (authorize(&q, r, e) == -1) {
		request_done(&q);
		return -1;
	}
	labels_spread(&s, m);
	q.body = make_body(&s.m);
	labels_spread_done(&s);
	request_header(&q, "Content-Type: application/json");
	*ret = q;
	return 0;
}

static enum verdict
judge(struct answer *a, struct err *e)
{
	static const struct judgement rows[] = {
		{ 200, VERDICT_DELIVERED, NULL },
		{ 400, VERDICT_REFUSED, "calls the alert malformed" },
		{ 404, VERDICT_RETRY, "has no " PATH ": is the url that of an "
		    "Alertmanager, without this path?" },
		{ 0, VERDICT_RETRY, NULL },
	};

	return judge_by(rows, "Alertmanager", a, e);
}

extern const struct receiver_type receiver_alertmanager;

const struct receiver_type receiver_alertmanager = {
	.name = "alertmanager",
	.help = "POSTs alerts to the API of an Alertmanager, version 2, as "
	    "Prometheus does, and again every minute while they are open.",
	.needs = "url",
	.takes = "token username password",
	.groups = true,
	.storm_max = STORM_PART,
	.refresh_ms = REFRESH_MS,
	.write = write_request,
	.judge = judge,
};
