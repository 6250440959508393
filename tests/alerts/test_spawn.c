/*
 * spawn: programs that read, that do not, that hang, that chatter, that die.
 */
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "alerts/receiver.h"
#include "alerts/spawn.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/loop.h"
#include "base/mem.h"

#define COUNT(a)	(sizeof (a) / sizeof *(a))
#define MUCH		300000	/* more than a pipe holds */

struct outcome {
	struct loop	*loop;
	int		 calls, status, timed_out;
	char		 said[SPAWN_SAID_MAX], error[200];
	unsigned	 ticks;
	struct loop_timer tick;
};

static char dir[] = "/tmp/litegauge-spawn-XXXXXX";

static void
on_done(void *arg, int status, const char *said, const char *error,
    int timed_out)
{
	struct outcome *o = arg;

	o->calls++;
	o->status = status;
	o->timed_out = timed_out;
	snprintf(o->said, sizeof o->said, "%s", said);
	snprintf(o->error, sizeof o->error, "%s", error != NULL ? error : "");
	loop_stop(o->loop);
}

static void
on_tick(void *arg)
{
	struct outcome *o = arg;

	o->ticks++;
	loop_timer_set(o->loop, &o->tick, mono_ms() + 10);
}

static struct outcome
outcome_new(void)
{
	struct outcome o = { 0 };
	struct err e;

	o.loop = loop_new(&e);
	assert_non_null(o.loop);
	return o;
}

/* Until it has ended; meanwhile the loop goes on. */
static struct outcome
run(const char *command, const char *input, int64_t limit_ms)
{
	struct outcome o = outcome_new();
	struct request q = {
		.kind = REQUEST_EXEC, .url = mem_strdup(command),
		.body = mem_strdup(input),
	};
	struct err e;

	request_header(&q, "LITEGAUGE_DB=%s", "a b\"c");
	o.tick = (struct loop_timer){ .fn = on_tick, .arg = &o };
	spawn_start(o.loop, &q, limit_ms, on_done, &o);
	assert_int_equal(o.calls, 0);	/* never before we are back */
	loop_timer_set(o.loop, &o.tick, mono_ms());
	assert_int_equal(loop_run(o.loop, &e), 0);
	loop_timer_clear(o.loop, &o.tick);
	assert_int_equal(o.calls, 1);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);	/* no zombie */
	request_done(&q);
	loop_free(o.loop);
	return o;
}

static const struct {
	const char	*command;
	int		 status;
	const char	*said, *error;
} rows[] = {
	{ "/bin/true", 0, "", "" },
	{ "true", 0, "", "" },
	{ "/bin/false", 1, "", "" },
	{ "/bin/sh -c 'exit 75'", 75, "", "" },
	{ "/bin/sh -c 'echo heard >&2; echo lost; exit 3'", 3, "heard\n", "" },
	{ "/bin/sh -c 'kill -9 $$'", 0, "", "killed by signal 9" },
	{ "/bin/sh -c 'exec <&-; sleep 0.1'", 0, "", "" },
	{ "/nowhere/at/all", 1, "", "cannot be run: No such file" },
	{ "/etc/passwd", 1, "", "cannot be run: Permission denied" },
	{ "no-such-program-anywhere", 1, "", "cannot be run: No such file" },
	{ "/bin/sh -c 'half", 0, "", "within quotes" },
	{ "/bin/sh -c 'echo $LITEGAUGE_DB >&2'", 0, "a b\"c\n", "" },
	{ "/bin/sh -c 'pwd >&2; umask >&2'", 0, "/\n0077\n", "" },
	{ "/bin/sh -c 'trap >&2; kill -PIPE $$'", 0, "", "signal 13" },
};

static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct outcome o = run(rows[i].command, "{}", 10000);

		if (strstr(o.error, rows[i].error) == NULL ||
		    (rows[i].error[0] == '\0' && o.error[0] != '\0'))
			fail_msg("%s: %s", rows[i].command, o.error);
		if (rows[i].error[0] != '\0')
			continue;
		assert_int_equal(o.status, rows[i].status);
		assert_string_equal(o.said, rows[i].said);
		assert_int_equal(o.timed_out, 0);
	}
}

/* It all arrives, however slowly it is read. */
static void
test_input(void **state)
{
	char *much = mem_new(MUCH + 1, 1), *command;
	struct outcome o;
	struct stat st;

	(void)state;
	memset(much, 'x', MUCH);
	command = mem_printf("/bin/sh -c 'sleep 0.1; cat >\"$1\"' sh %s/in",
	    dir);
	o = run(command, much, 10000);
	assert_string_equal(o.error, "");
	assert_int_equal(o.status, 0);
	assert_true(o.ticks > 3);
	free(command);
	command = mem_printf("%s/in", dir);
	assert_int_equal(stat(command, &st), 0);
	assert_int_equal(st.st_size, MUCH);
	assert_int_equal(unlink(command), 0);
	free(command);
	/* Nor is it an error when nobody reads it. */
	o = run("/bin/true", much, 10000);
	assert_string_equal(o.error, "");
	assert_int_equal(o.status, 0);
	free(much);
}

