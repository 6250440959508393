/*
 * credentials - see credentials.h.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "litestream/credentials.h"
#include "litestream/peek.h"

/* The values of one profile; owned. */
struct profile {
	char	*access_key, *secret_key, *session_token;
};

static const struct {
	const char	*key;
	size_t		 offset;
} keys[] = {
	{ "aws_access_key_id",	   offsetof(struct profile, access_key) },
	{ "aws_secret_access_key", offsetof(struct profile, secret_key) },
	{ "aws_session_token",	   offsetof(struct profile, session_token) },
};

static const char *
env_of(const struct plan_source *s, const char *name)
{
	return s->env != NULL ? s->env(s->arg, name) : NULL;
}

/* The first that is set counts, even when it is empty. */
static const char *
first_of(const struct plan_source *s, const char *const *names)
{
	for (; *names != NULL; names++) {
		const char *value = env_of(s, *names);

		if (value != NULL)
			return value;
	}
	return NULL;
}

static bool
is_said(const char *text)
{
	return text != NULL && text[0] != '\0';
}

static bool
is_from_env(struct replica *r, const struct plan_source *s)
{
	static const char *const access[] = { "AWS_ACCESS_KEY_ID",
	    "LITESTREAM_ACCESS_KEY_ID", "AWS_ACCESS_KEY", NULL };
	static const char *const secret[] = { "AWS_SECRET_ACCESS_KEY",
	    "LITESTREAM_SECRET_ACCESS_KEY", "AWS_SECRET_KEY", NULL };
	const char *a = first_of(s, access), *b = first_of(s, secret);
	const char *token = env_of(s, "AWS_SESSION_TOKEN");

	if (!is_said(a) || !is_said(b))
		return false;
	r->access_key = mem_strdup(a);
	r->secret_key = mem_strdup(b);
	r->session_token = is_said(token) ? mem_strdup(token) : NULL;
	return true;
}

/* The line without blanks around it, cut in place. */
static char *
trim(char *text)
{
	char *end = text + strlen(text);

	while (isspace((unsigned char)*text))
		text++;
	while (end > text && isspace((unsigned char)end[-1]))
		*--end = '\0';
	return text;
}

static void
set_key(struct profile *p, char *line)
{
	char *value = strchr(line, '=');

	if (value == NULL)
		return;
	*value++ = '\0';
	line = trim(line);
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		char **at = (char **)(void *)((char *)p + keys[i].offset);

		if (strcasecmp(line, keys[i].key) != 0)
			continue;
		free(*at);
		*at = mem_strdup(trim(value));
	}
}

static bool
is_profile(char *line, const char *name)
{
	char *end = strchr(line, ']');

	if (end == NULL)
		return false;
	*end = '\0';
	return strcmp(trim(line + 1), name) == 0;
}

static void
read_profile(struct profile *ret, char *text, const char *name)
{
	bool inside = false;
	char *line;

	while ((line = strsep(&text, "\n")) != NULL) {
		line = trim(line);
		if (line[0] == '[')
			inside = is_profile(line, name);
		else if (inside && line[0] != '#' && line[0] != ';')
			set_key(ret, line);
	}
}

/* AWS_SHARED_CREDENTIALS_FILE, or in the home directory; NULL: neither. */
static char *
file_of(const struct plan_source *s)
{
	const char *file = env_of(s, "AWS_SHARED_CREDENTIALS_FILE");
	const char *home = env_of(s, "HOME");

	if (is_said(file))
		return file[0] == '/' ? mem_strdup(file) :
		    mem_printf("%s/%s", s->cwd, file);
	home = is_said(home) ? home : s->home;
	return home != NULL ? mem_printf("%s/.aws/credentials", home) : NULL;
}

static void
find_in_file(struct replica *r, const struct plan_source *s)
{
	static const char *const names[] = { "AWS_PROFILE",
	    "AWS_DEFAULT_PROFILE", NULL };
	const struct peek peek = { s->root, s->uid, s->gid };
	const char *name = first_of(s, names);
	char *file = file_of(s), *text;
	struct profile p = { 0 };
	struct err ignored;	/* to have none is the rule */
	size_t n;

	if (file != NULL && peek_read(&text, &n, CREDENTIALS_MAX_FILE, &peek,
	    file, &ignored) == 0) {
		read_profile(&p, text, is_said(name) ? name : "default");
		explicit_bzero(text, n);
		free(text);
	}
	free(file);
	r->access_key = p.access_key;
	r->secret_key = p.secret_key;
	r->session_token = p.session_token;
}

void
credentials_find(struct replica *r, const char *access_key,
    const char *secret_key, const struct plan_source *s)
{
	if (is_said(access_key) && is_said(secret_key)) {
		r->access_key = mem_strdup(access_key);
		r->secret_key = mem_strdup(secret_key);
		return;
	}
	if (!is_from_env(r, s))
		find_in_file(r, s);
}
