/*
 * litestream_process - see litestream_process.h.
 */
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "litestream/litestream_process.h"
#include "litestream/peek.h"

#define MAX_PASSWD	(1u << 20)
#define MAX_STATUS	65536u

/* A link in the process's directory; false: closed, or gone. */
static bool
read_link(char ret[PATH_MAX], const char *dir, const char *name)
{
	char path[PATH_MAX];
	ssize_t n;

	if ((size_t)snprintf(path, sizeof path, "%s/%s", dir, name) >=
	    sizeof path)
		return false;
	n = readlink(path, ret, PATH_MAX - 1);
	if (n <= 0)
		return false;
	ret[n] = '\0';
	return true;
}

/* NULL: closed, gone, or larger than the limit. */
static char *
read_file(const char *dir, const char *name, size_t limit, size_t *n)
{
	const struct peek ours = { .root = "" };
	char *path = mem_printf("%s/%s", dir, name), *ret = NULL;
	struct err ignored;	/* what is closed is simply not known */

	if (peek_read(&ret, n, limit, &ours, path, &ignored) == -1)
		ret = NULL;
	free(path);
	return ret;
}

static bool
is_called_litestream(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash != NULL ? slash + 1 : path;

	/* "litestream-0.5.17" is one as well. */
	return strncmp(base, "litestream", strlen("litestream")) == 0;
}

/* Go's flags; all that take a word after them. */
static bool
takes_word(const char *flag, size_t n)
{
	static const char *const flags[] = { "config", "exec", "log-level" };

	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
		if (strlen(flags[i]) == n && memcmp(flags[i], flag, n) == 0)
			return true;
	return false;
}

/* False as Go's strconv.ParseBool has it. */
static bool
is_false(const char *value)
{
	static const char *const words[] = { "0", "f", "F", "false", "FALSE",
	    "False" };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcmp(value, words[i]) == 0)
			return true;
	return false;
}

/* value: after "=", or the next word, or NULL. */
static void
set_flag(struct litestream_process *p, const char *name, size_t n,
    const char *value)
{
	if (n == strlen("config") && strncmp(name, "config", n) == 0)
		p->config = value;
	else if (n == strlen("no-expand-env") &&
	    strncmp(name, "no-expand-env", n) == 0)
		p->expand = value != NULL && is_false(value);
}

/* Flags end at the first word that is none, or after "--". */
static size_t
take_flags(struct litestream_process *p, const char *const *words, size_t n)
{
	size_t i = 0;

	while (i < n && words[i][0] == '-' && words[i][1] != '\0') {
		const char *name = words[i] + 1, *value;
		size_t len;

		name += name[0] == '-';
		if (name[0] == '\0')
			return i + 1;
		len = strcspn(name, "=");
		value = name[len] == '=' ? name + len + 1 : NULL;
		if (value == NULL && takes_word(name, len) && i + 1 < n)
			value = words[++i];
		set_flag(p, name, len, value);
		i++;
	}
	return i;
}

/* Words end in NUL; more than PROCESS_MAX_WORDS are left out. */
static size_t
split(const char *words[PROCESS_MAX_WORDS + 2], const char *bytes, size_t n)
{
	size_t count = 0;

	for (const char *at = bytes; at < bytes + n &&
	    count < PROCESS_MAX_WORDS + 1; at += strlen(at) + 1)
		words[count++] = at;
	return count;
}

static bool
read_args(struct litestream_process *p, const char *dir)
{
	const char *words[PROCESS_MAX_WORDS + 2];
	char exe[PATH_MAX];
	size_t n, first;

	p->args = read_file(dir, "cmdline", PROCESS_MAX_ARGS, &n);
	if (p->args == NULL)
		return false;
	n = split(words, p->args, n);
	if (n < 2 || strcmp(words[1], "replicate") != 0 ||
	    (!is_called_litestream(words[0]) &&
	    !(read_link(exe, dir, "exe") && is_called_litestream(exe))))
		return false;
	p->expand = true;
	first = 2 + take_flags(p, words + 2, n - 2);
	for (size_t i = first; i < n && i - first < PROCESS_MAX_WORDS - 1; i++)
		p->words[i - first] = words[i];
	return true;
}

