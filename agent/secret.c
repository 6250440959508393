/*
 * secret - see secret.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/buf.h"
#include "agent/err.h"
#include "agent/mem.h"
#include "agent/secret.h"

#define SECRET_MAX	4096	/* bytes */
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

/* O_NONBLOCK: a fifo under this name must not stop the loop. */
static int
open_regular(const char *path, struct stat *st, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd == -1)
		return err_set(e, "%s: %s", path, strerror(errno));
	if (fstat(fd, st) == 0 && S_ISREG(st->st_mode))
		return fd;
	close(fd);
	return err_set(e, "%s is not a regular file", path);
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

int
secret_read(char **ret, const char *path, struct err *e)
{
	char text[SECRET_MAX + 1];
	struct stat st;
	ssize_t n;
	int fd = open_regular(path, &st, e);

	if (fd == -1)
		return -1;
	n = read(fd, text, sizeof text);
	close(fd);
	if (n == -1)
		return err_set(e, "%s: %s", path, strerror(errno));
	if (n > SECRET_MAX)
		return err_set(e, "%s is longer than %d bytes", path,
		    SECRET_MAX);
	text[n] = '\0';
	*ret = trimmed(text);
	explicit_bzero(text, sizeof text);
	if (**ret != '\0')
		return 0;
	free(*ret);
	*ret = NULL;
	return err_set(e, "%s is empty", path);
}

int
secret_check_mode(const char *path, struct err *e)
{
	struct stat st;

	if (stat(path, &st) == -1 ||
	    (st.st_mode & (S_IRWXG | S_IRWXO)) == 0)
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
