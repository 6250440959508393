/*
 * agent - the parts, started in order and stopped in reverse.
 */
#include <curl/curl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/announce/announce.h"
#include "agent/announce/refresh.h"
#include "agent/announce/silencing.h"
#include "agent/config/config.h"
#include "agent/config/configure.h"
#include "agent/drills/drills.h"
#include "agent/pages/http.h"
#include "agent/reports/reports.h"
#include "agent/sampling/sampler.h"
#include "agent/sampling/trace.h"
#include "agent/signals.h"
#include "agent/state/keeper.h"
#include "agent/state/memory.h"
#include "agent/state/opening.h"
#include "agent/store/history.h"
#include "agent/store/store.h"
#include "alerts/alerts.h"
#include "alerts/outbox.h"
#include "alerts/post.h"
#include "alerts/silence.h"
#include "base/batch.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/inbox.h"
#include "base/mem.h"
#include "base/trim.h"
#include "base/wire.h"
#include "collectors/collector.h"
#include "litestream/remote.h"

#define STOP_LIMIT_MS	2000	/* how long shutdown waits for a disk */
#define READY_LIMIT_MS	5000	/* a database that hangs is not waited for */
#define MAIL_MAX	200000	/* batches the loop has not taken yet */
#define MAIL_RUSH	100	/* databases; of more, batches gather for ... */
#define MAIL_REST_MS	10	/* ... so long before the loop wakes again */
#define LATE_INTERVALS	3	/* without a batch: there is no data */

static void
step_alerts(struct agent *a, struct watched *w, const double *values,
    struct now now)
{
	if (w->alerts == NULL)
		w->alerts = alerts_of(a->alerts, w->name);
	alerts_step(a->alerts, w->alerts, values, now);
}

static bool
fared_well(const struct watched *w, const struct collector *c)
{
	for (size_t i = 0; i < collectors_count; i++)
		if (collectors[i] == c)
			return !w->fared[i].ran || w->fared[i].ok;
	return true;
}

/* A failure is news when it begins, when it changes and when it ends; a note is
 * news by itself. */
static void
log_reports(const struct watched *w, const struct batch *b)
{
	if (w != NULL && b->down != NULL &&
	    (w->down == NULL || strcmp(w->down, b->down) != 0))
		log_warn("%s: down: %s", b->db, b->down);
	if (w != NULL && b->down == NULL && w->down != NULL)
		log_info("%s: up again", b->db);
	if (b->note != NULL)
		log_warn("%s: %s", b->db, b->note);
	for (size_t i = 0; w != NULL && i < b->nreports; i++)
		if (b->reports[i].why != NULL &&
		    fared_well(w, b->reports[i].collector))
			log_warn("%s: %s: %s", b->db,
			    b->reports[i].collector->name, b->reports[i].why);
}

static void
on_found(void *arg, const char *db, struct finding *f)
{
	struct agent *a = arg;

	sampler_found(a->sampler, db, f);
}

static void
take_batch(struct agent *a, struct batch *b, struct now now)
{
	struct watched *w = store_find(a->store, b->db);

	if (b->gone) {
		agent_forget(a, b->db);
		return;
	}
	a->batch_ms = b->mono_ms;
	if (w == NULL && b->path != NULL)	/* a match of a pattern */
		w = store_watch(a->store, b->db, b->path, b->interval_ms);
	if (b->path != NULL)
		drills_meet(a->drills, b->db);
	log_reports(w, b);
	remotes_wish(a->remotes, b->db, b->wishes);
	b->wishes = NULL;
	w = store_apply(a->store, b);
	if (w != NULL)
		step_alerts(a, w, w->measures, now);
}

static void	on_mail(void *, int, uint32_t);

static int
watch_mail(struct agent *a, struct err *e)
{
	return loop_watch(a->loop, inbox_fd(a->mail), EPOLLIN, on_mail, a, e);
}

