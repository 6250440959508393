/*
 * wire - see wire.h.
 *
 * curl tells us which sockets to watch (on_socket) and when to call it next
 * (on_curl_timer); we tell curl what happened (drive) and then collect what is
 * finished (reap).
 */
#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/queue.h>

#include "base/away.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/loop.h"
#include "base/mem.h"
#include "base/wire.h"

/* One call on its way; on the wire's list from birth to death. */
struct wire_call {
	LIST_ENTRY(wire_call) link;
	struct wire	 *wire;		/* not owned */
	CURL		 *easy;		/* owned; or NULL */
	wire_done_fn	 *done;
	void		 *arg;
	struct loop_timer stillborn;	/* tells of a call never begun */
	struct away	 *away;		/* owned; NULL: curl's multi has it */
	wire_stop_fn	 *stop;		/* before away ends; or NULL */
	size_t		 head;		/* bytes of lines around the body */
};

struct wire {
	struct loop	 *loop;		/* not owned */
	CURLM		 *multi;	/* owned */
	struct loop_timer timer;	/* curl's */
	LIST_HEAD(call_list, wire_call) calls;
};

/* Nothing of the wire or the loop knows it any more. */
static void
take_off(struct wire_call *c)
{
	LIST_REMOVE(c, link);
	loop_timer_clear(c->wire->loop, &c->stillborn);
	if (c->away != NULL) {
		c->stop(c->arg);
		away_stop(c->away);
	}
	/* Only fails for handles that are not curl's. */
	if (c->easy != NULL && c->wire->multi != NULL)
		(void)curl_multi_remove_handle(c->wire->multi, c->easy);
}

void
wire_cancel(struct wire_call *c)
{
	take_off(c);
	curl_easy_cleanup(c->easy);
	free(c);
}

static void
finish(struct wire_call *c, CURLcode rc)
{
	take_off(c);
	if (c->head > WIRE_HEAD_MAX)
		rc = CURLE_WEIRD_SERVER_REPLY;
	c->done(c->arg, c->easy, rc);
	curl_easy_cleanup(c->easy);
	free(c);
}

static void
reap(struct wire *w)
{
	CURLMsg *msg;
	int left;

	while ((msg = curl_multi_info_read(w->multi, &left)) != NULL) {
		CURLcode rc = msg->data.result;	/* msg dies with the handle */
		void *c = NULL;

		if (msg->msg == CURLMSG_DONE &&
		    curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE,
		    (char **)&c) == CURLE_OK && c != NULL)
			finish(c, rc);
	}
}

static void
drive(struct wire *w, curl_socket_t fd, int what)
{
	int running;

	/* What fails is told by the messages that reap() reads. */
	(void)curl_multi_socket_action(w->multi, fd, what, &running);
	reap(w);
}

static void
on_ready(void *arg, int fd, uint32_t events)
{
	int what = 0;

	if (events & (EPOLLIN | EPOLLHUP))
		what |= CURL_CSELECT_IN;
	if (events & EPOLLOUT)
		what |= CURL_CSELECT_OUT;
	if (events & EPOLLERR)
		what |= CURL_CSELECT_ERR;
	drive(arg, fd, what);
}

static void
on_timer(void *arg)
{
	drive(arg, CURL_SOCKET_TIMEOUT, 0);
}

/* A refusal here makes curl end every call that flies, with an error. */
static int
on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *unused)
{
	struct wire *w = arg;
	uint32_t events = 0;
	struct err e;

	(void)easy;
	(void)unused;
	if (what == CURL_POLL_REMOVE) {
		loop_unwatch(w->loop, fd);
		return 0;
	}
	if (what & CURL_POLL_IN)
		events |= EPOLLIN;
	if (what & CURL_POLL_OUT)
		events |= EPOLLOUT;
	return loop_watch(w->loop, fd, events, on_ready, w, &e);
}

static int
on_curl_timer(CURLM *multi, long ms, void *arg)
{
	struct wire *w = arg;

	(void)multi;
	if (ms < 0)
		loop_timer_clear(w->loop, &w->timer);
	else
		loop_timer_set(w->loop, &w->timer, mono_ms() + ms);
	return 0;
}

