/*
 * process - see process.h.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "collectors/probe/layout.h"
#include "collectors/process.h"

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

/* A word or a file; nothing that could be a password or a URL with one. */
static bool
is_harmless(const char *arg)
{
	return arg[0] != '\0' && arg[0] != '-' && strpbrk(arg, "=:@ ") == NULL;
}

/* A title may repeat the arguments: it ends before the first such word. */
static void
cut_title(char *text)
{
	for (char *at = strchr(text, ' '); at != NULL; at = strchr(at, ' ')) {
		size_t n = strcspn(++at, " ");
		char after = at[n];
		bool plain;

		at[n] = '\0';
		plain = at[0] != '-' && strpbrk(at, "=@") == NULL &&
		    strstr(at, "://") == NULL;
		at[n] = after;
		if (!plain) {
			at[-1] = '\0';
			return;
		}
	}
}

/* Bytes that are not plain text become '?': they go to terminals. */
static void
clean(char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			*text = '?';
}

void
process_command_parse(char *ret, size_t size, const char *bytes, size_t n)
{
	char text[256] = "";
	const char *first, *second = "";
	size_t len = n < sizeof text - 1 ? n : sizeof text - 1;

	memcpy(text, bytes, len);
	text[len] = '\0';
	/* A title that the program wrote itself ("puma: worker 2") has spaces
	 * and slashes of its own. */
	first = strchr(text, ' ') == NULL ? base_name(text) : text;
	if (strlen(text) + 1 < len)
		second = text + strlen(text) + 1;
	cut_title(text);
	if (is_harmless(second))
		(void)snprintf(ret, size, "%s %s", first, base_name(second));
	else
		(void)snprintf(ret, size, "%s", first);
	clean(ret);
}

static ssize_t
read_proc(int64_t pid, const char *what, char *bytes, size_t size)
{
	char path[64];
	ssize_t n;
	int fd;

	(void)snprintf(path, sizeof path, "/proc/%lld/%s", (long long)pid,
	    what);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return -1;
	n = read(fd, bytes, size);
	close(fd);
	return n;
}

void
process_command(int64_t pid, char *ret, size_t size)
{
	char bytes[256];
	ssize_t n;

	ret[0] = '\0';
	if (pid <= 0)
		return;
	n = read_proc(pid, "cmdline", bytes, sizeof bytes);
	if (n <= 0) {	/* a zombie, or a thread of the kernel */
		n = read_proc(pid, "comm", bytes, sizeof bytes);
		if (n > 0 && bytes[n - 1] == '\n')
			n--;
	}
	if (n > 0)
		process_command_parse(ret, size, bytes, (size_t)n);
}

uint64_t
process_started(int64_t pid)
{
	char text[1024];
	ssize_t n = read_proc(pid, "stat", text, sizeof text - 1);

	if (pid <= 0 || n <= 0)
		return 0;
	text[n] = '\0';
	return probe_start(text);
}

bool
process_is_of(int64_t pid, uid_t uid)
{
	char text[1024];
	ssize_t n = read_proc(pid, "status", text, sizeof text - 1);
	unsigned real, effective;
	const char *at;

	if (pid <= 0 || n <= 0)
		return false;
	text[n] = '\0';
	at = strstr(text, "\nUid:");
	return at != NULL &&
	    sscanf(at, " Uid: %u %u", &real, &effective) == 2 &&
	    uid == effective;
}

bool
process_is_litestream(const char *command)
{
	return strncmp(command, "litestream", strlen("litestream")) == 0;
}
