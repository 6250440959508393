/*
 * http - see http.h.
 *
 * libmicrohttpd calls handle() at least twice for each request: when the head
 * is there, for each piece of a body, and at the end.  What it keeps for us in
 * between is one of three marks, so a request costs no memory of ours until it
 * is answered.
 */
#include <inttypes.h>
#include <microhttpd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "agent/pages/accept.h"
#include "agent/pages/api_frame.h"
#include "agent/pages/gate.h"
#include "agent/pages/http.h"
#include "agent/pages/listen.h"
#include "agent/pages/query.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/gzip.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/mem.h"

#define CONNECTION_MEMORY	(16u << 10)	/* request line and headers */
#define URI_MAX			4096u		/* with its query */
#define BODY_MAX		4096u		/* nobody reads it */
#define WAIT_MAX_MS		60000

struct http {
	struct loop		*loop;		/* not owned */
	struct agent		*agent;		/* not owned */
	struct MHD_Daemon	*daemon;
	int			 fd;		/* MHD's; -1: not watched */
	unsigned		 port;
};

struct reply {
	unsigned	 status;
	const char	*type;
	const char	*allow;		/* for 405; else NULL */
	const char	*head;		/* " , HEAD" goes with it; or "" */
	struct buf	 text;
};

/* The marks; their addresses are what counts. */
static char too_long, begun;

static const char plain_text[] = "text/plain; charset=utf-8";

/* Every answer bears these. */
static const struct {
	const char *name, *value;
} headers[] = {
	{ "Cache-Control", "no-store" },
	{ "Content-Security-Policy", "default-src 'none'; "
	    "style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
	    "frame-ancestors 'none'" },
	{ "Referrer-Policy", "no-referrer" },
	{ "Vary", "Accept-Encoding" },
	{ "X-Content-Type-Options", "nosniff" },
	{ "X-Frame-Options", "deny" },
};

static void
add_headers(struct MHD_Response *r, const struct reply *reply, bool small)
{
	char allow[64];

	for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++)
		MHD_add_response_header(r, headers[i].name, headers[i].value);
	MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, reply->type);
	if (small)
		MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_ENCODING,
		    "gzip");
	if (reply->allow != NULL) {
		(void)snprintf(allow, sizeof allow, "%s%s", reply->allow,
		    reply->head);
		MHD_add_response_header(r, MHD_HTTP_HEADER_ALLOW, allow);
	}
}

/* Takes the text; MHD leaves it out of the answer to a HEAD. */
static enum MHD_Result
send_reply(struct MHD_Connection *c, struct reply *reply)
{
	const struct query q = { c };
	bool small = accept_encoding(query_header(&q,
	    MHD_HTTP_HEADER_ACCEPT_ENCODING), "gzip") && gzip_buf(&reply->text);
	size_t n = reply->text.len;
	struct MHD_Response *r;
	enum MHD_Result ret;

	r = MHD_create_response_from_buffer(n, buf_take(&reply->text),
	    MHD_RESPMEM_MUST_FREE);
	if (r == NULL)
		return MHD_NO;
	add_headers(r, reply, small);
	ret = MHD_queue_response(c, reply->status, r);
	MHD_destroy_response(r);
	return ret;
}

static void
say(struct reply *reply, unsigned status, const char *sentence)
{
	buf_free(&reply->text);
	reply->text.overflowed = false;
	reply->status = status;
	reply->type = plain_text;
	buf_adds(&reply->text, sentence);
}

/* Is the method one of the words? */
static bool
listed(const char *words, const char *method)
{
	size_t n = strlen(method);

	while (*words != '\0') {
		size_t word = strcspn(words, ", ");

		if (word == n && memcmp(words, method, n) == 0)
			return true;
		words += word;
		words += strspn(words, ", ");
	}
	return false;
}

static const struct page *
find_page(const char *path)
{
	const struct page *p = pages;

	while (p->path != NULL && strcmp(p->path, path) != 0)
		p++;
	return p->path != NULL ? p : NULL;
}

static void
write_page(struct http *h, struct MHD_Connection *c, const struct page *p,
    struct reply *reply)
{
	const struct query q = { c };

	reply->type = p->type;
	reply->status = p->write(h->agent, &q, &reply->text, &reply->type);
	if (!buf_ok(&reply->text))
		say(reply, MHD_HTTP_INTERNAL_SERVER_ERROR,
		    "The page has grown too long to be sent.\n");
}

/* In the page's own manner. */
static void
forbid(struct reply *reply, const struct page *p, unsigned status,
    const char *sentence)
{
	say(reply, status, "");
	if (strcmp(p->type, API_TYPE) == 0) {
		reply->type = p->type;
		(void)api_refuse(&reply->text, status, sentence);
	} else {
		buf_addf(&reply->text, "%s\n", sentence);
	}
}

static void
serve(struct http *h, struct MHD_Connection *c, const struct page *p,
    const char *method, struct reply *reply)
{
	bool get = listed(p->methods, MHD_HTTP_METHOD_GET);
	bool head = get && strcmp(method, MHD_HTTP_METHOD_HEAD) == 0;
	const char *no = gate_read(c, h->agent);

	if (no != NULL) {
		forbid(reply, p, MHD_HTTP_MISDIRECTED_REQUEST, no);
	} else if (!head && !listed(p->methods, method)) {
		reply->allow = p->methods;
		reply->head = get ? ", HEAD" : "";
		say(reply, MHD_HTTP_METHOD_NOT_ALLOWED,
		    "This page does not take that method.\n");
	} else if (!get && (no = gate_change(c)) != NULL) {
		forbid(reply, p, MHD_HTTP_FORBIDDEN, no);
	} else {
		write_page(h, c, p, reply);
	}
}