/* As root or we own it, and nobody else may write it. */
static bool
is_ours(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && !S_ISLNK(st.st_mode) &&
	    (st.st_uid == 0 || st.st_uid == geteuid()) &&
	    (st.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

/* A file and every directory above it. */
static bool
is_safe(const char *path)
{
	char *at = mem_strdup(path), *slash;
	bool safe = path[0] == '/' && is_ours("/") && is_ours(path);

	while (safe && (slash = strrchr(at, '/')) != at) {
		*slash = '\0';
		safe = is_ours(at);
	}
	free(at);
	return safe;
}

static char *
program_of(const struct litestream_process *p, const char *dir)
{
	char exe[PATH_MAX];

	if (p->root[0] != '\0' || !read_link(exe, dir, "exe") ||
	    !is_called_litestream(exe) || !is_safe(exe))
		return NULL;
	return mem_strdup(exe);
}

/* The home of a user in the text of a passwd(5); NULL: none is told. */
static char *
home_in(char *text, size_t n, uid_t uid)
{
	FILE *f = n > 0 ? fmemopen(text, n, "r") : NULL;
	char line[PATH_MAX + 1024], *ret = NULL;
	struct passwd one = { 0 }, *found;

	while (f != NULL && ret == NULL &&
	    fgetpwent_r(f, &one, line, sizeof line, &found) == 0)
		if (found->pw_uid == uid)
			ret = mem_strdup(found->pw_dir);
	if (f != NULL)
		(void)fclose(f);	/* nothing was written */
	return ret;
}

/* As Go looks it up: /etc/passwd, and then HOME. */
static char *
home_of(const struct litestream_process *p)
{
	const struct peek peek = { .root = p->root };
	const char *home = litestream_process_env(p, "HOME");
	char *ret = NULL, *text;
	struct err ignored;	/* without one there is HOME */
	size_t n;

	if (peek_read(&text, &n, MAX_PASSWD, &peek, "/etc/passwd",
	    &ignored) == 0) {
		ret = home_in(text, n, p->uid);
		free(text);
	}
	if (ret == NULL && home != NULL && home[0] != '\0')
		ret = mem_strdup(home);
	return ret;
}

/* Files of another mount namespace are reached through its root. */
static char *
root_of(const char *proc, const char *dir)
{
	char self[PATH_MAX], ours[PATH_MAX], its[PATH_MAX];

	if ((size_t)snprintf(self, sizeof self, "%s/self", proc) <
	    sizeof self && read_link(ours, self, "ns/mnt") &&
	    read_link(its, dir, "ns/mnt") && strcmp(ours, its) != 0)
		return mem_printf("%s/root", dir);
	return mem_strdup("");
}

/* The second number of a line such as "Uid:\t0\t0\t0\t0"; nobody's without
 * one.  Not the directory's owner: that is root as soon as a process wants. */
static unsigned
effective(const char *status, const char *name)
{
	const char *line = status != NULL ? strstr(status, name) : NULL;
	unsigned real, ret;

	return line != NULL && sscanf(line + strlen(name), "%u %u", &real,
	    &ret) == 2 ? ret : UINT_MAX;
}

static void
read_owner(struct litestream_process *p, const char *dir)
{
	size_t n;
	char *status = read_file(dir, "status", MAX_STATUS, &n);

	p->uid = (uid_t)effective(status, "\nUid:");
	p->gid = (gid_t)effective(status, "\nGid:");
	free(status);
}

bool
litestream_process_read(struct litestream_process *ret, const char *proc,
    const char *pid)
{
	struct litestream_process p = { .pid = strtoll(pid, NULL, 10) };
	char *dir = mem_printf("%s/%s", proc, pid);
	char cwd[PATH_MAX];

	if (!read_args(&p, dir)) {
		free(dir);
		litestream_process_done(&p);
		return false;
	}
	read_owner(&p, dir);
	p.root = root_of(proc, dir);
	p.environ = read_file(dir, "environ", PROCESS_MAX_ENVIRON,
	    &p.environ_bytes);
	if (read_link(cwd, dir, "cwd") && cwd[0] == '/')
		p.cwd = mem_strdup(cwd);
	p.home = home_of(&p);
	p.program = program_of(&p, dir);
	free(dir);
	*ret = p;
	return true;
}

void
litestream_process_done(struct litestream_process *p)
{
	if (p->environ != NULL)
		explicit_bzero(p->environ, p->environ_bytes);
	free(p->environ);
	free(p->root);
	free(p->cwd);
	free(p->home);
	free(p->program);
	free(p->args);
	*p = (struct litestream_process){ 0 };
}

const char *
litestream_process_env(const struct litestream_process *p, const char *name)
{
	size_t n = strlen(name);

	if (p->environ == NULL)
		return NULL;
	for (const char *at = p->environ; at < p->environ + p->environ_bytes;
	    at += strlen(at) + 1)
		if (strncmp(at, name, n) == 0 && at[n] == '=')
			return at + n + 1;
	return NULL;
}
