/*
 * s3 - a bucket on loopback, good enough for the real Litestream.
 *
 *	s3 --port-file FILE --dir DIR --bucket NAME --access-key KEY
 *	    --secret-key KEY [options]
 *
 * Signatures are verified.  Objects are files below DIR (see s3_store.h), and
 * each request is a line of JSON in --log.  How it misbehaves is in the file
 * --control (see s3_mood.h), read anew for every request.
 */
#include <netinet/in.h>
#include <signal.h>

#include "tests/tools/s3_mood.h"
#include "tests/tools/s3_ops.h"
#include "tests/tools/s3_pages.h"

#define MAX_SKEW_S	900
#define HANG_S		600

static struct {
	const char	*port_file, *dir, *bucket, *region, *log, *control;
	const char	*access[2], *secret[2];
	int64_t		 port;
} opt = { .region = "us-east-1", .bucket = "bucket" };

static const struct tool_option options[] = {
	{ "port-file", TOOL_TEXT, &opt.port_file, "FILE",
	  "Where to leave the port." },
	{ "port", TOOL_COUNT, &opt.port, "N", "Listen there; 0: any." },
	{ "dir", TOOL_TEXT, &opt.dir, "DIR", "Where objects are." },
	{ "bucket", TOOL_TEXT, &opt.bucket, "NAME", "The only bucket." },
	{ "region", TOOL_TEXT, &opt.region, "NAME", "Where it lies." },
	{ "access-key", TOOL_TEXT, &opt.access[0], "KEY", "Who may ask." },
	{ "secret-key", TOOL_TEXT, &opt.secret[0], "KEY", "And its secret." },
	{ "access-key2", TOOL_TEXT, &opt.access[1], "KEY", "Another." },
	{ "secret-key2", TOOL_TEXT, &opt.secret[1], "KEY", "And its secret." },
	{ "log", TOOL_TEXT, &opt.log, "FILE", "A line for each request." },
	{ "control", TOOL_TEXT, &opt.control, "FILE", "How to misbehave." },
};

static int log_fd = -1;

static void
write_log(const struct talk *t)
{
	struct timespec now;
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	char *prefix = talk_param(t, "prefix");
	bool list = strcmp(t->op, "LIST") == 0;

	clock_gettime(CLOCK_REALTIME, &now);
	fprintf(f, "{\"t\":%lld.%03ld,\"method\":\"%s\",\"op\":\"%s\",\"key\":",
	    (long long)now.tv_sec, now.tv_nsec / TOOL_MS, t->method, t->op);
	text_json(f, list && prefix != NULL ? prefix : t->key);
	fputs(",\"query\":", f);
	text_json(f, t->query);
	fprintf(f, ",\"status\":%d,\"who\":", t->status);
	text_json(f, t->who);
	fprintf(f, ",\"bytes\":%zu}\n", t->n);
	fclose(f);
	free(prefix);
	if (log_fd != -1)
		(void)!write(log_fd, text, size);
	free(text);
}

static const char *
secret_of(const char *access)
{
	for (int i = 0; i < 2; i++)
		if (opt.access[i] != NULL && opt.secret[i] != NULL &&
		    strcmp(opt.access[i], access) == 0)
			return opt.secret[i];
	return NULL;
}

static bool
is_skewed(const struct talk *t)
{
	const char *text = talk_header(t, "x-amz-date");
	struct tm tm = { 0 };

	return text == NULL || strptime(text, "%Y%m%dT%H%M%SZ", &tm) == NULL ||
	    llabs((long long)(timegm(&tm) - time(NULL) - t->skew_s)) >
	    MAX_SKEW_S;
}

/* NULL, or the error that it is to be asked so. */
static const char *
check_caller(struct talk *t, bool is_read)
{
	char *path = strdup(t->uri);
	const char *secret, *error = NULL;

	path[strcspn(path, "?")] = '\0';
	text_decode(path);
	if (!is_read)
		error = "AccessDenied";
	else if ((secret = secret_of(t->sign.access)) == NULL)
		error = "InvalidAccessKeyId";
	else if (is_skewed(t))
		error = "RequestTimeTooSkewed";
	else if (strcmp(t->sign.region, t->region) != 0)
		error = t->told ? "PermanentRedirect" :
		    "AuthorizationHeaderMalformed";
	else if (!sigv4_holds(&t->sign, t->c, t->method, path, t->query,
	    secret))
		error = "SignatureDoesNotMatch";
	else
		t->who = t->sign.access;
	free(path);
	return error;
}

