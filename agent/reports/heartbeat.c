/*
 * heartbeat - see heartbeat.h.
 *
 * One timer.  When it fires the proof is asked for; a doubt has it asked again
 * a second later, so that a ping is as late as the trouble lasts.  A GET that
 * fails is tried again after HEARTBEAT_GAP_MS, a few times, then when the next
 * ping is due.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/reports/heartbeat.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/mem.h"
#include "base/secret.h"
#include "base/url.h"
#include "base/wire.h"

#define FIRST_MS	1000	/* after the start: then there is a batch */
#define QUIET_MS	10000	/* a doubt that lasts longer is logged */
#define BODY_LIMIT	65536	/* bytes; after these we hang up */

struct heartbeat {
	struct loop	*loop;		/* not owned */
	struct wire	*wire;		/* not owned */
	heartbeat_prove_fn *prove;
	void		*arg;

	char		*url, *url_file;	/* owned; both NULL: off */
	int64_t		 every_ms;
	struct loop_timer timer;
	int64_t		 due_ms;	/* mono; of the timer */
	struct wire_call *call;		/* the wire's; NULL: none flies */
	int64_t		 sent_ms;	/* mono; the last GET; 0: none */
	int64_t		 ping_ms;	/* mono; the first one of this ping */
	unsigned	 tries;		/* of this ping */
	size_t		 seen;		/* bytes of its answer's body */
	int64_t		 doubt_ms;	/* mono; since when; 0: none */
	int64_t		 success_ms;	/* wall */
	struct err	 why;		/* of the last trouble */
	struct complaint complaint;
};

const char *
heartbeat_doubt(const struct heartbeat_proof *p, int64_t due_ms,
    int64_t now_ms)
{
	if (now_ms - due_ms > HEARTBEAT_LATE_MS)
		return "the agent itself was held up";
	if (p->stuck)
		return "disks hold every thread that samples";
	if (p->batch_ms == 0 ||
	    now_ms - p->batch_ms > 3 * p->interval_ms + 1000)
		return "no database could be sampled";
	return NULL;
}

int
heartbeat_url(char **ret, const struct heartbeat_options *o, struct err *e)
{
	char *url;
	int rc = o->url_file != NULL ? secret_read(&url, o->url_file, e) :
	    secret_text(&url, o->url, e);

	if (rc == -1)
		return -1;
	if (!url_is_http(url)) {
		secret_wipe(url);
		return err_set(e, "%s does not hold one URL that begins with "
		    "https:// or http://", o->url_file != NULL ? o->url_file :
		    "url");
	}
	*ret = url;
	return 0;
}

static void
set_timer(struct heartbeat *h, int64_t due_ms)
{
	h->due_ms = due_ms;
	loop_timer_set(h->loop, &h->timer, due_ms);
}

/* When the next GET may go: a failed ping has a few tries. */
static void
plan_next(struct heartbeat *h, bool failed)
{
	int64_t gap = h->sent_ms + HEARTBEAT_GAP_MS;
	int64_t due = h->ping_ms + h->every_ms;

	if (failed && h->tries < HEARTBEAT_TRIES && gap < due)
		due = gap;
	else
		h->tries = 0;
	set_timer(h, due > gap ? due : gap);
}

/* The sentence must not name the URL: curl's own texts would. */
static void
on_answer(void *arg, CURL *easy, CURLcode rc)
{
	struct heartbeat *h = arg;
	long status = 0;

	h->call = NULL;
	if (rc == CURLE_OK ||
	    (rc == CURLE_WRITE_ERROR && h->seen > BODY_LIMIT))
		rc = curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	if (rc == CURLE_OK && status >= 200 && status < 300) {
		h->success_ms = wall_ms();
		log_relent(&h->complaint, "heartbeat: it is heard again");
	} else if (rc == CURLE_OK) {
		err_set(&h->why, "the answer was HTTP %ld", status);
		log_complain(&h->complaint, "heartbeat: %s", h->why.text);
	} else {
		err_set(&h->why, "%s", curl_easy_strerror(rc));
		log_complain(&h->complaint, "heartbeat: %s", h->why.text);
	}
	plan_next(h, rc != CURLE_OK || status < 200 || status >= 300);
}

