/*
 * smtp - see smtp.h.
 *
 * When curl is done it says QUIT and waits for the server to answer, for
 * minutes if need be.  So we listen to what it says, and after QUIT its socket
 * is made to look closed.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "alerts/address.h"
#include "alerts/receiver.h"
#include "alerts/smtp.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/url.h"

#define PORT_DIGITS	5
#define CODE_LENGTH	4	/* of "550 " */
#define LETTERS		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define HOST_LETTERS	LETTERS "0123456789-."
#define BASE64		LETTERS "0123456789+/="
#define TELLING		6	/* letters of those; fewer are any word */

static const struct scheme {
	const char	*prefix, *curls;	/* what curl calls it */
	bool		 tls, plain;
} schemes[] = {
	{ "smtps://",		"smtps://", true, false },
	{ "smtp://",		"smtp://", false, false },
	{ "smtp+plain://",	"smtp://", false, true },
};

/* The parts of a URL; borrowed from it. */
struct place {
	const struct scheme *scheme;
	const char	*host;		/* and all behind it */
	size_t		 nhost;
};

static bool
is_here(const struct place *p)
{
	return url_is_here(p->host, p->nhost);
}

/* Bytes of a host's name, or of an address of version 6 in its brackets. */
static size_t
host_length(const char *text)
{
	size_t n;

	if (*text != '[')
		return strspn(text, HOST_LETTERS);
	n = 1 + strspn(text + 1, "0123456789abcdefABCDEF:.");
	return n > 1 && text[n] == ']' ? n + 1 : 0;
}

/* Nothing, or ":PORT", "/NAME" or both. */
static bool
is_rest(const char *text)
{
	size_t n = 0;

	if (*text == ':') {
		n = strspn(++text, "0123456789");
		if (n == 0 || n > PORT_DIGITS ||
		    strtoul(text, NULL, 10) - 1 > 65534)
			return false;
		text += n;
	}
	if (*text == '/')
		text += 1 + strspn(text + 1, HOST_LETTERS);
	return *text == '\0';
}

static bool
read_place(struct place *p, const char *url)
{
	for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
		const struct scheme *s = &schemes[i];
		size_t n = strlen(s->prefix);

		if (strncasecmp(url, s->prefix, n) != 0)
			continue;
		*p = (struct place){ s, url + n, host_length(url + n) };
		return p->nhost > 0 && is_rest(p->host + p->nhost);
	}
	return false;
}

int
smtp_check_url(const char *url, bool has_password, struct err *e)
{
	struct place p;

	if (strchr(url, '@') != NULL)
		return err_set(e, "the url names a user: say username and "
		    "password_file instead");
	if (!read_place(&p, url))
		return err_set(e, "the url must be smtp://HOST:PORT, or "
		    "smtps:// when the server speaks TLS from the beginning");
	if (has_password && p.scheme->plain && !is_here(&p))
		return err_set(e, "a password is not sent without TLS: say "
		    "smtp:// or smtps:// instead of smtp+plain://");
	return 0;
}

static size_t
on_read(char *to, size_t size, size_t n, void *arg)
{
	struct smtp *s = arg;
	size_t len = size * n < s->left ? size * n : s->left;

	memcpy(to, s->body, len);
	s->body += len;
	s->left -= len;
	return len;
}

static bool
keep_socket(struct smtp *s, int fd)
{
	bool kept;

	pthread_mutex_lock(&s->lock);
	kept = !s->stopped && s->nsockets < SMTP_SOCKETS;
	if (kept)
		s->sockets[s->nsockets++] = fd;
	pthread_mutex_unlock(&s->lock);
	return kept;
}

/* One that is closed already is what we want. */
static void
shut_sockets(struct smtp *s, int how)
{
	pthread_mutex_lock(&s->lock);
	s->stopped |= how == SHUT_RDWR;
	for (size_t i = 0; i < s->nsockets; i++)
		(void)shutdown(s->sockets[i], how);
	pthread_mutex_unlock(&s->lock);
}

static curl_socket_t
on_open(void *arg, curlsocktype purpose, struct curl_sockaddr *a)
{
	struct smtp *s = arg;
	int fd;

	(void)purpose;
	fd = socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
	if (fd == -1)
		return CURL_SOCKET_BAD;
	if (keep_socket(s, fd))
		return fd;
	close(fd);
	return CURL_SOCKET_BAD;
}

static int
on_close(void *arg, curl_socket_t fd)
{
	struct smtp *s = arg;
	int rc;

	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < s->nsockets; i++)
		if (s->sockets[i] == fd) {
			s->sockets[i] = s->sockets[--s->nsockets];
			break;
		}
	rc = close(fd);		/* under the lock: its number is free now */
	pthread_mutex_unlock(&s->lock);
	return rc;
}

/* A server may repeat what it does not take: there goes the password. */
static bool
repeats_login(const struct smtp *s)
{
	const char *word = s->said;
	size_t n;

	if (s->password != NULL && s->password[0] != '\0' &&
	    strstr(s->said, s->password) != NULL)
		return true;
	for (; *word != '\0'; word += n) {
		word += strcspn(word, BASE64);
		n = strspn(word, BASE64);
		if (n >= TELLING && memmem(s->login, strlen(s->login), word,
		    n) != NULL)
			return true;
	}
	return false;
}