/* Path style, or the bucket before the host.  False: another bucket. */
static bool
find_key(struct talk *t)
{
	const char *host = talk_header(t, "Host");
	const size_t n = strlen(opt.bucket);
	const char *path = t->path + (*t->path == '/');

	if (host != NULL && strncmp(host, opt.bucket, n) == 0 &&
	    host[n] == '.') {
		t->key = path;
		return true;
	}
	if (strncmp(path, opt.bucket, n) != 0 ||
	    (path[n] != '/' && path[n] != '\0'))
		return false;
	t->key = path + n + (path[n] == '/');
	return true;
}

static enum MHD_Result
answer_bucket(struct talk *t)
{
	char text[256];

	if (strcmp(t->method, "POST") == 0 && talk_has(t, "delete"))
		return ops_delete_many(t, opt.dir);
	if (strcmp(t->method, "HEAD") == 0 || strcmp(t->method, "PUT") == 0)
		return talk_send(t, 200, talk_empty());
	if (strcmp(t->method, "GET") != 0)
		return talk_error(t, "MethodNotAllowed");
	if (!talk_has(t, "location"))
		return page_answer(t, opt.dir, opt.bucket);
	snprintf(text, sizeof text, "<LocationConstraint xmlns=\"http://s3."
	    "amazonaws.com/doc/2006-03-01/\">%s</LocationConstraint>",
	    strcmp(t->region, "us-east-1") == 0 ? "" : t->region);
	return talk_xml(t, 200, strdup(text));
}

static enum MHD_Result
answer_object(struct talk *t)
{
	const char *m = t->method;
	const bool upload = talk_has(t, "uploadId");

	if (strcmp(m, "GET") == 0 || strcmp(m, "HEAD") == 0)
		return ops_get(t, opt.dir);
	if (strcmp(m, "PUT") == 0)
		return upload && talk_has(t, "partNumber") ?
		    ops_put_part(t, opt.dir) : ops_put(t, opt.dir);
	if (strcmp(m, "DELETE") == 0)
		return upload ? ops_end_upload(t, opt.dir, false) :
		    ops_delete(t, opt.dir);
	if (strcmp(m, "POST") == 0 && talk_has(t, "uploads"))
		return ops_begin_upload(t, opt.dir);
	if (strcmp(m, "POST") == 0 && upload)
		return ops_end_upload(t, opt.dir, true);
	return talk_error(t, "MethodNotAllowed");
}

static ssize_t
drip(void *arg, uint64_t at, char *to, size_t room)
{
	(void)arg;
	(void)at;
	(void)room;
	tool_nap(100LL * TOOL_MS);
	*to = ' ';
	return 1;
}

static enum MHD_Result
answer_moody(struct talk *t, const struct mood *m)
{
	struct MHD_Response *r;

	if (m->redirect[0] != '\0') {
		r = talk_empty();
		MHD_add_response_header(r, "Location", m->redirect);
		return talk_send(t, 307, r);
	}
	if (m->status != 0)
		return talk_status(t, m->status);
	if (m->garbage)
		return talk_xml(t, 200, strdup("\x01\x02 garbage <<<"));
	if (m->drip)
		return talk_send(t, 200, MHD_create_response_from_callback(
		    1000000, 512, drip, NULL, NULL));
	return page_endless(t);
}

static enum MHD_Result
answer(struct talk *t)
{
	const bool is_read = sigv4_read(&t->sign,
	    talk_header(t, "Authorization"));
	const bool is_ours = find_key(t);
	const char *error;
	struct mood m;

	if (*t->key == '\0' && strcmp(t->method, "GET") == 0 &&
	    !talk_has(t, "location"))
		t->op = "LIST";
	m = mood_read(t, opt.control);
	if (m.slow_ms > 0)
		tool_nap(m.slow_ms * TOOL_MS);
	if (m.hang)
		tool_nap((int64_t)HANG_S * TOOL_S);
	if (m.redirect[0] != '\0' || m.status != 0 || m.garbage || m.drip)
		return answer_moody(t, &m);
	error = check_caller(t, is_read);
	if (error == NULL && m.deny)
		error = "AccessDenied";
	if (error == NULL && (!is_ours || m.nobucket))
		error = "NoSuchBucket";
	if (error == NULL)
		error = ops_check_body(t);
	if (error != NULL)
		return talk_error(t, error);
	if (m.million && strcmp(t->op, "LIST") == 0)
		return answer_moody(t, &m);
	return *t->key == '\0' ? answer_bucket(t) : answer_object(t);
}

