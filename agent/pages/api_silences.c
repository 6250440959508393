/*
 * api_silences - silences, asked for and ended over HTTP.
 *
 * Everything comes as arguments of the address, so there is no body to read.
 * Who may do it is gate.h's affair.
 */
#include "agent/agent.h"
#include "agent/announce/silencing.h"
#include "agent/pages/api.h"
#include "agent/pages/api_frame.h"
#include "agent/pages/query.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"

enum { OK = 200, BAD_REQUEST = 400, NOT_FOUND = 404 };

static json_t *
silence(const struct silence *s)
{
	return json_pack("{s:s,s:o,s:o,s:o,s:o,s:o,s:o,s:o}",
	    "id", s->id,
	    "db", json_text(s->db),
	    "rule", json_text(s->rule),
	    "severity", json_text(s->severity),
	    "from", json_time(s->from_ms),
	    "until", json_time(s->until_ms),
	    "why", json_text(s->why),
	    "who", json_text(s->who));
}

unsigned
api_silences(struct agent *a, const struct query *q, struct buf *out,
    const char **type)
{
	const char *between = "";

	(void)q;
	(void)type;
	api_begin(out);
	buf_adds(out, "[");
	for (const struct silence *s = silences_first(a->silences); s != NULL;
	    s = s->next) {
		buf_adds(out, between);
		json_append(out, silence(s));
		between = ",\n";
	}
	buf_adds(out, "]");
	api_end(out);
	return OK;
}

unsigned
api_silence_add(struct agent *a, const struct query *q, struct buf *out,
    const char **type)
{
	const char *match = query_arg(q, "match"), *lasts = query_arg(q, "for");
	const struct silence *s;
	struct err e;
	json_t *root;

	(void)type;
	if (match == NULL || lasts == NULL)
		return api_refuse(out, BAD_REQUEST, "Both match and for are "
		    "needed, as in ?match=db=app&for=2h");
	if (silencing_add(a, match, lasts, query_arg(q, "why"),
	    query_arg(q, "who"), &s, &e) == -1)
		return api_refuse(out, BAD_REQUEST, e.text);
	root = silence(s);
	json_object_set_new(root, "alerts", json_integer((json_int_t)
	    silencing_count(a, s)));
	api_begin(out);
	json_append(out, root);
	api_end(out);
	return OK;
}

unsigned
api_silence_end(struct agent *a, const struct query *q, struct buf *out,
    const char **type)
{
	const char *id = query_arg(q, "id");
	struct err e;

	(void)type;
	if (id == NULL)
		return api_refuse(out, BAD_REQUEST, "The id is needed, as in "
		    "?id=s4k2j9xq");
	if (silencing_end(a, id, &e) == -1)
		return api_refuse(out, NOT_FOUND, e.text);
	api_begin(out);
	json_append(out, json_text(id));
	api_end(out);
	return OK;
}
