/*
 * pages - everything that can be asked of the agent over HTTP; see http.h.
 */
#include <stddef.h>

#include "agent/agent.h"
#include "agent/pages/api.h"
#include "agent/pages/api_frame.h"
#include "agent/pages/expo.h"
#include "agent/pages/front.h"
#include "agent/pages/http.h"
#include "agent/pages/query.h"
#include "agent/pages/self.h"
#include "base/buf.h"
#include "base/err.h"

enum { OK = 200, FAILED = 500, NOT_READY = 503 };

#define PLAIN	"text/plain; charset=utf-8"
#define JSON	API_TYPE

static unsigned
write_metrics(struct agent *a, const struct query *q, struct buf *out,
    const char **type)
{
	enum expo_format format = expo_negotiate(query_header(q, "Accept"));

	*type = expo_content_type(format);
	self_page(out, a, format);
	return OK;
}

static unsigned
write_healthy(struct agent *a, const struct query *q, struct buf *out,
    const char **type)
{
	(void)a;
	(void)q;
	(void)type;
	buf_adds(out, "litegauge is healthy.\n");
	return OK;
}

static unsigned
write_ready(struct agent *a, const struct query *q, struct buf *out,
    const char **type)
{
	(void)q;
	(void)type;
	buf_adds(out, a->ready ? "litegauge is ready.\n" :
	    "litegauge has not yet seen every database.\n");
	return a->ready ? OK : NOT_READY;
}

static unsigned
write_reload(struct agent *a, const struct query *q, struct buf *out,
    const char **type)
{
	struct err e;

	(void)q;
	(void)type;
	if (agent_reload(a, &e) == -1) {
		buf_addf(out, "%s\n", e.text);
		return FAILED;
	}
	buf_adds(out, "The configuration was read again.\n");
	return OK;
}

const struct page pages[] = {
	{ "/", "GET", "text/html; charset=utf-8", front_page,
	    "For people: what is wrong, the worst first, with the next "
	    "step; then silences, databases and replicas." },
	{ "/metrics", "GET", PLAIN, write_metrics,
	    "All metrics for Prometheus: text format or OpenMetrics." },
	{ "/api/v1/databases", "GET", JSON, api_databases,
	    "Every database with its measures; db=NAME for one of them." },
	{ "/api/v1/alerts", "GET", JSON, api_alerts,
	    "Rules and the state of every alert; db=NAME for one database." },
	{ "/api/v1/history", "GET", JSON, api_history,
	    "Points of one measure: db=, measure=, and from=, to=, step= "
	    "where the last hour is not meant." },
	{ "/api/v1/silences", "GET", JSON, api_silences,
	    "Every silence that is in force." },
	{ "/api/v1/silences/add", "POST", JSON, api_silence_add,
	    "Begins one: match=db=app%20rule=write-*, for=2h, why= and who=." },
	{ "/api/v1/silences/end", "POST", JSON, api_silence_end,
	    "Ends the one of id=." },
	{ "/-/healthy", "GET", PLAIN, write_healthy,
	    "200 while the agent runs." },
	{ "/-/ready", "GET", PLAIN, write_ready,
	    "200 once every database was looked at, 503 before." },
	{ "/-/reload", "POST, PUT", PLAIN, write_reload,
	    "Reads the configuration again; 500 and a sentence when it has "
	    "an error, and then nothing changes." },
	{ NULL, NULL, NULL, NULL, NULL },
};