static void
test_chatter(void **state)
{
	struct outcome o = run("/bin/sh -c 'yes | head -c 300000 >&2; yes | "
	    "head -c 300000; exit 4'", "", 10000);

	(void)state;
	assert_int_equal(o.status, 4);
	assert_int_equal(strlen(o.said), SPAWN_SAID_MAX - 1);
}

/* One that never stops talking keeps nobody from anything, nor does what it
 * leaves behind. */
static void
test_flood(void **state)
{
	static const char *const commands[] = {
		"/bin/sh -c 'yes >&2'",
		"/bin/sh -c 'yes >&2 & yes >&2 & yes >&2 & wait'",
	};
	struct outcome o;

	(void)state;
	for (size_t i = 0; i < COUNT(commands); i++) {
		int64_t began = mono_ms();

		o = run(commands[i], "", 500);
		assert_in_range(mono_ms() - began, 500, 2500);
		assert_int_equal(o.timed_out, 1);
		assert_true(o.ticks > 10);
	}
	o = run("/bin/sh -c 'yes >&2 & yes >&2 & sleep 0.3; exit 5'", "",
	    10000);
	assert_int_equal(o.status, 5);
	assert_true(o.ticks > 5);
}

/* It sees what it is told and nothing of ours: no secret, no open file. */
static void
test_surroundings(void **state)
{
	int fd = open("/etc/passwd", O_RDONLY);	/* without O_CLOEXEC */
	char *command;
	struct outcome o;

	(void)state;
	assert_true(fd > 2);
	assert_int_equal(setenv("SECRET_OF_OURS", "s3cr3t", 1), 0);
	o = run("/usr/bin/env -u nothing", "", 10000);
	assert_string_equal(o.error, "");
	o = run("/bin/sh -c 'env | cut -d= -f1 | grep -v _$ | sort | xargs "
	    ">&2'", "", 10000);
	assert_string_equal(o.said, "HOME LANG LITEGAUGE_DB PATH PWD\n");
	command = mem_printf("/bin/sh -c 'test -e /proc/self/fd/%d'", fd);
	o = run(command, "", 10000);
	assert_int_equal(o.status, 1);
	free(command);
	close(fd);
}

/* Every close_range() fails from here on, as it does in old kernels. */
static void
become_old(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_close_range, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { COUNT(code), code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == -1)
		_exit(99);
}

static void
test_old_kernel(void **state)
{
	int fd = open("/etc/passwd", O_RDONLY), status;
	char *command = mem_printf("/bin/sh -c 'test -e /proc/self/fd/%d'",
	    fd);
	pid_t pid = fork();

	(void)state;
	assert_true(fd > 2 && pid != -1);
	if (pid == 0) {
		become_old();
		_exit(run(command, "", 10000).status);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 1);
	free(command);
	close(fd);
}

/* SIGTERM at the limit, to all of its group. */
static void
test_limit(void **state)
{
	int64_t began = mono_ms();
	struct outcome o = run("/bin/sh -c 'sleep 60 & sleep 60'", "", 150);

	(void)state;
	assert_true(mono_ms() - began < 3000);
	assert_int_equal(o.timed_out, 1);
	assert_non_null(strstr(o.error, "took too long"));
	assert_true(o.ticks > 5);
	/* One that ends well after that is late all the same. */
	o = run("/bin/sh -c 'trap \"exit 0\" TERM; while :; do sleep 0.05; "
	    "done'", "", 150);
	assert_int_equal(o.timed_out, 1);
}

/* One that is deaf to SIGTERM is killed. */
static void
test_deaf(void **state)
{
	int64_t began = mono_ms();
	struct outcome o = run("/bin/sh -c 'trap \"\" TERM; while :; do "
	    "sleep 0.05; done'", "", 100);

	(void)state;
	assert_in_range(mono_ms() - began, SPAWN_GRACE_MS,
	    SPAWN_GRACE_MS + 3000);
	assert_non_null(strstr(o.error, "took too long"));
}

/* What it leaves behind ends with it. */
static void
test_leftovers(void **state)
{
	struct outcome o = run("/bin/sh -c 'sleep 60 & echo $! >&2'", "",
	    10000);
	pid_t left = (pid_t)strtol(o.said, NULL, 10);

	(void)state;
	assert_true(left > 1);
	for (int i = 0; i < 100 && kill(left, 0) == 0; i++) {
		char path[64], state_of[256] = "";
		FILE *f;

		/* Whoever inherited it may not have reaped it yet. */
		snprintf(path, sizeof path, "/proc/%d/stat", (int)left);
		f = fopen(path, "r");
		if (f == NULL || fgets(state_of, sizeof state_of, f) == NULL ||
		    strstr(state_of, ") Z") != NULL)
			i = 1000;
		if (f != NULL)
			fclose(f);
		usleep(20000);
		if (i == 99)
			fail_msg("it still runs: %s", state_of);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_input),
		cmocka_unit_test(test_chatter),
		cmocka_unit_test(test_flood),
		cmocka_unit_test(test_surroundings),
		cmocka_unit_test(test_old_kernel),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_deaf),
		cmocka_unit_test(test_leftovers),
	};
	int rc;

	signal(SIGPIPE, SIG_IGN);	/* as the agent does */
	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (mkdtemp(dir) == NULL)
		return 1;
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	(void)rmdir(dir);
	return rc;
}