static void
on_mail_rest(void *arg)
{
	struct agent *a = arg;
	struct err e;

	if (watch_mail(a, &e) == -1)	/* the kernel is short of memory */
		loop_timer_set(a->loop, &a->mail_rest, mono_ms() +
		    MAIL_REST_MS);
}

/*
 * The batches of many databases come one by one and all at once: to wake for
 * each would cost more than what is in them.
 */
static void
on_mail(void *arg, int fd, uint32_t events)
{
	struct agent *a = arg;
	struct mail *m = inbox_take(a->mail), *next;
	const struct now now = { mono_ms(), wall_ms() };

	(void)events;
	for (; m != NULL; m = next) {
		next = m->next;
		take_batch(a, (struct batch *)(void *)m, now);
		m->discard(m);
	}
	if (store_count(a->store) < MAIL_RUSH)
		return;
	loop_unwatch(a->loop, fd);
	loop_timer_set(a->loop, &a->mail_rest, mono_ms() + MAIL_REST_MS);
}

/* No batch came when one was due: all that is known now is that it is late. */
static void
step_late(struct agent *a, struct watched *w, int64_t mono)
{
	double values[MEASURE_COUNT];
	int64_t seen = w->mono_ms != 0 ? w->mono_ms :
	    mono - (wall_ms() - a->started_ms);

	if (mono - seen < LATE_INTERVALS * w->interval_ms + 1000)
		return;
	for (size_t i = 0; i < MEASURE_COUNT; i++)
		values[i] = NAN;
	values[MEASURE_SAMPLE_LATE] = w->measures[MEASURE_SAMPLE_LATE];
	step_alerts(a, w, values, (struct now){ mono, wall_ms() });
}

static bool
is_ready(const struct agent *a)
{
	const struct watched *w;

	if (wall_ms() - a->started_ms > READY_LIMIT_MS)
		return true;
	for (w = store_first(a->store); w != NULL; w = w->next)
		if (!w->seen)
			return false;
	return true;
}

static void
on_second(void *arg)
{
	struct agent *a = arg;
	int64_t now = mono_ms();
	unsigned stuck = sampler_watchdog(a->sampler);
	struct watched *w;

	if (stuck > a->stuck)
		log_warn("a disk does not answer: %u of %u spare threads wait "
		    "for it", stuck, SAMPLER_MAX_STUCK);
	a->stuck = stuck;
	trace_watch(a);
	store_tick(a->store, now);
	for (w = store_first(a->store); w != NULL; w = w->next)
		step_late(a, w, now);
	if (!a->ready && is_ready(a)) {
		a->ready = true;
		trim();
	}
	memory_prune(a, now);
	drills_tick(a->drills);
	silencing_tick(a, wall_ms());
	opening_tick(a, now);
	refresh_tick(a, now);
	announce_late(a, now);
	reconcile_tick(a, now);
	loop_timer_set(a->loop, &a->second, now + (a->ready ? 1000 : 50));
}

/* Two descriptors per database: as many as we may have. */
static void
raise_limits(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur < r.rlim_max) {
		r.rlim_cur = r.rlim_max < 65536 ? r.rlim_max : 65536;
		(void)setrlimit(RLIMIT_NOFILE, &r);
	}
}

static int
start_config(struct agent *a, struct err *e)
{
	NEW(a->config);
	if (configure(a->config, a->flags) == -1)
		return err_set(e, "%s", config_errors(a->config));
	agent_log_warnings(a);
	return 0;
}

static int
start_loop(struct agent *a, struct err *e)
{
	if ((a->loop = loop_new(e)) == NULL || signals_catch(a, e) == -1 ||
	    (a->mail = inbox_new(MAIL_MAX, e)) == NULL)
		return -1;
	return watch_mail(a, e);
}

static int
start_alerts(struct agent *a, struct err *e)
{
	size_t n;
	struct rule *rules = configure_rules(a->config, &n);

	a->alerts = alerts_new(rules, n, announce, a);
	a->silences = silences_new();
	a->wire = wire_new(a->loop);
	a->post = post_new(a->wire);
	a->outbox = outbox_new(a->loop, a->post, announce_finished, a);
	outbox_set_hand(a->outbox, announce_handed);
	return agent_name_receivers(a, e);
}

