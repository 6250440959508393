/*
 * self - see self.h.
 */
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/pages/self.h"
#include "agent/reports/heartbeat.h"
#include "agent/state/statedb.h"
#include "agent/store/history.h"
#include "agent/store/store.h"
#include "alerts/alerts.h"
#include "alerts/outbox.h"
#include "base/buf.h"
#include "tracer/tracer.h"

#define LABELS_MAX	4096	/* of one sample */

void
self_sample(struct expo *x, const char *const *labels, double value)
{
	struct buf b;

	buf_init(&b, LABELS_MAX);
	for (; labels[0] != NULL; labels += 2)
		batch_label(&b, labels[0], labels[1]);
	if (buf_ok(&b))
		expo_sample(x, NULL, b.data, value);
	buf_free(&b);
}

static void
write_build(struct expo *x, const struct agent *a)
{
	const char *const labels[] = {
		"version", LITEGAUGE_VERSION, "revision", LITEGAUGE_REVISION,
		NULL,
	};

	(void)a;
	self_sample(x, labels, 1);
}

static void
write_durations(struct expo *x, const struct agent *a)
{
	for (size_t i = 0; i < collectors_count; i++) {
		const char *const labels[] = {
			"collector", collectors[i]->name, NULL,
		};
		int64_t longest_us = -1;

		for (struct watched *w = store_first(a->store); w; w = w->next)
			if (w->fared[i].ran && w->fared[i].took_us > longest_us)
				longest_us = w->fared[i].took_us;
		if (longest_us >= 0)
			self_sample(x, labels, (double)longest_us / 1e6);
	}
}

static void
write_successes(struct expo *x, const struct agent *a)
{
	for (size_t i = 0; i < collectors_count; i++) {
		struct buf label;

		buf_init(&label, LABELS_MAX);
		batch_label(&label, "collector", collectors[i]->name);
		for (struct watched *w = store_first(a->store); w; w = w->next)
			if (w->fared[i].ran)
				expo_sample(x, w->name, label.data,
				    w->fared[i].ok);
		buf_free(&label);
	}
}

static void
write_lateness(struct expo *x, const struct agent *a)
{
	for (struct watched *w = store_first(a->store); w; w = w->next)
		if (!isnan(w->measures[MEASURE_SAMPLE_LATE]))
			expo_sample(x, w->name, NULL,
			    w->measures[MEASURE_SAMPLE_LATE]);
}

static void
write_alerts(struct expo *x, const struct agent *a)
{
	for (int s = 0; a->alerts != NULL && s < ALERT_STATE_COUNT; s++)
		for (int v = 0; v < SEVERITY_COUNT; v++) {
			const char *const labels[] = {
				"state",
				alert_state_name((enum alert_state)s),
				"severity",
				severity_name((enum severity)v), NULL,
			};

			self_sample(x, labels, (double)alerts_count(a->alerts,
			    (enum alert_state)s, (enum severity)v));
		}
}

static double
reload_ok(const struct agent *a)
{
	return a->reload_ok;
}

static double
reload_time(const struct agent *a)
{
	return (double)a->reload_ms / 1000;
}

static double
heartbeat_time(const struct agent *a)
{
	int64_t ms = a->heartbeat == NULL ? 0 :
	    heartbeat_success_ms(a->heartbeat);

	return ms == 0 ? (double)NAN : (double)ms / 1000;
}

static double
heartbeat_well(const struct agent *a)
{
	int up = a->heartbeat == NULL ? -1 : heartbeat_up(a->heartbeat);

	return up == -1 ? (double)NAN : up;
}

static double
stuck(const struct agent *a)
{
	return a->stuck;
}

static double
refused(const struct agent *a)
{
	return a->histories == NULL ? NAN :
	    (double)history_pool_refused(a->histories);
}

static double
unsaved(const struct agent *a)
{
	return (double)a->unsaved;
}

static double
unkept(const struct agent *a)
{
	return (double)a->unkept;
}

static double
state_up(const struct agent *a)
{
	return a->keeper == NULL ? NAN : statedb_trouble(a) == NULL;
}

static void
write_tracer(struct expo *x, const struct agent *a)
{
	const char *const labels[] = {
		"state", a->tracer != NULL ? "on" : "off",
		"reason", a->trace_off != NULL ? a->trace_off : "", NULL,
	};

	if (a->tracer != NULL || a->trace_off != NULL)
		self_sample(x, labels, 1);
}

static double
unattributed(const struct agent *a)
{
	return a->tracer == NULL ? NAN :
	    (double)tracer_unattributed(a->tracer);
}

