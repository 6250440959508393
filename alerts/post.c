/*
 * post - see post.h.
 *
 * curl tells us which sockets to watch (on_socket) and when to call it next
 * (on_curl_timer); we tell curl what happened (drive) and then collect what is
 * finished (reap).  curl's own error texts name hosts and paths, so only the
 * general sentence of an error code leaves this file.
 */
#include <curl/curl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/queue.h>

#include "agent/clock.h"
#include "agent/err.h"
#include "agent/loop.h"
#include "agent/mem.h"
#include "alerts/post.h"

#define CONNECT_LIMIT_MS	5000L
#define TOTAL_LIMIT_MS		15000L
#define BODY_KEPT		1023	/* bytes of an answer */
#define BODY_LIMIT		65536	/* after these we hang up */
#define RETRY_AFTER_MAX_S	3600

/* One request on its way; on the post's list from birth to death. */
struct posting {
	LIST_ENTRY(posting) link;
	struct post	 *post;		/* not owned */
	struct request	  request;
	struct curl_slist *headers;	/* owned */
	CURL		 *easy;		/* owned */
	post_done_fn	 *done;
	void		 *arg;
	struct loop_timer stillborn;	/* tells of a request never begun */
	size_t		  kept, seen;	/* bytes of the answer */
	char		  body[BODY_KEPT + 1];
};

struct post {
	struct loop	 *loop;		/* not owned */
	CURLM		 *multi;	/* owned */
	struct loop_timer timer;	/* curl's */
	LIST_HEAD(posting_list, posting) postings;
};

static void
posting_free(struct posting *p)
{
	LIST_REMOVE(p, link);
	loop_timer_clear(p->post->loop, &p->stillborn);
	/* Both only fail for handles that are not curl's. */
	(void)curl_multi_remove_handle(p->post->multi, p->easy);
	curl_easy_cleanup(p->easy);
	curl_slist_free_all(p->headers);
	request_done(&p->request);
	free(p);
}

/* Keep the first bytes; hang up on who never ends. */
static size_t
on_body(char *data, size_t size, size_t n, void *arg)
{
	struct posting *p = arg;
	size_t len = size * n, room = BODY_KEPT - p->kept;

	if (room > len)
		room = len;
	memcpy(p->body + p->kept, data, room);
	p->kept += room;
	p->seen += len;
	return p->seen > BODY_LIMIT ? 0 : len;
}

/* Seconds, or a date: from now, at most an hour, in ms. */
static int64_t
read_retry_after(CURL *easy)
{
	struct curl_header *h;
	long long s;
	char *end;

	if (curl_easy_header(easy, "Retry-After", 0, CURLH_HEADER, -1, &h) !=
	    CURLHE_OK)
		return -1;
	s = strtoll(h->value, &end, 10);
	if (end == h->value || *end != '\0') {
		time_t at = curl_getdate(h->value, NULL);

		if (at == -1)
			return -1;
		s = (long long)at - wall_ms() / 1000;
	}
	if (s < 0)
		s = 0;
	return (s < RETRY_AFTER_MAX_S ? s : RETRY_AFTER_MAX_S) * 1000;
}

/* The object dies before its owner hears: the owner may send the next. */
static void
finish(struct posting *p, CURLcode rc)
{
	bool hung_up = rc == CURLE_WRITE_ERROR && p->seen > BODY_LIMIT;
	const char *error = rc == CURLE_OK || hung_up ? NULL :
	    curl_easy_strerror(rc);
	struct answer a = { .retry_after_ms = -1 };
	char body[BODY_KEPT + 1];
	post_done_fn *done = p->done;
	void *arg = p->arg;

	if (error == NULL && curl_easy_getinfo(p->easy, CURLINFO_RESPONSE_CODE,
	    &a.status) == CURLE_OK)
		a.retry_after_ms = read_retry_after(p->easy);
	memcpy(body, p->body, p->kept);
	body[p->kept] = '\0';
	a.body = body;
	posting_free(p);
	done(arg, &a, error, rc == CURLE_OPERATION_TIMEDOUT);
}

static void
reap(struct post *post)
{
	CURLMsg *msg;
	int left;

	while ((msg = curl_multi_info_read(post->multi, &left)) != NULL) {
		CURLcode rc = msg->data.result;	/* msg dies with the handle */
		void *p = NULL;

		if (msg->msg == CURLMSG_DONE &&
		    curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE,
		    (char **)&p) == CURLE_OK && p != NULL)
			finish(p, rc);
	}
}

