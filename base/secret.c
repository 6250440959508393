/*
 * secret - see secret.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/aside.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/secret.h"

#define SECRET_MAX	4096	/* bytes */
#define PATIENCE_MS	500	/* with its disk: the loop may wait here */
#define BLANKS		" \t\r\n"
#define CREDENTIAL	"credential:"
#define NAME_LETTERS	"ABCDEFGHIJKLMNOPQRSTUVWXYZ" \
			"abcdefghijklmnopqrstuvwxyz0123456789_"

void
secret_wipe(char *text)
{
	if (text != NULL)
		explicit_bzero(text, strlen(text));
	free(text);
}

/* A file, looked at aside: its disk may hang. */
struct look {
	struct aside	 aside;		/* first */
	char		*path;		/* owned */
	mode_t		 mode;
	bool		 regular;
	int		 error;		/* errno, or 0 */
	size_t		 n;		/* bytes; may be one too many */
	char		 text[SECRET_MAX + 1];
};

static void
look_free(struct aside *a)
{
	struct look *l = (struct look *)(void *)a;

	explicit_bzero(l->text, sizeof l->text);
	free(l->path);
	free(l);
}

/* O_NONBLOCK: a fifo under this name has no end. */
static void
look(struct aside *a)
{
	struct look *l = (struct look *)(void *)a;
	int fd = open(l->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	ssize_t n = 0;

	if (fd == -1 || fstat(fd, &st) == -1) {
		l->error = errno;
	} else {
		l->mode = st.st_mode;
		l->regular = S_ISREG(st.st_mode);
		n = l->regular ? read(fd, l->text, sizeof l->text) : 0;
	}
	if (n == -1)
		l->error = errno;
	else
		l->n = (size_t)n;
	if (fd != -1)
		close(fd);
}

/* NULL: the disk has not answered. */
static struct look *
look_at(const char *path, struct err *e)
{
	struct look *l;

	NEW(l);
	l->aside.work = look;
	l->aside.discard = look_free;
	l->path = mem_strdup(path);
	if (aside_run(&l->aside, path, PATIENCE_MS) == 0)
		return l;
	err_set(e, "%s: the disk does not answer", path);
	return NULL;
}

static char *
trimmed(char *text)
{
	size_t n;

	text += strspn(text, BLANKS);
	n = strlen(text);
	while (n > 0 && strchr(BLANKS, text[n - 1]) != NULL)
		n--;
	text[n] = '\0';
	return mem_strdup(text);
}

static int
check_look(const struct look *l, struct err *e)
{
	if (l->error != 0)
		return err_set(e, "%s: %s", l->path, strerror(l->error));
	if (!l->regular)
		return err_set(e, "%s is not a regular file", l->path);
	if (l->n > SECRET_MAX)
		return err_set(e, "%s is longer than %d bytes", l->path,
		    SECRET_MAX);
	return 0;
}

int
secret_read(char **ret, const char *path, struct err *e)
{
	struct look *l = look_at(path, e);
	char *text;

	if (l == NULL)
		return -1;
	if (check_look(l, e) == -1) {
		look_free(&l->aside);
		return -1;
	}
	l->text[l->n] = '\0';
	text = trimmed(l->text);
	look_free(&l->aside);
	if (*text != '\0') {
		*ret = text;
		return 0;
	}
	free(text);
	return err_set(e, "%s is empty", path);
}

/* What is wrong with it but that, secret_read() tells. */
int
secret_check_mode(const char *path, struct err *e)
{
	struct look *l = look_at(path, e);
	mode_t mode;

	if (l == NULL)
		return -1;
	mode = l->mode;
	look_free(&l->aside);
	if ((mode & (S_IRWXG | S_IRWXO)) == 0 || !S_ISREG(mode))
		return 0;
	return err_set(e, "%s holds a secret and others may open it: run "
	    "chmod 600 on it", path);
}

static int
read_credential(char **ret, const char *name, struct err *e)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY");
	char *path;
	int rc;

	if (*name == '\0' || strchr(name, '/') != NULL ||
	    strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return err_set(e, CREDENTIAL "NAME needs the name of one of "
		    "systemd's credentials, without a slash");
	if (dir == NULL || *dir == '\0')
		return err_set(e, CREDENTIAL "%s: $CREDENTIALS_DIRECTORY is "
		    "not set, as systemd does for a unit with LoadCredential=",
		    name);
	path = mem_printf("%s/%s", dir, name);
	rc = secret_read(ret, path, e);
	free(path);
	return rc;
}

/* The variable whose name begins here; *length is that of the name. */
static int
add_variable(struct buf *b, const char *name, size_t *length, struct err *e)
{
	size_t n = strspn(name, NAME_LETTERS);
	const char *text;
	char *copy;

	if (n == 0 || name[n] != '}')
		return err_set(e, "after ${ comes the name of an environment "
		    "variable and a }; write $$ for a dollar");
	copy = mem_printf("%.*s", (int)n, name);
	text = getenv(copy);
	if (text == NULL)
		err_set(e, "the environment variable %s is not set", copy);
	else
		buf_adds(b, text);
	free(copy);
	*length = n;
	return text != NULL ? 0 : -1;
}

static int
expand(struct buf *b, const char *said, struct err *e)
{
	size_t n = 0;

	for (const char *c = said; *c != '\0'; c++) {
		if (strncmp(c, "${", 2) == 0) {
			if (add_variable(b, c + 2, &n, e) == -1)
				return -1;
			c += n + 2;
			continue;
		}
		buf_add(b, c, 1);
		c += strncmp(c, "$$", 2) == 0;
	}
	return buf_ok(b) ? 0 : err_set(e, "it is longer than %d bytes",
	    SECRET_MAX);
}

int
secret_text(char **ret, const char *said, struct err *e)
{
	struct buf b;
	char *text;

	if (strncmp(said, CREDENTIAL, strlen(CREDENTIAL)) == 0)
		return read_credential(ret, said + strlen(CREDENTIAL), e);
	buf_init(&b, SECRET_MAX);
	if (expand(&b, said, e) == 0) {
		*ret = buf_take(&b);
		return 0;
	}
	text = buf_take(&b);
	secret_wipe(text);
	return -1;
}
