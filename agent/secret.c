/*
 * secret - see secret.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/err.h"
#include "agent/mem.h"
#include "agent/secret.h"

#define FILE_MAX_BYTES	4096
#define BLANKS		" \t\r\n"

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
	char text[FILE_MAX_BYTES + 1];
	struct stat st;
	ssize_t n;
	int fd = open_regular(path, &st, e);

	if (fd == -1)
		return -1;
	n = read(fd, text, sizeof text);
	close(fd);
	if (n == -1)
		return err_set(e, "%s: %s", path, strerror(errno));
	if (n > FILE_MAX_BYTES)
		return err_set(e, "%s is longer than %d bytes", path,
		    FILE_MAX_BYTES);
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