static void
drive(struct post *post, curl_socket_t fd, int what)
{
	int running;

	/* What fails is told by the messages that reap() reads. */
	(void)curl_multi_socket_action(post->multi, fd, what, &running);
	reap(post);
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

/* A refusal here makes curl end every request that flies, with an error. */
static int
on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *unused)
{
	struct post *post = arg;
	uint32_t events = 0;
	struct err e;

	(void)easy;
	(void)unused;
	if (what == CURL_POLL_REMOVE) {
		loop_unwatch(post->loop, fd);
		return 0;
	}
	if (what & CURL_POLL_IN)
		events |= EPOLLIN;
	if (what & CURL_POLL_OUT)
		events |= EPOLLOUT;
	return loop_watch(post->loop, fd, events, on_ready, post, &e);
}

static int
on_curl_timer(CURLM *multi, long ms, void *arg)
{
	struct post *post = arg;

	(void)multi;
	if (ms < 0)
		loop_timer_clear(post->loop, &post->timer);
	else
		loop_timer_set(post->loop, &post->timer, mono_ms() + ms);
	return 0;
}

struct post *
post_new(struct loop *loop, struct err *e)
{
	struct post *post;

	NEW(post);
	post->loop = loop;
	post->timer.fn = on_timer;
	post->timer.arg = post;
	post->multi = curl_multi_init();
	if (post->multi != NULL &&
	    curl_multi_setopt(post->multi, CURLMOPT_SOCKETFUNCTION,
	    on_socket) == CURLM_OK &&
	    curl_multi_setopt(post->multi, CURLMOPT_SOCKETDATA, post) ==
	    CURLM_OK &&
	    curl_multi_setopt(post->multi, CURLMOPT_TIMERFUNCTION,
	    on_curl_timer) == CURLM_OK &&
	    curl_multi_setopt(post->multi, CURLMOPT_TIMERDATA, post) ==
	    CURLM_OK)
		return post;
	err_set(e, "libcurl would not start");
	post_free(post);
	return NULL;
}

void
post_free(struct post *post)
{
	if (post == NULL)
		return;
	while (!LIST_EMPTY(&post->postings))
		posting_free(LIST_FIRST(&post->postings));
	(void)curl_multi_cleanup(post->multi);
	loop_timer_clear(post->loop, &post->timer);
	free(post);
}

/* Copied by curl, or a list that has to grow: both need memory, no more. */
static bool
add_headers(struct posting *p)
{
	/* An empty Expect keeps curl from asking before it sends. */
	p->headers = curl_slist_append(NULL, "Expect:");
	for (size_t i = 0; p->headers != NULL && i < p->request.nheaders; i++)
		if (curl_slist_append(p->headers, p->request.headers[i]) ==
		    NULL)
			return false;
	return p->headers != NULL;
}

#define SET(option, value) \
	(curl_easy_setopt(p->easy, CURLOPT_##option, (value)) == CURLE_OK)

static bool
set_request(struct posting *p)
{
	return SET(URL, p->request.url) &&
	    SET(HTTPHEADER, p->headers) &&
	    SET(POSTFIELDS, p->request.body) &&
	    SET(PRIVATE, (char *)p) &&
	    SET(WRITEFUNCTION, on_body) &&
	    SET(WRITEDATA, p);
}

/*
 * QUICK_EXIT: curl resolves names in a thread, and would wait for it when a
 * request ends before the name is known; with it, the thread is left to end
 * by itself.  A dead name server must not stop the loop.
 */
static bool
set_limits(struct posting *p)
{
	return SET(PROTOCOLS_STR, "http,https") &&
	    SET(FOLLOWLOCATION, 0L) &&
	    SET(USERAGENT, "litegauge") &&
	    SET(NOSIGNAL, 1L) &&
	    SET(QUICK_EXIT, 1L) &&
	    SET(CONNECTTIMEOUT_MS, CONNECT_LIMIT_MS) &&
	    SET(TIMEOUT_MS, TOTAL_LIMIT_MS);
}

static void
on_stillborn(void *arg)
{
	finish(arg, CURLE_FAILED_INIT);
}

struct posting *
post_send(struct post *post, struct request *q, post_done_fn *done, void *arg)
{
	struct posting *p;

	NEW(p);
	p->post = post;
	p->request = *q;
	*q = (struct request){ 0 };
	p->done = done;
	p->arg = arg;
	p->stillborn = (struct loop_timer){ .fn = on_stillborn, .arg = p };
	LIST_INSERT_HEAD(&post->postings, p, link);
	p->easy = curl_easy_init();
	if (p->easy == NULL)
		abort();	/* out of memory, as in mem.h */
	if (!add_headers(p) || !set_request(p) || !set_limits(p) ||
	    curl_multi_add_handle(post->multi, p->easy) != CURLM_OK)
		loop_timer_set(post->loop, &p->stillborn, mono_ms());
	return p;
}

void
post_cancel(struct posting *p)
{
	posting_free(p);
}
