/*
 * smtp - a mail server that keeps what it gets, and refuses as it is told to.
 *
 *	smtp --port-file FILE --dir DIR [--script WORD,...] [--tls WORD]
 *	    [--cert FILE --key FILE] [--login NAME:PASSWORD]
 *
 * Each connection takes the next word of the script; the last one repeats:
 *
 *	ok		everything is taken
 *	STAGE=CODE	greet, auth, mail, rcpt, data (before the mail) or
 *			end (after it) is answered with that code
 *	hang		no greeting, ever
 *	quit		everything is taken, and QUIT has no answer
 *
 * The N-th mail is DIR/N.mail, its dots put right.  DIR/log has a line for each
 * connection when it ends, or when its mail is answered:
 *
 *	CODE tls=0|1 user=NAME from=<...> to=<...>,<...>
 *
 * A process for each connection, so that one that hangs holds up nobody else.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "tests/tools/tool.h"

#define LINE_MAX_BYTES	4096
#define WORDS		64	/* of a script */

static struct {
	const char	*port_file, *dir, *script, *tls, *cert, *key, *login;
} opt = { .script = "ok", .tls = "none" };

static const struct tool_option options[] = {
	{ "port-file", TOOL_TEXT, &opt.port_file, "FILE",
	  "Where to leave the port." },
	{ "dir", TOOL_TEXT, &opt.dir, "DIR", "Where to keep mail and log." },
	{ "script", TOOL_TEXT, &opt.script, "WORD,...",
	  "ok, STAGE=CODE, hang, quit (ok)." },
	{ "tls", TOOL_WORD, &opt.tls, "none|starttls|implicit",
	  "When TLS begins (none)." },
	{ "cert", TOOL_TEXT, &opt.cert, "FILE", "Its certificate." },
	{ "key", TOOL_TEXT, &opt.key, "FILE", "And the key of that." },
	{ "login", TOOL_TEXT, &opt.login, "NAME:PASSWORD",
	  "Who may write; everybody without it." },
};

/* One connection, in a process of its own. */
static struct session {
	int		 fd, number;
	const char	*word;		/* of the script */
	SSL		*ssl;		/* NULL: no TLS yet */
	char		 user[256], from[512], to[2048];
	bool		 over;
} s;

static SSL_CTX *ctx;

static ssize_t
take(char *c)
{
	return s.ssl != NULL ? SSL_read(s.ssl, c, 1) : read(s.fd, c, 1);
}

static bool
take_line(char line[LINE_MAX_BYTES])
{
	size_t n = 0;

	while (n < LINE_MAX_BYTES - 1 && take(&line[n]) == 1)
		if (line[n++] == '\n') {
			line[n] = '\0';
			return true;
		}
	return false;
}

static void
say(const char *text)
{
	if (s.ssl != NULL)
		(void)SSL_write(s.ssl, text, (int)strlen(text));
	else
		(void)!send(s.fd, text, strlen(text), MSG_NOSIGNAL);
}

/* The code that the script has for a stage; else the usual one. */
static int
code_of(const char *stage, int usual)
{
	size_t n = strlen(stage);

	if (strncmp(s.word, stage, n) == 0 && s.word[n] == '=')
		return (int)strtol(s.word + n + 1, NULL, 10);
	return usual;
}

static int
answer(const char *stage, int usual)
{
	char line[128];
	int code = code_of(stage, usual);

	(void)snprintf(line, sizeof line, "%d %s\r\n", code,
	    code < 400 ? "ok" : "refused, as the script says");
	say(line);
	return code;
}

/* A whole line in one write, so that nobody reads half of one. */
static void
note(int code)
{
	char path[4096], line[4096];
	int fd, n;

	(void)snprintf(path, sizeof path, "%s/log", opt.dir);
	n = snprintf(line, sizeof line, "%d tls=%d user=%s from=%s to=%s\n",
	    code, s.ssl != NULL, s.user, s.from, s.to);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (fd == -1 || write(fd, line, (size_t)n) != n)
		tool_die(path, strerror(errno));
	close(fd);
	s.over = true;
}

static void
start_tls(void)
{
	s.ssl = SSL_new(ctx);
	if (s.ssl == NULL || SSL_set_fd(s.ssl, s.fd) != 1)
		tool_die("TLS", "no memory");
	if (SSL_accept(s.ssl) == 1)
		return;
	SSL_free(s.ssl);
	s.ssl = NULL;
	note(0);
	exit(0);
}

/* "AUTH PLAIN base64 of \0NAME\0PASSWORD". */
static void
login(const char *line)
{
	unsigned char plain[LINE_MAX_BYTES];
	char want[2 * LINE_MAX_BYTES];
	size_t n = strcspn(line, "\r\n");
	char code[LINE_MAX_BYTES];
	const char *name = (const char *)plain + 1;
	int got;

	memcpy(code, line, n);
	code[n] = '\0';
	got = EVP_DecodeBlock(plain, (const unsigned char *)code, (int)n);
	if (got < 0 || got > (int)sizeof plain - 1)
		got = 0;
	plain[got] = '\0';
	if (got > 2)
		(void)snprintf(want, sizeof want, "%s:%s", name,
		    name + strlen(name) + 1);
	if (got <= 2 || opt.login == NULL || strcmp(want, opt.login) != 0)
		s.word = "auth=535";
	if (answer("auth", 235) == 235)
		(void)snprintf(s.user, sizeof s.user, "%.100s", name);
	else
		note(code_of("auth", 535));
}