#define SET(option, value) \
	(curl_multi_setopt(w->multi, CURLMOPT_##option, (value)) == CURLM_OK)

/*
 * curl and its TLS library start with the first call: until then they cost no
 * memory, and many an agent never makes one.
 */
static bool
has_started(struct wire *w)
{
	if (w->multi != NULL)
		return true;
	w->multi = curl_multi_init();
	return w->multi != NULL &&
	    SET(SOCKETFUNCTION, on_socket) &&
	    SET(SOCKETDATA, w) &&
	    SET(TIMERFUNCTION, on_curl_timer) &&
	    SET(TIMERDATA, w);
}

struct wire *
wire_new(struct loop *loop)
{
	struct wire *w;

	NEW(w);
	w->loop = loop;
	w->timer.fn = on_timer;
	w->timer.arg = w;
	return w;
}
#undef SET

void
wire_free(struct wire *w)
{
	if (w == NULL)
		return;
	while (!LIST_EMPTY(&w->calls))
		wire_cancel(LIST_FIRST(&w->calls));
	if (w->multi != NULL)
		(void)curl_multi_cleanup(w->multi);
	loop_timer_clear(w->loop, &w->timer);
	free(w);
}

#define SET(option, value) \
	(curl_easy_setopt(c->easy, CURLOPT_##option, (value)) == CURLE_OK)

/* What differs between the ways to speak. */
struct manner {
	const char	*protocols;
	long		 connect_ms, limit_ms;
	bool		 slow;		/* may drip, for so long */
};

/* curl keeps each header, and counts no trailers: who sends them without an
 * end would have all our memory within the time limit. */
static size_t
on_head(char *data, size_t size, size_t n, void *arg)
{
	struct wire_call *c = arg;

	(void)data;
	c->head += size * n;
	return c->head > WIRE_HEAD_MAX ? 0 : size * n;
}

/*
 * QUICK_EXIT: curl resolves names in a thread, and would wait for it when a
 * call ends before the name is known; with it, the thread is left to end by
 * itself.  A dead name server must not stop the loop.
 */
static bool
set_limits(struct wire_call *c, const struct manner *m)
{
	return SET(PRIVATE, (char *)c) &&
	    SET(PROTOCOLS_STR, m->protocols) &&
	    SET(HEADERFUNCTION, on_head) &&
	    SET(HEADERDATA, c) &&
	    SET(FOLLOWLOCATION, 0L) &&
	    SET(USERAGENT, "litegauge") &&
	    SET(NOSIGNAL, 1L) &&
	    SET(QUICK_EXIT, 1L) &&
	    SET(CONNECTTIMEOUT_MS, m->connect_ms) &&
	    SET(TIMEOUT_MS, m->limit_ms) &&
	    SET(LOW_SPEED_LIMIT, m->slow ? WIRE_SLOW_BYTES : 0L) &&
	    SET(LOW_SPEED_TIME, m->slow ? WIRE_SLOW_S : 0L);
}

/* As curl(1) does: a certificate authority of one's own, for everything. */
static bool
set_trust(struct wire_call *c)
{
	const char *file = getenv("SSL_CERT_FILE");

	return file == NULL || SET(CAINFO, file);
}

static void
on_stillborn(void *arg)
{
	finish(arg, CURLE_FAILED_INIT);
}

static void
on_away_ended(void *arg, CURLcode rc)
{
	struct wire_call *c = arg;

	c->away = NULL;
	finish(c, rc);
}

/* By the wire's own curl, or by a thread. */
static bool
has_begun(struct wire_call *c, const struct manner *m)
{
	if (c->easy == NULL || !set_limits(c, m) || !set_trust(c))
		return false;
	if (c->stop == NULL)
		return has_started(c->wire) && curl_multi_add_handle(
		    c->wire->multi, c->easy) == CURLM_OK;
	c->away = away_start(c->wire->loop, c->easy, on_away_ended, c);
	return c->away != NULL;
}

static struct wire_call *
begin(struct wire *w, CURL *easy, const struct manner *m, wire_done_fn *done,
    wire_stop_fn *stop, void *arg)
{
	struct wire_call *c;

	NEW(c);
	c->stop = stop;
	c->wire = w;
	c->easy = easy;
	c->done = done;
	c->arg = arg;
	c->stillborn = (struct loop_timer){ .fn = on_stillborn, .arg = c };
	LIST_INSERT_HEAD(&w->calls, c, link);
	if (!has_begun(c, m))
		loop_timer_set(w->loop, &c->stillborn, mono_ms());
	return c;
}

struct wire_call *
wire_call(struct wire *w, CURL *easy, long limit_ms, wire_done_fn *done,
    void *arg)
{
	const struct manner http = { "http,https", WIRE_CONNECT_MS, limit_ms,
		limit_ms > WIRE_LIMIT_MS };

	return begin(w, easy, &http, done, NULL, arg);
}

struct wire_call *
wire_mail(struct wire *w, CURL *easy, wire_done_fn *done, wire_stop_fn *stop,
    void *arg)
{
	static const struct manner mail = { "smtp,smtps",
		WIRE_MAIL_LIMIT_MS / 2, WIRE_MAIL_LIMIT_MS, false };

	return begin(w, easy, &mail, done, stop, arg);
}

struct loop *
wire_loop(const struct wire *w)
{
	return w->loop;
}