static void *
on_uri(void *arg, const char *uri, struct MHD_Connection *c)
{
	struct talk *t = calloc(1, sizeof *t);

	(void)arg;
	t->c = c;
	t->uri = strdup(uri);
	t->path = strdup(uri);
	t->path[strcspn(t->path, "?")] = '\0';
	text_decode(t->path);
	t->query = t->uri + strcspn(t->uri, "?");
	t->query += *t->query == '?';
	t->key = "";
	t->who = "-";
	t->region = strdup(opt.region);
	return t;
}

static void
on_end(void *arg, struct MHD_Connection *c, void **state,
    enum MHD_RequestTerminationCode why)
{
	struct talk *t = *state;

	(void)arg;
	(void)c;
	(void)why;
	if (t == NULL)
		return;
	free(t->uri);
	free(t->path);
	free((void *)(uintptr_t)t->region);
	free(t->body);
	free(t);
	*state = NULL;
}

static enum MHD_Result
on_request(void *arg, struct MHD_Connection *c, const char *url,
    const char *method, const char *version, const char *data, size_t *n,
    void **state)
{
	struct talk *t = *state;
	enum MHD_Result rc;

	(void)arg;
	(void)c;
	(void)url;
	(void)version;
	t->method = t->op = method;
	if (!t->begun) {
		t->begun = true;
		return MHD_YES;
	}
	if (*n == 0) {
		rc = answer(t);
		write_log(t);
		return rc;
	}
	if (*n > STORE_MAX - t->n)
		return MHD_NO;
	if (t->n + *n + 1 > t->room) {
		t->room = 2 * (t->n + *n + 1);
		t->body = realloc(t->body, t->room);
	}
	memcpy(t->body + t->n, data, *n);
	t->n += *n;
	t->body[t->n] = '\0';
	*n = 0;
	return MHD_YES;
}

static uint16_t
serve(void)
{
	struct MHD_Daemon *d;
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)opt.port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	d = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD |
	    MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL |
	    MHD_USE_SUPPRESS_DATE_NO_CLOCK, 0, NULL, NULL, on_request, NULL,
	    MHD_OPTION_SOCK_ADDR, &a, MHD_OPTION_URI_LOG_CALLBACK, on_uri,
	    NULL, MHD_OPTION_NOTIFY_COMPLETED, on_end, NULL,
	    MHD_OPTION_LISTENING_ADDRESS_REUSE, 1u, MHD_OPTION_END);
	if (d == NULL)
		tool_die("listen", strerror(errno));
	return MHD_get_daemon_info(d, MHD_DAEMON_INFO_BIND_PORT)->port;
}

int
main(int argc, char **argv)
{
	sigset_t stop;
	int sig;

	if (!tool_options(argc, argv, "s3 [options]", options,
	    TOOL_LENGTH(options)))
		return 2;
	if (optind != argc || opt.port_file == NULL || opt.dir == NULL ||
	    opt.access[0] == NULL || opt.secret[0] == NULL ||
	    opt.port > UINT16_MAX) {
		fprintf(stderr, "s3: give a --port-file, a --dir, an "
		    "--access-key and a --secret-key.\n");
		return 2;
	}
	(void)mkdir(opt.dir, 0755);
	if (opt.log != NULL && (log_fd = open(opt.log, O_WRONLY | O_CREAT |
	    O_APPEND | O_CLOEXEC, 0644)) == -1)
		tool_die(opt.log, strerror(errno));
	sigemptyset(&stop);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGINT);
	sigprocmask(SIG_BLOCK, &stop, NULL);
	signal(SIGPIPE, SIG_IGN);
	if (!tool_leave(opt.port_file, serve()))
		tool_die(opt.port_file, strerror(errno));
	/* Whoever hangs in here is left there. */
	(void)sigwait(&stop, &sig);
	_exit(0);
}
