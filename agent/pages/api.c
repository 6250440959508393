/*
 * api - see api.h.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/agent.h"
#include "agent/diagnose/diagnose.h"
#include "agent/drills/drills.h"
#include "agent/pages/api.h"
#include "agent/pages/api_frame.h"
#include "agent/pages/query.h"
#include "agent/pages/replicas.h"
#include "agent/store/history.h"
#include "agent/store/range.h"
#include "agent/store/store.h"
#include "alerts/alerts.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "collectors/collector.h"

enum { OK = 200, BAD_REQUEST = 400, NOT_FOUND = 404 };

static const char *const culprit_names[] = {
	[HOLD_WRITER]	  = "writer",
	[HOLD_CHECKPOINT] = "checkpoint",
	[HOLD_READER]	  = "oldest_reader",
};

static json_t *
measures_of(const struct watched *w)
{
	json_t *all = json_object();

	for (int i = 0; i < MEASURE_COUNT; i++)
		json_object_set_new(all, measures[i].name, json_pack(
		    "{s:o,s:s}", "value", json_number(w->measures[i]),
		    "unit", unit_name(measures[i].unit)));
	return all;
}

static json_t *
culprits_of(const struct watched *w)
{
	json_t *all = json_object();

	for (size_t i = 0; i < HOLD_COUNT; i++) {
		const struct culprit *c = &store_culprits(w)[i];

		json_object_set_new(all, culprit_names[i], c->since_ms == 0 ?
		    json_null() : json_pack("{s:I,s:o,s:o}",
		    "pid", (json_int_t)c->pid,
		    "command", json_text(c->command),
		    "since", json_time(c->since_ms)));
	}
	return all;
}

static json_t *
diagnoses_of(const struct watched *w)
{
	struct diagnosis found[DIAGNOSES_MAX];
	size_t n = w->down != NULL ? 0 : diagnose(w->measures,
	    store_culprits(w), w->at_ms, found);
	json_t *all = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(all, json_pack("{s:s,s:b,s:o,s:s}",
		    "name", found[i].name, "likely", found[i].likely,
		    "text", json_text(found[i].text),
		    "next_step", found[i].next_step));
	return all;
}

static json_t *
collectors_of(const struct watched *w)
{
	json_t *all = json_object();

	for (size_t i = 0; i < collectors_count; i++) {
		const struct fared *f = &w->fared[i];

		if (!f->ran)
			continue;
		json_object_set_new(all, collectors[i]->name, json_pack(
		    "{s:b,s:o,s:o}", "ok", f->ok, "why", json_text(f->why),
		    "duration", json_number((double)f->took_us / 1e6)));
	}
	return all;
}

static json_t *
info_of(const struct watched *w)
{
	json_t *all = json_array();

	for (const struct labelled *l = w->labelled; l != NULL; l = l->next)
		if (l->metric->kind == METRIC_INFO)
			json_array_append_new(all, json_pack("{s:s,s:o}",
			    "metric", l->metric->name,
			    "labels", json_labels(l->labels)));
	return all;
}

static json_t *
database(const struct agent *a, const struct watched *w)
{
	return json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,"
	    "s:o,s:o}",
	    "name", json_text(w->name),
	    "path", json_text(w->path),
	    "up", w->seen ? json_boolean(w->down == NULL) : json_null(),
	    "reason", json_text(w->down),
	    "at", json_time(w->at_ms),
	    "interval", json_number((double)w->interval_ms / 1000),
	    "measures", measures_of(w),
	    "busy_source", json_text(store_source(a->store, w,
	    MEASURE_BUSY_RETRIES)),
	    "culprits", culprits_of(w),
	    "replicas", replicas_json(w),
	    "drills", drills_json(a->drills, w->name),
	    "diagnoses", diagnoses_of(w),
	    "collectors", collectors_of(w),
	    "info", info_of(w));
}

/* The database that was asked for; NULL and 0 when all of them were. */
static unsigned
chosen(const struct agent *a, const struct query *q, struct buf *out,
    const struct watched **ret)
{
	const char *db = query_arg(q, "db");

	*ret = NULL;
	if (db == NULL)
		return 0;
	*ret = store_find(a->store, db);
	return *ret != NULL ? 0 : api_refuse(out, NOT_FOUND,
	    "No database of this name is watched.");
}

unsigned
api_databases(struct agent *a, const struct query *q, struct buf *out,
    const char **type)
{
	const struct watched *one, *w;
	unsigned status = chosen(a, q, out, &one);
	const char *between = "";

	(void)type;
	if (status != 0)
		return status;
	api_begin(out);
	buf_adds(out, "[");
	for (w = one ? one : store_first(a->store); w != NULL; w = w->next) {
		buf_adds(out, between);
		json_append(out, database(a, w));
		between = ",\n";
		if (w == one)
			break;
	}
	buf_adds(out, "]");
	api_end(out);
	return OK;
}

static json_t *
rule(const struct rule *r)
{
	struct buf text;
	json_t *j;

	buf_init(&text, 4096);
	rule_print(&text, r);
	j = json_pack("{s:o,s:s,s:o,s:s,s:o,s:o}",
	    "name", json_text(r->name),
	    "measure", measures[r->measure].name,
	    "threshold", json_number(r->limit),
	    "severity", severity_name(r->severity),
	    "text", json_text(text.data),
	    "help", json_text(measures[r->measure].help));
	buf_free(&text);
	return j;
}