/* The last line that we sent to log in, which the next answer is about. */
static void
keep_login(struct smtp *s, const char *line, size_t n)
{
	if (n >= 5 && memcmp(line, "AUTH ", 5) == 0)
		s->logging_in = true;
	else if (n >= 5 && memcmp(line, "MAIL ", 5) == 0)
		s->logging_in = false;
	if (!s->logging_in)
		return;
	n = n < sizeof s->login ? n : sizeof s->login - 1;
	memcpy(s->login, line, n);
	s->login[n] = '\0';
}

/* What the code is for: the last line of it, in words. */
static void
keep_complaint(struct smtp *s, const char *line, size_t n)
{
	if (n < CODE_LENGTH || (line[0] != '4' && line[0] != '5'))
		return;
	n -= CODE_LENGTH;
	n = n < sizeof s->said ? n : sizeof s->said - 1;
	memcpy(s->said, line + CODE_LENGTH, n);
	s->said[n] = '\0';
	s->said[strcspn(s->said, "\r\n")] = '\0';
	if (repeats_login(s))
		s->said[0] = '\0';
}

static int
on_talk(CURL *easy, curl_infotype type, char *line, size_t n, void *arg)
{
	static const char quit[] = "QUIT\r\n";
	struct smtp *s = arg;

	(void)easy;
	if (type == CURLINFO_HEADER_IN)
		keep_complaint(s, line, n);
	if (type == CURLINFO_HEADER_OUT)
		keep_login(s, line, n);
	if (type == CURLINFO_HEADER_OUT && n == sizeof quit - 1 &&
	    memcmp(line, quit, n) == 0)
		shut_sockets(s, SHUT_RD);
	return 0;
}

#define SET(option, value) \
	(curl_easy_setopt(easy, CURLOPT_##option, (value)) == CURLE_OK)

static bool
set_place(CURL *easy, const char *url)
{
	struct place p;
	char *curls;
	bool done;

	if (!read_place(&p, url))
		return false;
	curls = mem_printf("%s%s", p.scheme->curls, p.host);
	/* Over a proxy, this host would be another. */
	done = SET(URL, curls) &&
	    (!is_here(&p) || SET(NOPROXY, "*")) &&
	    SET(USE_SSL, (long)(p.scheme->tls || p.scheme->plain ||
	    is_here(&p) ? CURLUSESSL_NONE : CURLUSESSL_ALL));
	free(curls);
	return done;
}

/* One address that the server does not like must not cost the others their
 * mail. */
static bool
set_envelope(struct smtp *s, CURL *easy, const struct request *q)
{
	s->to = address_list(q->to);
	s->password = q->password;
	return s->to != NULL &&
	    SET(MAIL_FROM, q->from) &&
	    SET(MAIL_RCPT, s->to) &&
	    SET(MAIL_RCPT_ALLLOWFAILS, 1L) &&
	    (q->username == NULL || SET(USERNAME, q->username)) &&
	    (q->password == NULL || SET(PASSWORD, q->password));
}

static bool
set_talk(struct smtp *s, CURL *easy)
{
	return SET(UPLOAD, 1L) &&
	    SET(SASL_IR, 1L) &&
	    SET(READFUNCTION, on_read) &&
	    SET(READDATA, s) &&
	    SET(INFILESIZE, (long)s->left) &&
	    SET(OPENSOCKETFUNCTION, on_open) &&
	    SET(OPENSOCKETDATA, s) &&
	    SET(CLOSESOCKETFUNCTION, on_close) &&
	    SET(CLOSESOCKETDATA, s) &&
	    SET(DEBUGFUNCTION, on_talk) &&
	    SET(DEBUGDATA, s) &&
	    SET(VERBOSE, 1L) &&
	    /* No connection outlives its call: it would call us back. */
	    SET(FRESH_CONNECT, 1L) &&
	    SET(FORBID_REUSE, 1L);
}

CURL *
smtp_easy(struct smtp *s, const struct request *q)
{
	CURL *easy = curl_easy_init();

	if (easy == NULL)
		abort();	/* out of memory, as in mem.h */
	if (pthread_mutex_init(&s->lock, NULL) != 0)
		abort();	/* out of memory, too */
	s->body = q->body;
	s->left = strlen(q->body);
	if (set_place(easy, q->url) && set_envelope(s, easy, q) &&
	    set_talk(s, easy))
		return easy;
	curl_easy_cleanup(easy);
	return NULL;
}

void
smtp_stop(struct smtp *s)
{
	shut_sockets(s, SHUT_RDWR);
}

void
smtp_done(struct smtp *s)
{
	if (s->body != NULL)
		(void)pthread_mutex_destroy(&s->lock);
	curl_slist_free_all(s->to);
	explicit_bzero(s->login, sizeof s->login);
}

const char *
smtp_strerror(CURLcode rc)
{
	static const struct { CURLcode rc; const char *text; } texts[] = {
		{ CURLE_USE_SSL_FAILED, "The mail server offers no STARTTLS, "
		    "and without TLS nothing is sent" },
		{ CURLE_LOGIN_DENIED, "The mail server offers no way to log "
		    "in that we know" },
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (texts[i].rc == rc)
			return texts[i].text;
	return NULL;
}