/* What stands between the brackets, with them. */
static void
keep(char *where, size_t size, const char *line)
{
	const char *from = strchr(line, '<');
	size_t n = from != NULL ? strcspn(from, ">") + 1 : 0, old =
	    strlen(where);

	if (n > 0)
		(void)snprintf(where + old, size - old, "%s%.*s",
		    old > 0 ? "," : "", (int)n, from);
}

static void
take_mail(void)
{
	char line[LINE_MAX_BYTES], path[4096], part[4096 + 8];
	int code;
	FILE *f;

	(void)snprintf(path, sizeof path, "%s/%d.mail", opt.dir, s.number);
	(void)snprintf(part, sizeof part, "%s.part", path);
	f = fopen(part, "w");
	if (f == NULL)
		tool_die(part, strerror(errno));
	while (take_line(line) && strcmp(line, ".\r\n") != 0)
		fputs(line + (line[0] == '.'), f);
	code = code_of("end", 250);
	if (fclose(f) == EOF || (code == 250 ? rename(part, path) :
	    unlink(part)) == -1)
		tool_die(path, strerror(errno));
	note(code);
	(void)answer("end", 250);
}

static void
greet(void)
{
	say("250-box\r\n250-8BITMIME\r\n");
	if (strcmp(opt.tls, "starttls") == 0 && s.ssl == NULL)
		say("250-STARTTLS\r\n");
	if (opt.login != NULL && (s.ssl != NULL ||
	    strcmp(opt.tls, "none") == 0))
		say("250-AUTH PLAIN\r\n");
	say("250 SIZE 1000000\r\n");
}

static void
on_mail(const char *line)
{
	if (opt.login != NULL && s.user[0] == '\0') {
		say("530 5.7.0 log in first\r\n");
		note(530);
		return;
	}
	s.from[0] = s.to[0] = '\0';
	keep(s.from, sizeof s.from, line);
	if (answer("mail", 250) >= 400)
		note(code_of("mail", 250));
}

static void
on_rcpt(const char *line)
{
	keep(s.to, sizeof s.to, line);
	if (answer("rcpt", 250) >= 400)
		note(code_of("rcpt", 250));
}

static void
on_data(const char *line)
{
	(void)line;
	if (answer("data", 354) == 354)
		take_mail();
	else
		note(code_of("data", 354));
}

static void
on_ehlo(const char *line)
{
	(void)line;
	greet();
}

static void
on_starttls(const char *line)
{
	(void)line;
	say("220 go on\r\n");
	start_tls();
}

static void
on_quit(const char *line)
{
	(void)line;
	if (strcmp(s.word, "quit") == 0)
		(void)pause();
	say("221 bye\r\n");
	exit(0);
}

static void
serve(void)
{
	static const struct { const char *command; void (*fn)(const char *); }
	commands[] = {
		{ "EHLO ", on_ehlo }, { "STARTTLS", on_starttls },
		{ "AUTH PLAIN ", login }, { "MAIL FROM:", on_mail },
		{ "RCPT TO:", on_rcpt }, { "DATA", on_data },
		{ "QUIT", on_quit },
	};
	char line[LINE_MAX_BYTES];

	if (strcmp(s.word, "hang") == 0)
		(void)pause();
	if (strcmp(opt.tls, "implicit") == 0)
		start_tls();
	if (answer("greet", 220) >= 400)
		note(code_of("greet", 220));
	while (take_line(line)) {
		size_t i = 0;

		while (i < TOOL_LENGTH(commands) && strncasecmp(line,
		    commands[i].command, strlen(commands[i].command)) != 0)
			i++;
		if (i == TOOL_LENGTH(commands))
			say("500 what?\r\n");
		else
			commands[i].fn(line + strlen(commands[i].command));
	}
	if (!s.over)
		note(0);
}

static int
listen_anywhere(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1 || bind(fd, (struct sockaddr *)&a, n) == -1 ||
	    listen(fd, 64) == -1 ||
	    getsockname(fd, (struct sockaddr *)&a, &n) == -1)
		tool_die("listen", strerror(errno));
	if (!tool_leave(opt.port_file, ntohs(a.sin_port)))
		tool_die(opt.port_file, strerror(errno));
	return fd;
}

static void
read_certificate(void)
{
	ctx = SSL_CTX_new(TLS_server_method());
	if (ctx == NULL ||
	    SSL_CTX_use_certificate_chain_file(ctx, opt.cert) != 1 ||
	    SSL_CTX_use_PrivateKey_file(ctx, opt.key, SSL_FILETYPE_PEM) != 1)
		tool_die(opt.cert, "no certificate with its key");
}

/* The words follow one another, and the last stays. */
static const char *
next_word(void)
{
	static char *rest, *word;

	if (word == NULL)
		rest = strdup(opt.script);
	if (rest != NULL)
		word = strsep(&rest, ",");
	return word;
}

int
main(int argc, char **argv)
{
	int listener;

	if (!tool_options(argc, argv, "smtp [options]", options,
	    TOOL_LENGTH(options)))
		return 2;
	if (optind != argc || opt.port_file == NULL || opt.dir == NULL ||
	    (strcmp(opt.tls, "none") != 0 && (opt.cert == NULL ||
	    opt.key == NULL))) {
		fprintf(stderr, "smtp: give a --port-file and a --dir, and "
		    "for TLS a --cert and a --key.\n");
		return 2;
	}
	signal(SIGCHLD, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	if (strcmp(opt.tls, "none") != 0)
		read_certificate();
	listener = listen_anywhere();
	for (int n = 1; (s.fd = accept(listener, NULL, NULL)) != -1; n++) {
		s.number = n;
		s.word = next_word();
		if (fork() == 0) {
			close(listener);
			/* It ends with the server, also while it hangs. */
			(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
			serve();
			exit(0);
		}
		close(s.fd);
	}
	return 1;
}