static json_t *
alert(const struct alert_set *set, const struct alert *al)
{
	const struct measure *m = &measures[al->rule->measure];
	struct now now = { mono_ms(), wall_ms() };

	return json_pack("{s:o,s:o,s:s,s:o,s:o,s:o,s:o,s:s,s:s,s:s,s:b,s:b,"
	    "s:b,s:o}",
	    "rule", json_text(al->rule->name),
	    "db", json_text(set->db),
	    "state", alert_state_name(alert_shown(al)),
	    "since", json_time(al->since.wall_ms),
	    "value", json_number(al->value),
	    "last", json_number(al->last),
	    "threshold", json_number(alert_limit(al)),
	    "severity", severity_name(alert_severity(al)),
	    "measure", m->name,
	    "unit", unit_name(m->unit),
	    "raised", al->raised,
	    "flapping", al->flapping,
	    "muted", alert_is_muted(al),
	    "next_repeat", json_time(alert_repeat_at(al, now)));
}

struct rules {
	size_t			 n, cap;
	const struct rule	**rules;	/* owned: the array */
};

static void
add_rule(struct rules *rs, const struct rule *r)
{
	for (size_t i = 0; i < rs->n; i++)
		if (rs->rules[i] == r)
			return;
	MEM_ROOM(rs->rules, rs->n, rs->cap);
	rs->rules[rs->n++] = r;
}

/* Every rule that watches some database, once. */
static void
write_rules(const struct alerts *as, struct buf *out)
{
	const struct alert_set *set;
	struct rules rs = { 0 };

	for (set = alerts_first(as); set != NULL; set = set->next)
		for (size_t i = 0; i < set->nalerts; i++)
			add_rule(&rs, set->alerts[i].rule);
	for (size_t i = 0; i < rs.n; i++) {
		buf_adds(out, i > 0 ? ",\n" : "");
		json_append(out, rule(rs.rules[i]));
	}
	free(rs.rules);
}

static void
write_alerts(const struct alerts *as, const struct watched *only,
    struct buf *out)
{
	const struct alert_set *set;
	const char *between = "";

	for (set = alerts_first(as); set != NULL; set = set->next) {
		if (only != NULL && strcmp(only->name, set->db) != 0)
			continue;
		for (size_t i = 0; i < set->nalerts; i++) {
			buf_adds(out, between);
			json_append(out, alert(set, &set->alerts[i]));
			between = ",\n";
		}
	}
}

unsigned
api_alerts(struct agent *a, const struct query *q, struct buf *out,
    const char **type)
{
	const struct watched *one;
	unsigned status = chosen(a, q, out, &one);

	(void)type;
	if (status != 0)
		return status;
	api_begin(out);
	buf_adds(out, "{\"rules\":[");
	write_rules(a->alerts, out);
	buf_adds(out, "],\n\"alerts\":[");
	write_alerts(a->alerts, one, out);
	buf_adds(out, "]}");
	api_end(out);
	return OK;
}

static json_t *
point(int64_t at_s, const struct point *p)
{
	return json_pack("[I,o,o,o]", (json_int_t)at_s, json_number(p->mean),
	    json_number(p->least), json_number(p->greatest));
}

static void
write_history(const struct watched *w, int id, const struct range *r,
    struct buf *out)
{
	struct point *points = mem_new(RANGE_POINTS_MAX, sizeof *points);
	int64_t step_s = 0, first_s = r->from_s;
	size_t n = w->history == NULL ? 0 : history_read(w->history, id,
	    r->from_s, r->to_s, r->step_s, points, RANGE_POINTS_MAX, &step_s,
	    &first_s);

	api_begin(out);
	buf_adds(out, "{\"db\":");
	json_append(out, json_text(w->name));
	buf_addf(out, ",\"measure\":\"%s\",\"unit\":\"%s\",\"step\":%d,"
	    "\"points\":[", measures[id].name, unit_name(measures[id].unit),
	    (int)step_s);
	for (size_t i = 0; i < n; i++) {
		buf_adds(out, i > 0 ? "," : "");
		json_append(out, point(first_s + (int64_t)i * step_s,
		    &points[i]));
	}
	buf_adds(out, "]}");
	api_end(out);
	free(points);
}

unsigned
api_history(struct agent *a, const struct query *q, struct buf *out,
    const char **type)
{
	const char *measure = query_arg(q, "measure");
	const struct watched *w;
	unsigned status = chosen(a, q, out, &w);
	struct range r;
	struct err e;
	int id;

	(void)type;
	if (status != 0)
		return status;
	if (w == NULL || measure == NULL)
		return api_refuse(out, BAD_REQUEST, "Both db and measure are "
		    "needed, as in ?db=app&measure=write_rate");
	id = measure_find(measure);
	if (id < 0)
		return api_refuse(out, NOT_FOUND, "There is no measure of this "
		    "name; litegauge.ini(5) has the list.");
	if (range_parse(&r, query_arg(q, "from"), query_arg(q, "to"),
	    query_arg(q, "step"), wall_ms() / 1000, &e) == -1)
		return api_refuse(out, BAD_REQUEST, e.text);
	write_history(w, id, &r, out);
	return OK;
}
