/*
 * bucket - a server in a directory, a client of it, and what it was told last.
 */
#ifndef TESTS_LITESTREAM_BUCKET_H
#define TESTS_LITESTREAM_BUCKET_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/loop.h"
#include "base/mem.h"
#include "base/wire.h"
#include "litestream/s3.h"

#define ACCESS		"AKIDLITEGAUGE"
#define SECRET		"s3cr3t/+key"

extern char **environ;

struct world {
	char		 dir[64];
	pid_t		 pid;
	int		 port;
	struct loop	*loop;
	struct wire	*wire;
	struct replica	 replica;
	struct s3	*s3;
	struct loop_timer patience;

	int		 calls;
	struct s3_answer answer;	/* but for what it points to */
	char		 why[512];
	char		 keys[4096];	/* each followed by a space */
	char		 prefixes[1024];
	char		 body[256];
	size_t		 nbody, enough;
};

static inline void
put(struct world *w, const char *name, const char *text)
{
	char *path = mem_printf("%s/%s", w->dir, name);
	FILE *f;

	for (char *at = path + 1; (at = strchr(at, '/')) != NULL; at++) {
		*at = '\0';
		(void)mkdir(path, 0700);
		*at = '/';
	}
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	free(path);
}

static inline void
control(struct world *w, const char *text)
{
	put(w, "control", text);
}

static inline void
start_server(struct world *w)
{
	const char *tools = getenv("TOOLS");
	char *program = mem_printf("%s/s3", tools ? tools : "build/tools");
	char *port_file = mem_printf("%s/port", w->dir);
	char *dir = mem_printf("%s/objects", w->dir);
	char *control_file = mem_printf("%s/control", w->dir);
	char *log = mem_printf("%s/log", w->dir);
	const char *const argv[] = { program, "--port-file", port_file,
	    "--dir", dir, "--bucket", "pail", "--access-key", ACCESS,
	    "--secret-key", SECRET, "--control", control_file, "--log", log,
	    NULL };
	FILE *f;

	assert_int_equal(posix_spawn(&w->pid, program, NULL, NULL,
	    (char *const *)(uintptr_t)argv, environ), 0);
	while ((f = fopen(port_file, "r")) == NULL) {
		assert_int_equal(waitpid(w->pid, NULL, WNOHANG), 0);
		usleep(5000);
	}
	assert_int_equal(fscanf(f, "%d", &w->port), 1);
	fclose(f);
	free(program);
	free(port_file);
	free(dir);
	free(control_file);
	free(log);
}

static inline void
on_patience(void *arg)
{
	struct world *w = arg;

	fprintf(stderr, "nobody answered\n");
	loop_stop(w->loop);
}

static inline int
setup(void **state)
{
	struct world *w;
	struct err e;

	NEW(w);
	memcpy(w->dir, "/tmp/litegauge-s3-XXXXXX", 25);
	assert_non_null(mkdtemp(w->dir));
	start_server(w);
	w->patience = (struct loop_timer){ .fn = on_patience, .arg = w };
	w->loop = loop_new(&e);
	w->wire = wire_new(w->loop);
	w->replica = (struct replica){ .type = REPLICA_S3, .path_style = true,
	    .bucket = mem_strdup("pail"), .access_key = mem_strdup(ACCESS),
	    .secret_key = mem_strdup(SECRET),
	    .endpoint = mem_printf("http://127.0.0.1:%d", w->port) };
	w->s3 = s3_new(w->wire, &w->replica);
	*state = w;
	return 0;
}

static inline int
teardown(void **state)
{
	struct world *w = *state;
	char *command[] = { (char[]){ "rm" }, (char[]){ "-rf" }, w->dir, NULL };
	pid_t pid;

	s3_free(w->s3);
	wire_free(w->wire);
	loop_free(w->loop);
	replica_done(&w->replica);
	kill(w->pid, SIGTERM);
	waitpid(w->pid, NULL, 0);
	assert_int_equal(posix_spawnp(&pid, "rm", NULL, NULL, command,
	    environ), 0);
	waitpid(pid, NULL, 0);
	free(w);
	return 0;
}

/* The client again, after the replica was changed. */
static inline void
again(struct world *w)
{
	s3_free(w->s3);
	w->s3 = s3_new(w->wire, &w->replica);
}

static inline void
set(char **field, const char *text)
{
	free(*field);
	*field = text != NULL ? mem_strdup(text) : NULL;
}

static inline bool
on_body(void *arg, const unsigned char *data, size_t n)
{
	struct world *w = arg;
	size_t room = sizeof w->body - 1 - w->nbody;

	memcpy(w->body + w->nbody, data, n < room ? n : room);
	w->nbody += n < room ? n : room;
	return w->enough == 0 || w->nbody < w->enough;
}

static inline void
on_answer(void *arg, const struct s3_answer *a)
{
	struct world *w = arg;

	w->calls++;
	w->answer = *a;
	snprintf(w->why, sizeof w->why, "%s", a->why != NULL ? a->why : "");
	w->keys[0] = w->prefixes[0] = '\0';
	for (size_t i = 0, n = 0; i < a->nobjects && n < 4000; i++)
		n += (size_t)snprintf(w->keys + n, sizeof w->keys - n, "%s ",
		    a->objects[i].key);
	for (size_t i = 0, n = 0; i < a->nprefixes && n < 1000; i++)
		n += (size_t)snprintf(w->prefixes + n, sizeof w->prefixes - n,
		    "%s ", a->prefixes[i]);
	assert_true((a->fault == S3_FINE) == (a->why == NULL));
	assert_null(strstr(w->why, ACCESS));
	assert_null(strstr(w->why, SECRET));
	assert_null(strstr(w->why, "Signature="));
	assert_null(strchr(w->why, '?'));
	loop_stop(w->loop);
}

static inline enum s3_fault
ask(struct world *w, const struct s3_question *q)
{
	struct err e;

	w->calls = 0;
	w->nbody = 0;
	memset(w->body, 0, sizeof w->body);
	s3_ask(w->s3, q, on_answer, w);
	assert_int_equal(w->calls, 0);
	loop_timer_set(w->loop, &w->patience, mono_ms() + 20000);
	assert_int_equal(loop_run(w->loop, &e), 0);
	loop_timer_clear(w->loop, &w->patience);
	assert_int_equal(w->calls, 1);
	return w->answer.fault;
}

static inline enum s3_fault
head(struct world *w, const char *key)
{
	return ask(w, &(struct s3_question){ .method = S3_HEAD, .key = key });
}

static inline enum s3_fault
get(struct world *w, const char *key, int64_t max_bytes)
{
	return ask(w, &(struct s3_question){ .method = S3_GET, .key = key,
	    .max_bytes = max_bytes, .body = on_body });
}

static inline enum s3_fault
list(struct world *w, const char *prefix, const char *start_after,
    char delimiter, unsigned max_keys)
{
	return ask(w, &(struct s3_question){ .method = S3_LIST, .key = prefix,
	    .start_after = start_after, .delimiter = delimiter,
	    .max_keys = max_keys });
}

#define STORY(fn)	cmocka_unit_test_setup_teardown(fn, setup, teardown)

#endif