static enum MHD_Result
answer(struct http *h, struct MHD_Connection *c, const char *path,
    const char *method)
{
	const struct page *p = find_page(path);
	struct reply reply = { 0 };

	buf_init(&reply.text, HTTP_PAGE_MAX);
	if (p != NULL)
		serve(h, c, p, method, &reply);
	else
		say(&reply, MHD_HTTP_NOT_FOUND,
		    "There is no such page; / has links to all.\n");
	return send_reply(c, &reply);
}

static enum MHD_Result
refuse(struct MHD_Connection *c, unsigned status, const char *sentence)
{
	struct reply reply = { 0 };

	buf_init(&reply.text, HTTP_PAGE_MAX);
	say(&reply, status, sentence);
	return send_reply(c, &reply);
}

/* A body is let pass when its length is known and small. */
static enum MHD_Result
begin(struct MHD_Connection *c)
{
	const struct query q = { c };
	const char *length = query_header(&q, MHD_HTTP_HEADER_CONTENT_LENGTH);

	if (query_header(&q, MHD_HTTP_HEADER_TRANSFER_ENCODING) != NULL)
		return refuse(c, MHD_HTTP_LENGTH_REQUIRED,
		    "Say how long the body is, or better send none.\n");
	if (length != NULL && strtoull(length, NULL, 10) > BODY_MAX)
		return refuse(c, MHD_HTTP_CONTENT_TOO_LARGE,
		    "No page here reads a body of this length.\n");
	return MHD_YES;
}

static enum MHD_Result
handle(void *arg, struct MHD_Connection *c, const char *path,
    const char *method, const char *version, const char *upload,
    size_t *upload_size, void **mark)
{
	(void)version;
	(void)upload;
	if (*mark == &too_long)
		return refuse(c, MHD_HTTP_URI_TOO_LONG,
		    "No page here has an address of this length.\n");
	if (*mark == NULL) {
		*mark = &begun;
		return begin(c);
	}
	if (*upload_size > 0) {
		*upload_size = 0;
		return MHD_YES;
	}
	return answer(arg, c, path, method);
}

/* The only one who sees the whole address; what it returns is the mark. */
static void *
on_uri(void *arg, const char *uri, struct MHD_Connection *c)
{
	(void)arg;
	(void)c;
	return strnlen(uri, URI_MAX) >= URI_MAX ? &too_long : NULL;
}

__attribute__((format(printf, 2, 0)))
static void
on_log(void *arg, const char *fmt, va_list ap)
{
	char text[ERR_TEXT_MAX];

	(void)arg;
	(void)vsnprintf(text, sizeof text, fmt, ap);
	text[strcspn(text, "\n")] = '\0';
	log_debug("http: %s", text);
}

static void
on_ready(void *arg, int fd, uint32_t events)
{
	struct http *h = arg;

	(void)fd;
	(void)events;
	MHD_run(h->daemon);
}

/* MHD may hold data it has read and not yet looked at; then it answers 0. */
static int64_t
on_prepare(void *arg)
{
	struct http *h = arg;
	MHD_UNSIGNED_LONG_LONG ms;

	if (h->fd == -1 || MHD_get_timeout(h->daemon, &ms) == MHD_NO)
		return -1;
	if (ms == 0) {
		MHD_run(h->daemon);
		if (MHD_get_timeout(h->daemon, &ms) == MHD_NO)
			return -1;
	}
	return ms > WAIT_MAX_MS ? WAIT_MAX_MS : (int64_t)ms;
}

static int
start(struct http *h, const char *listen, int fd, struct err *e)
{
	const union MHD_DaemonInfo *info;

	h->daemon = MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_ERROR_LOG, 0,
	    NULL, NULL, handle, h,
	    MHD_OPTION_EXTERNAL_LOGGER, on_log, h,
	    MHD_OPTION_LISTEN_SOCKET, fd,
	    MHD_OPTION_CONNECTION_LIMIT, HTTP_CONNECTIONS_MAX,
	    MHD_OPTION_CONNECTION_TIMEOUT, HTTP_IDLE_S,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
	    MHD_OPTION_URI_LOG_CALLBACK, on_uri, h,
	    MHD_OPTION_END);
	if (h->daemon == NULL) {
		close(fd);
		return err_set(e, "%s: libmicrohttpd does not start", listen);
	}
	info = MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	if (info == NULL || info->epoll_fd < 0)
		return err_set(e, "%s: this libmicrohttpd has no epoll",
		    listen);
	if (loop_watch(h->loop, info->epoll_fd, EPOLLIN, on_ready, h, e) == -1)
		return err_prefix(e, "%s", listen);
	h->fd = info->epoll_fd;
	loop_prepare(h->loop, on_prepare, h);
	return 0;
}

struct http *
http_new(struct loop *loop, struct agent *a, const char *listen,
    struct err *e)
{
	struct http *h;
	int fd;

	NEW(h);
	h->loop = loop;
	h->agent = a;
	h->fd = -1;
	fd = listen_on(listen, &h->port, e);
	if (fd == -1 || start(h, listen, fd, e) == -1) {
		http_free(h);
		return NULL;
	}
	return h;
}

/* Only after the loop has stopped: it keeps the prepare hook. */
void
http_free(struct http *h)
{
	if (h == NULL)
		return;
	if (h->fd != -1)
		loop_unwatch(h->loop, h->fd);
	if (h->daemon != NULL)
		MHD_stop_daemon(h->daemon);
	free(h);
}

unsigned
http_port(const struct http *h)
{
	return h->port;
}