static int
start_http(struct agent *a, struct err *e)
{
	const struct section *agent = config_agent(a->config);
	const char *listen = section_text(agent, "listen");
	const char *url = section_text(agent, "url");
	const char *colon = strrchr(listen, ':');

	a->http = http_new(a->loop, a, listen, e);
	if (a->http == NULL)
		return -1;
	a->base_url = url != NULL ? mem_strdup(url) : mem_printf(
	    "http://%.*s:%u", (int)(colon - listen), listen,
	    http_port(a->http));
	return 0;
}

static int
start_sampler(struct agent *a, struct err *e)
{
	const struct section *agent = config_agent(a->config);
	struct sampler_settings settings = {
		.peek_ms  = section_ms(agent, "lock_interval"),
		.locks_ms = section_ms(agent, "holders_interval"),
		.litestream = configure_litestream(a->config),
		.remote_ms = section_ms(agent, "remote_interval"),
		.tracer	  = trace_start(a),
	};

	const struct remote_settings remote = {
		.budget = section_count(agent, "remote_budget"),
		.pause_ms = section_ms(agent, "remote_interval"),
	};

	a->remotes = remotes_new(a->loop, a->wire, &remote, on_found, a);
	a->sampler = sampler_new(a->mail, &settings, e);
	if (a->sampler == NULL)
		return -1;
	agent_name_databases(a);
	return sampler_start(a->sampler, e);
}

int
agent_start(struct agent *a, const struct agent_flags *flags, struct err *e)
{
	*a = (struct agent){ .flags = flags, .sigfd = -1, .reload_ok = true };
	a->started_ms = a->reload_ms = wall_ms();
	a->second = (struct loop_timer){ .fn = on_second, .arg = a };
	a->mail_rest = (struct loop_timer){ .fn = on_mail_rest, .arg = a };
	if (gethostname(a->host, sizeof a->host - 1) == -1)
		a->host[0] = '\0';
	trim_prepare();
	raise_limits();
	if (start_config(a, e) == -1 || start_loop(a, e) == -1)
		return -1;
	a->histories = history_pool_new(memory_keep, a);
	a->store = store_new(a->histories);
	if (start_http(a, e) == -1 || start_alerts(a, e) == -1 ||
	    start_sampler(a, e) == -1 || opening_start(a, e) == -1)
		return -1;
	silencing_mark_all(a);
	reports_start(a);
	a->started = true;
	on_second(a);
	log_info("litegauge watches %zu database%s, listens on port %u: "
	    "%s/metrics", store_count(a->store),
	    store_count(a->store) == 1 ? "" : "s", http_port(a->http),
	    a->base_url);
	return 0;
}

void
agent_stop(struct agent *a)
{
	reports_stop(a);
	drills_free(a->drills);
	reconcile_leave(a);
	a->late_ms = 0;		/* the last chance */
	announce_late(a, mono_ms());
	if (sampler_stop(a->sampler, STOP_LIMIT_MS) == -1 ||
	    keeper_stop(a->keeper, STOP_LIMIT_MS) == -1) {
		log_warn("a disk does not answer: leaving without it");
		_exit(EXIT_FAILURE);
	}
	sampler_free(a->sampler);
	remotes_free(a->remotes);
	trace_stop(a);
	http_free(a->http);
	outbox_free(a->outbox);
	post_free(a->post);
	wire_free(a->wire);
	silences_free(a->silences);
	alerts_free(a->alerts);
	store_free(a->store);
	history_pool_free(a->histories);
	refresh_free(a);
	announce_free(a);
	keeper_free(a->keeper);
	inbox_free(a->mail);
	loop_free(a->loop);
	if (a->sigfd != -1)
		close(a->sigfd);
	if (a->config != NULL)
		config_free(a->config);
	free(a->config);
	free(a->base_url);
}