static double
cpu_seconds(const struct agent *a)
{
	struct rusage u;

	(void)a;
	if (getrusage(RUSAGE_SELF, &u) == -1)
		return NAN;
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	    (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static double
resident_bytes(const struct agent *a)
{
	FILE *f = fopen("/proc/self/statm", "re");
	long pages;
	int n;

	(void)a;
	if (f == NULL)
		return NAN;
	n = fscanf(f, "%*s %ld", &pages);
	(void)fclose(f);
	return n == 1 ? (double)pages * (double)sysconf(_SC_PAGESIZE) : NAN;
}

static double
open_fds(const struct agent *a)
{
	DIR *d = opendir("/proc/self/fd");
	double n = -3;		/* "." and ".." and the folder itself */

	(void)a;
	if (d == NULL)
		return NAN;
	while (readdir(d) != NULL)
		n++;
	(void)closedir(d);
	return n;
}

static double
max_fds(const struct agent *a)
{
	struct rlimit l;

	(void)a;
	if (getrlimit(RLIMIT_NOFILE, &l) == -1)
		return NAN;
	return l.rlim_cur == RLIM_INFINITY ? INFINITY : (double)l.rlim_cur;
}

static double
start_time(const struct agent *a)
{
	return (double)a->started_ms / 1000;
}

#define G METRIC_GAUGE, NULL
#define C METRIC_COUNTER, NULL

const struct self self_families[] = {
	{ { "litegauge_build_info", METRIC_INFO, NULL,
	    "Always 1; the version of the agent." }, NULL, write_build },
	{ { "litegauge_collector_duration_seconds", G,
	    "How long the collector took for its last sample; the slowest of "
	    "all databases." }, NULL, write_durations },
	{ { "litegauge_collector_success", G,
	    "1 when the collector's last sample succeeded, else 0." },
	    NULL, write_successes },
	{ { "litegauge_sample_late_seconds", G,
	    "How far behind its schedule the database is sampled; a disk that "
	    "hangs shows here." }, NULL, write_lateness },
	{ { "litegauge_alerts", G, "Alerts by state and severity of now." },
	    NULL, write_alerts },
	{ { "litegauge_notifications_total", C,
	    "Notifications that a receiver has accepted." },
	    NULL, self_delivered },
	{ { "litegauge_notifications_failed_total", C,
	    "Attempts at a delivery that failed; most are tried again." },
	    NULL, self_failed },
	{ { "litegauge_notification_queue_length", G,
	    "Notifications that wait for their delivery." },
	    NULL, self_queued },
	{ { "litegauge_notifications_dropped_total", C,
	    "Notifications that were given up." }, NULL, self_dropped },
	{ { "litegauge_notifications_merged_total", C,
	    "Notifications that were left unsaid, because what they said was "
	    "over before anybody could hear of it." }, NULL, self_merged },
	{ { "litegauge_notifications_fallback_total", C,
	    "Notifications that the receiver's fallback was told of too." },
	    NULL, self_handed },
	{ { "litegauge_receiver_closed", G,
	    "1 when the receiver said that it is gone for good and is not "
	    "sent anything until the configuration is read again, else 0." },
	    NULL, self_closed },
	{ { "litegauge_notifications_unsaved_total", C,
	    "Notifications that were sent without being on disk first." },
	    unsaved, NULL },
	{ { "litegauge_state_changes_dropped_total", C,
	    "Changes of alerts, and deliveries, that the state file will never "
	    "know of, because too many waited for it." }, unkept, NULL },
	{ { "litegauge_state_up", G,
	    "1 when what must survive a restart is kept in the state file, 0 "
	    "while the agent goes without it." }, state_up, NULL },
	{ { "litegauge_config_last_reload_successful", G,
	    "1 when the configuration was last read without an error, "
	    "else 0." }, reload_ok, NULL },
	{ { "litegauge_config_last_reload_success_timestamp_seconds", G,
	    "When the configuration was last read without an error." },
	    reload_time, NULL },
	{ { "litegauge_heartbeat_last_success_timestamp_seconds", G,
	    "When a heartbeat was last answered well." },
	    heartbeat_time, NULL },
	{ { "litegauge_heartbeat_up", G,
	    "1 when the last heartbeat was answered well, 0 when it was not or "
	    "none may be sent." }, heartbeat_well, NULL },
	{ { "litegauge_samplers_stuck", G,
	    "Sampling threads that a disk does not let go." }, stuck, NULL },
	{ { "litegauge_tracer_info", METRIC_INFO, NULL,
	    "Always 1; whether the kernel tracer is on, and why it is off." },
	    NULL, write_tracer },
	{ { "litegauge_tracer_unattributed_retries_total", C,
	    "Busy retries of processes that have several databases open, "
	    "which are given to none." }, unattributed, NULL },
	{ { "litegauge_history_rings_refused_total", C,
	    "Histories that were not kept for want of room." },
	    refused, NULL },
	{ { "process_cpu_seconds_total", C,
	    "CPU time of the agent, user and system." }, cpu_seconds, NULL },
	{ { "process_resident_memory_bytes", G,
	    "Resident memory of the agent." }, resident_bytes, NULL },
	{ { "process_open_fds", G, "Open file descriptors of the agent." },
	    open_fds, NULL },
	{ { "process_max_fds", G,
	    "How many file descriptors the agent may open." },
	    max_fds, NULL },
	{ { "process_start_time_seconds", G, "When the agent started." },
	    start_time, NULL },
	{ { NULL, METRIC_GAUGE, NULL, NULL }, NULL, NULL },
};

void
self_write(struct expo *x, const struct agent *a)
{
	for (const struct self *s = self_families; s->metric.name; s++) {
		double value = s->number != NULL ? s->number(a) : NAN;

		expo_family(x, &s->metric);
		if (s->write != NULL)
			s->write(x, a);
		else if (!isnan(value))
			expo_sample(x, NULL, NULL, value);
	}
}

void
self_page(struct buf *out, const struct agent *a, enum expo_format format)
{
	struct expo x;

	expo_begin(&x, out, format);
	expo_store(&x, a->store);
	self_write(&x, a);
	expo_end(&x);
}
