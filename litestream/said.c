/*
 * said - see said.h.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "litestream/credentials.h"
#include "litestream/paths.h"
#include "litestream/s3_host.h"
#include "litestream/said.h"
#include "litestream/url.h"

/* A replica in the making.  Without a URL all of `url` is "". */
struct making {
	const struct said *said;
	const struct plan_source *source;
	struct url	 url;
	struct replica	 r;
};

static bool
is_said(const char *text)
{
	return text != NULL && text[0] != '\0';
}

static bool
has_url(const struct making *m)
{
	return is_said(m->said->url);
}

/* The first that says something; "" when none does. */
static const char *
either(const char *a, const char *b)
{
	return is_said(a) ? a : is_said(b) ? b : "";
}

static char *
copy_said(const char *text)
{
	return is_said(text) ? mem_strdup(text) : NULL;
}

char *
said_path(const char *text, const struct plan_source *s, struct err *e)
{
	static const char *const prefixes[] = { "sqlite3://", "sqlite://" };

	for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
		if (strncmp(text, prefixes[i], strlen(prefixes[i])) == 0) {
			text += strlen(prefixes[i]);
			break;
		}
	if (text[0] == '/')
		return path_clean(text);
	if (text[0] == '~' && (text[1] == '/' || text[1] == '\0')) {
		if (s->home != NULL)
			return path_join(s->home, text + 1);
		err_set(e, "~: the home directory is not known");
		return NULL;
	}
	if (s->cwd != NULL)
		return path_join(s->cwd, text);
	err_set(e, "%s: relative to a directory that is not known", text);
	return NULL;
}

/* What Litestream makes of a URL's path for keys: "." when there is none. */
static char *
key_path(const struct making *m)
{
	char *clean, *ret;

	if (!has_url(m))
		return mem_strdup(either(m->said->path, ""));
	clean = path_clean(m->url.path);
	ret = mem_strdup(clean + (clean[0] == '/'));
	free(clean);
	return ret;
}

static char *
place_of(const char *scheme, const char *host, const char *path)
{
	path += path[0] == '/';
	if (path[0] == '\0' || strcmp(path, ".") == 0)
		return mem_printf("%s://%s", scheme, host);
	return mem_printf("%s://%s/%s", scheme, host, path);
}

static int
make_file(struct making *m, struct err *e)
{
	const char *said = has_url(m) ? m->url.as_file : m->said->path;
	char *clean, *path;

	if (!has_url(m) && !is_said(said))
		return err_set(e, "a file replica needs a path");
	clean = has_url(m) ? path_clean(said) : mem_strdup(said);
	path = said_path(clean, m->source, e);
	free(clean);
	if (path == NULL)
		return -1;
	m->r.path = mem_printf("%s%s", m->source->root, path);
	m->r.place = mem_printf("file://%s", path);
	free(path);
	return 0;
}

/* What stands after "?" goes before what the host says. */
static void
apply_query(struct making *m, struct s3_host *h)
{
	char *endpoint = url_query(&m->url, "endpoint");
	char *region = url_query(&m->url, "region");
	char *style = url_query(&m->url, "forcePathStyle");
	char *skip = url_query(&m->url, "skipVerify");

	if (endpoint != NULL) {
		free(h->endpoint);
		h->endpoint = s3_endpoint(endpoint, true);
		h->path_style = true;
	}
	if (region != NULL) {
		free(h->region);
		h->region = region;
	}
	if (style != NULL)
		h->path_style = strcmp(style, "true") == 0;
	if (skip != NULL)
		m->r.skip_verify = strcmp(skip, "true") == 0;
	free(endpoint);
	free(style);
	free(skip);
}

/* A `force-path-style: false` is overruled by the URL, as in Litestream. */
static bool
wants_path_style(const struct making *m, const struct s3_host *h)
{
	const struct said *s = m->said;

	if (s->path_style == YAML_TRUE || h->path_style)
		return true;
	if (s->path_style == YAML_FALSE)
		return false;
	return is_said(s->endpoint) || (m->r.endpoint != NULL &&
	    s3_endpoint_wants_path(m->r.endpoint));
}

static int
make_s3(struct making *m, struct err *e)
{
	const struct said *s = m->said;
	struct s3_host h = { 0 };
	struct replica *r = &m->r;

	r->path = key_path(m);
	r->skip_verify = s->skip_verify == YAML_TRUE;
	if (has_url(m)) {
		s3_host_parse(&h, m->url.host);
		apply_query(m, &h);
	}
	r->bucket = mem_strdup(either(s->bucket, h.bucket));
	r->region = copy_said(either(s->region, h.region));
	if (is_said(s->endpoint))
		r->endpoint = s3_endpoint(s->endpoint, false);
	else
		r->endpoint = copy_said(h.endpoint);
	r->path_style = wants_path_style(m, &h);
	r->place = place_of("s3", r->bucket, r->path);
	s3_host_done(&h);
	if (r->bucket[0] == '\0')
		return err_set(e, "an s3 replica needs a bucket");
	credentials_find(r, s->access_key, s->secret_key, m->source);
	return 0;
}

/* gs, abs, oss: a bucket and a path in it. */
static int
make_bucket(struct making *m, struct err *e)
{
	const char *type = replica_type_name(m->r.type);

	m->r.path = key_path(m);
	m->r.bucket = mem_strdup(either(m->said->bucket, m->url.host));
	m->r.place = place_of(type, m->r.bucket, m->r.path);
	return m->r.bucket[0] != '\0' ? 0 :
	    err_set(e, "a replica of type %s needs a bucket", type);
}