/* Nobody wants the body; who sends one without an end has answered. */
static size_t
swallow(char *data, size_t size, size_t n, void *arg)
{
	struct heartbeat *h = arg;

	(void)data;
	h->seen += size * n;
	return h->seen > BODY_LIMIT ? 0 : size * n;
}

static CURL *
easy_of(struct heartbeat *h, const char *url)
{
	CURL *easy = curl_easy_init();

	if (easy == NULL)
		abort();	/* out of memory, as in mem.h */
	if (curl_easy_setopt(easy, CURLOPT_URL, url) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, swallow) ==
	    CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_WRITEDATA, h) == CURLE_OK)
		return easy;
	curl_easy_cleanup(easy);
	return NULL;
}

static void
ping(struct heartbeat *h)
{
	const struct heartbeat_options o = { h->url, h->url_file, 0 };
	char *url;

	h->sent_ms = mono_ms();
	if (h->tries++ == 0)
		h->ping_ms = h->sent_ms;
	if (heartbeat_url(&url, &o, &h->why) == -1) {
		log_complain(&h->complaint, "heartbeat: %s", h->why.text);
		plan_next(h, true);
		return;
	}
	h->seen = 0;
	h->call = wire_call(h->wire, easy_of(h, url), WIRE_LIMIT_MS, on_answer,
	    h);
	secret_wipe(url);	/* curl has a copy */
}

static void
on_timer(void *arg)
{
	struct heartbeat *h = arg;
	struct heartbeat_proof proof = { 0 };
	int64_t now = mono_ms();
	const char *why;

	h->prove(h->arg, &proof);
	why = heartbeat_doubt(&proof, h->due_ms, now);
	if (why == NULL) {
		h->doubt_ms = 0;
		ping(h);
		return;
	}
	if (h->doubt_ms == 0)
		h->doubt_ms = now;
	if (now - h->doubt_ms >= QUIET_MS) {
		err_set(&h->why, "%s", why);
		log_complain(&h->complaint, "no heartbeat is sent: %s", why);
	}
	set_timer(h, now + HEARTBEAT_AGAIN_MS);
}

struct heartbeat *
heartbeat_new(struct loop *loop, struct wire *wire, heartbeat_prove_fn *prove,
    void *arg)
{
	struct heartbeat *h;

	NEW(h);
	h->loop = loop;
	h->wire = wire;
	h->prove = prove;
	h->arg = arg;
	h->timer = (struct loop_timer){ .fn = on_timer, .arg = h };
	return h;
}

static void
stop(struct heartbeat *h)
{
	loop_timer_clear(h->loop, &h->timer);
	if (h->call != NULL)
		wire_cancel(h->call);
	h->call = NULL;
	secret_wipe(h->url);
	free(h->url_file);
	h->url = h->url_file = NULL;
}

void
heartbeat_free(struct heartbeat *h)
{
	if (h == NULL)
		return;
	stop(h);
	free(h);
}

static bool
is_same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

void
heartbeat_set(struct heartbeat *h, const struct heartbeat_options *o)
{
	int64_t first = mono_ms() + FIRST_MS;

	if (is_same(h->url, o->url) && is_same(h->url_file, o->url_file) &&
	    h->every_ms == o->every_ms)
		return;
	stop(h);
	h->url = o->url != NULL ? mem_strdup(o->url) : NULL;
	h->url_file = o->url_file != NULL ? mem_strdup(o->url_file) : NULL;
	h->every_ms = o->every_ms;
	h->tries = 0;
	h->doubt_ms = 0;
	h->complaint = (struct complaint){ 0 };
	if (h->sent_ms != 0 && h->sent_ms + HEARTBEAT_GAP_MS > first)
		first = h->sent_ms + HEARTBEAT_GAP_MS;
	if (h->url != NULL || h->url_file != NULL)
		set_timer(h, first);
}

int64_t
heartbeat_success_ms(const struct heartbeat *h)
{
	return h->success_ms;
}

const char *
heartbeat_trouble(const struct heartbeat *h)
{
	return h->complaint.since_ms != 0 ? h->why.text : NULL;
}

int
heartbeat_up(const struct heartbeat *h)
{
	bool on = h->url != NULL || h->url_file != NULL;

	if (!on || (h->success_ms == 0 && h->complaint.since_ms == 0))
		return -1;
	return h->complaint.since_ms == 0;
}
