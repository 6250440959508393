/*
 * culprit - see culprit.h.
 */
#include <stdio.h>
#include <string.h>

#include "base/culprit.h"

const char *
culprit_text(char text[CULPRIT_TEXT_MAX], const struct culprit *c)
{
	if (c->pid == 0)
		(void)snprintf(text, CULPRIT_TEXT_MAX,
		    "a process in another PID namespace");
	else if (c->pid < 0)
		(void)snprintf(text, CULPRIT_TEXT_MAX,
		    "a process that the kernel does not name");
	else if (c->command[0] == '\0')
		(void)snprintf(text, CULPRIT_TEXT_MAX, "PID %lld",
		    (long long)c->pid);
	else
		(void)snprintf(text, CULPRIT_TEXT_MAX, "PID %lld (%s)",
		    (long long)c->pid, c->command);
	return text;
}

bool
culprit_is_litestream(const struct culprit *c)
{
	size_t n = strcspn(c->command, " ");
	const char *name = memrchr(c->command, '/', n);

	name = name != NULL ? name + 1 : c->command;
	return strncmp(name, "litestream", strlen("litestream")) == 0;
}
