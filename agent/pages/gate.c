/*
 * gate - see gate.h.
 */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "agent/agent.h"
#include "agent/pages/gate.h"

#define COUNT(a)	(sizeof (a) / sizeof *(a))
#define HOST_MAX	256
#define LOCAL_TOP	".localhost"	/* RFC 6761: this machine */

/* What only a browser sends, one or the other with each POST. */
static const char *const of_browsers[] = { "Origin", "Sec-Fetch-Site",
	"Sec-Fetch-Mode", "Referer", "Ping-To" };

/* What a proxy adds that asks for somebody else, wherever that one is. */
static const char *const of_proxies[] = { "X-Forwarded-For", "Forwarded",
	"X-Real-IP", "Via" };

/* Cuts the name out of "name:port" or "[::1]:port", without the brackets. */
static bool
cut_host(char ret[HOST_MAX], const char *text, const char *ends)
{
	bool v6 = text[0] == '[';
	size_t n = v6 ? strcspn(++text, "]") : strcspn(text, ends);

	if (n == 0 || n >= HOST_MAX)
		return false;
	memcpy(ret, text, n);
	ret[n] = '\0';
	return true;
}

static bool
is_number(const char *host)
{
	unsigned char address[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, host, address) == 1 ||
	    inet_pton(AF_INET6, host, address) == 1;
}

static bool
is_local(const char *host)
{
	size_t n = strlen(host), top = strlen(LOCAL_TOP);

	return strcasecmp(host, &LOCAL_TOP[1]) == 0 ||
	    (n > top && strcasecmp(host + n - top, LOCAL_TOP) == 0);
}

static bool
is_of_url(const char *host, const char *url)
{
	const char *at = url != NULL ? strstr(url, "://") : NULL;
	char ours[HOST_MAX];

	return at != NULL && cut_host(ours, at + 3, ":/?#") &&
	    strcasecmp(host, ours) == 0;
}

bool
gate_names_us(const char *text, const char *hostname, const char *base_url)
{
	char host[HOST_MAX];

	if (!cut_host(host, text, ":"))
		return false;
	return is_number(host) || is_local(host) ||
	    strcasecmp(host, hostname) == 0 || is_of_url(host, base_url);
}

/* What is compared of an address: never the port. */
struct place {
	unsigned char	bytes[sizeof(struct in6_addr)];
};

/* An address of version 4 becomes the one of version 6 that stands for it. */
static struct place
place_of(const struct sockaddr_storage *ss)
{
	struct place p = { { 0 } };
	struct sockaddr_in6 in6;
	struct sockaddr_in in;

	if (ss->ss_family == AF_INET6) {
		memcpy(&in6, ss, sizeof in6);
		memcpy(p.bytes, &in6.sin6_addr, sizeof p.bytes);
	} else {
		memcpy(&in, ss, sizeof in);
		memset(p.bytes + 10, 0xff, 2);
		memcpy(p.bytes + 12, &in.sin_addr, 4);
	}
	return p;
}

/* 127.0.0.0/8 or ::1. */
static bool
is_loopback(const struct place *p)
{
	static const unsigned char v4[13] = { [10] = 0xff, 0xff, 127 };
	static const unsigned char v6[16] = { [15] = 1 };

	return memcmp(p->bytes, v4, sizeof v4) == 0 ||
	    memcmp(p->bytes, v6, sizeof v6) == 0;
}

/* Both ends of the connection; false: it is gone. */
static bool
ends(struct MHD_Connection *c, struct sockaddr_storage *theirs,
    struct sockaddr_storage *ours)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(c,
	    MHD_CONNECTION_INFO_CONNECTION_FD);
	socklen_t n = sizeof *theirs, m = sizeof *ours;

	return info != NULL &&
	    getpeername(info->connect_fd, (struct sockaddr *)theirs, &n) == 0 &&
	    getsockname(info->connect_fd, (struct sockaddr *)ours, &m) == 0;
}

bool
gate_is_near(const struct sockaddr_storage *theirs,
    const struct sockaddr_storage *ours)
{
	struct place from = place_of(theirs), to = place_of(ours);

	return is_loopback(&from) || memcmp(&from, &to, sizeof to) == 0;
}

static const char *
header(struct MHD_Connection *c, const char *name)
{
	return MHD_lookup_connection_value(c, MHD_HEADER_KIND, name);
}

static bool
has_one_of(struct MHD_Connection *c, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (header(c, names[i]) != NULL)
			return true;
	return false;
}

const char *
gate_read(struct MHD_Connection *c, const struct agent *a)
{
	const char *host = header(c, MHD_HTTP_HEADER_HOST);
	struct sockaddr_storage theirs, ours;
	struct place at;

	if (host == NULL || gate_names_us(host, a->host, a->base_url) ||
	    !ends(c, &theirs, &ours))
		return NULL;
	at = place_of(&ours);
	if (!is_loopback(&at))
		return NULL;
	return "This agent does not know itself by that name: ask for its "
	    "address, or let url of [agent] have the name.";
}

const char *
gate_change(struct MHD_Connection *c)
{
	struct sockaddr_storage theirs, ours;

	if (has_one_of(c, of_browsers, COUNT(of_browsers)))
		return "A web page may not do that.";
	if (!has_one_of(c, of_proxies, COUNT(of_proxies)) &&
	    ends(c, &theirs, &ours) && gate_is_near(&theirs, &ours))
		return NULL;
	return "Only somebody on this machine may do that.";
}