static int
make_sftp(struct making *m, struct err *e)
{
	const char *host = either(m->said->host, m->url.host);
	const char *path = has_url(m) ? m->url.path : m->said->path;

	if (host[0] == '\0' || !is_said(either(m->said->user, m->url.user)))
		return err_set(e, "an sftp replica needs a host and a user");
	m->r.path = mem_strdup(either(path, ""));
	m->r.place = place_of("sftp", host, m->r.path);
	return 0;
}

/* Without "https://" and whoever logs in. */
static const char *
host_in(const char *url)
{
	const char *host = strstr(url, "://"), *at;
	size_t n;

	host = host != NULL ? host + 3 : url;
	n = strcspn(host, "/");
	at = memrchr(host, '@', n);
	return at != NULL ? at + 1 : host;
}

static int
make_webdav(struct making *m, struct err *e)
{
	const char *host = host_in(either(m->said->webdav_url, m->url.host));
	const char *path = has_url(m) ? m->url.path : m->said->path;

	if (host[0] == '\0')
		return err_set(e, "a webdav replica needs a webdav-url");
	m->r.path = mem_strdup(either(path, ""));
	m->r.place = place_of("webdav", host, m->r.path);
	return 0;
}

/* A URL's path is the bucket there. */
static int
make_nats(struct making *m, struct err *e)
{
	char *path = has_url(m) ? key_path(m) : mem_strdup("");
	const char *bucket = either(path, m->said->bucket);

	m->r.bucket = mem_strdup(bucket);
	m->r.path = mem_strdup("");
	m->r.place = place_of("nats", m->url.host, bucket);
	free(path);
	return m->r.bucket[0] != '\0' ? 0 :
	    err_set(e, "a nats replica needs a bucket");
}

#define NOTHING	offsetof(struct said, url)

/* `excludes` is what, like `path`, may not stand beside a URL. */
static const struct {
	int		(*make)(struct making *, struct err *);
	size_t		 excludes;
} makers[REPLICA_TYPE_COUNT] = {
	[REPLICA_FILE]	 = { make_file, NOTHING },
	[REPLICA_S3]	 = { make_s3, offsetof(struct said, bucket) },
	[REPLICA_GS]	 = { make_bucket, offsetof(struct said, bucket) },
	[REPLICA_ABS]	 = { make_bucket, offsetof(struct said, bucket) },
	[REPLICA_OSS]	 = { make_bucket, offsetof(struct said, bucket) },
	[REPLICA_SFTP]	 = { make_sftp, offsetof(struct said, host) },
	[REPLICA_WEBDAV] = { make_webdav, offsetof(struct said, webdav_url) },
	[REPLICA_NATS]	 = { make_nats, NOTHING },
};

/* NATS has no paths, so there one is passed over. */
static bool
is_said_twice(const struct making *m)
{
	size_t excludes = makers[m->r.type].excludes;
	const char *other = *(const char *const *)(const void *)
	    ((const char *)m->said + excludes);

	return has_url(m) && ((is_said(m->said->path) &&
	    m->r.type != REPLICA_NATS) ||
	    (excludes != NOTHING && is_said(other)));
}

static int
take_url(struct making *m, struct err *e)
{
	const char *url = has_url(m) ? m->said->url : "";
	int status = s3_is_access_point(url) ?
	    s3_access_point_parse(&m->url, url, e) :
	    url_parse(&m->url, url, e);

	if (status == 0 && has_url(m) && m->url.scheme[0] == '\0')
		return err_set(e, "the url begins with no type, such as s3://");
	return status;
}

static int
take_type(struct making *m, struct err *e)
{
	const char *word = either(m->url.scheme, m->said->type);
	int type;

	word = word[0] == '\0' ? "file" : word;
	word = strcmp(word, "webdavs") == 0 ? "webdav" : word;
	type = replica_type_find(word);
	if (type == -1)
		return err_set(e, "Litestream has no such type of replica");
	m->r.type = (enum replica_type)type;
	m->r.name = mem_strdup(either(m->said->name, word));
	return 0;
}

static int
take_times(struct making *m, struct err *e)
{
	int64_t ns = m->said->sync_ns;

	m->r.sync_ms = REPLICA_SYNC_MS;
	if (ns == YAML_NO_TIME)
		return 0;
	if (ns <= 0)
		return err_set(e, "sync-interval must be more than nothing");
	m->r.sync_ms = ns < 1000000 ? 1 : ns / 1000000;
	return 0;
}

static int
make(struct making *m, struct err *e)
{
	const struct said *s = m->said;

	if (s->path != NULL && url_is(s->path))
		return err_set(e, "path is a URL; that belongs into url");
	if (take_url(m, e) == -1 || take_type(m, e) == -1 ||
	    take_times(m, e) == -1)
		return -1;
	if (is_said_twice(m))
		return err_set(e, "url stands beside what it says already");
	m->r.encrypted = s->encrypted;
	return makers[m->r.type].make(m, e);
}

int
said_replica(struct replica *ret, const struct said *s,
    const struct plan_source *source, struct err *e)
{
	struct making m = { .said = s, .source = source };
	int status = make(&m, e);

	url_done(&m.url);
	if (status == -1)
		replica_done(&m.r);
	else
		*ret = m.r;
	return status;
}
