/*
 * child - see child.h.
 *
 * Between fork(2) and exec the child calls only what is safe there although the
 * agent has threads.  Why exec failed comes back through a pipe that a
 * successful exec closes.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/child.h"
#include "agent/err.h"
#include "agent/mem.h"

#define IOPRIO_WHO_PROCESS	1
#define IOPRIO_IDLE		(3 << 13)
#define NICEST			19
#define DEFAULT_PATH		"/usr/local/bin:/usr/bin:/bin"

void
child_step_back(void)
{
	/* Each is a courtesy; a kernel that refuses it is no failure. */
	(void)setpriority(PRIO_PROCESS, 0, NICEST);
	(void)syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_IDLE);
}

static void
be_first_to_go(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd == -1)
		return;
	if (write(fd, "1000", 4) == -1)
		(void)0;	/* the kernel chooses by itself, then */
	close(fd);
}

static void
reset_signals(void)
{
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++)
		(void)signal(sig, SIG_DFL);	/* not all may be set */
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* For good, and before anything of that user's is looked at. */
static int
drop(const struct child_plan *p)
{
	return setgroups(0, NULL) == -1 || setgid(p->gid) == -1 ||
	    setuid(p->uid) == -1 ? -1 : 0;
}

static int
become(const struct child_plan *p, const char *path, pid_t parent, int out)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)setpgid(0, 0);
	reset_signals();
	child_step_back();
	be_first_to_go();
	if (p->drop && drop(p) == -1)
		return -1;
	/* Not before: a change of user forgets it. */
	(void)prctl(PR_SET_PDEATHSIG, p->death);
	if (getppid() != parent)
		_exit(EXIT_FAILURE);	/* it died before that was heard */
	(void)umask(077);
	if (null == -1 || dup2(null, STDIN_FILENO) == -1 ||
	    dup2(out, STDOUT_FILENO) == -1 || dup2(out, STDERR_FILENO) == -1 ||
	    (p->cwd != NULL && chdir(p->cwd) == -1))
		return -1;
	execve(path, p->argv, p->envp != NULL ? p->envp : environ);
	return -1;
}

char *
child_find(const char *program)
{
	const char *path = getenv("PATH");
	struct stat st;

	if (strchr(program, '/') != NULL)
		return mem_strdup(program);
	if (path == NULL)
		path = DEFAULT_PATH;
	while (*path != '\0') {
		size_t n = strcspn(path, ":");
		char *at = mem_printf("%.*s/%s", (int)n, path, program);

		if (n > 0 && stat(at, &st) == 0 && S_ISREG(st.st_mode) &&
		    access(at, X_OK) == 0)
			return at;
		free(at);
		path += n + (path[n] == ':');
	}
	return NULL;
}

static pid_t
split(const struct child_plan *p, const char *path, const int out[2],
    const int why[2])
{
	pid_t parent = getpid(), pid = fork();

	if (pid != 0)
		return pid;
	(void)become(p, path, parent, out[1]);
	if (write(why[1], &errno, sizeof errno) == -1)
		_exit(EXIT_FAILURE);
	_exit(EXIT_FAILURE);
}

/* 0: it runs; else why exec failed. */
static int
hear(int why)
{
	int error = 0;
	ssize_t n;

	do
		n = read(why, &error, sizeof error);
	while (n == -1 && errno == EINTR);
	return n == (ssize_t)sizeof error ? error : 0;
}

static int
launch(struct child *c, const struct child_plan *p, const char *path,
    const int out[2], const int why[2], struct err *e)
{
	pid_t pid = split(p, path, out, why);
	int error;

	close(out[1]);
	close(why[1]);
	if (pid == -1)
		return err_set(e, "fork: %s", strerror(errno));
	error = hear(why[0]);
	*c = (struct child){ .pid = pid, .out = out[0], .pidfd = -1 };
	if (error == 0) {
		c->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
		if (c->pidfd != -1)
			return 0;
		error = errno;
		child_signal(c, SIGKILL);
	}
	(void)waitpid(pid, NULL, 0);
	if (p->drop)
		return err_set(e, "%s as user %u: %s", path, (unsigned)p->uid,
		    strerror(error));
	return err_set(e, "%s: %s", path, strerror(error));
}

static int
open_pipes(int out[2], int why[2], struct err *e)
{
	if (pipe2(out, O_CLOEXEC) == -1)
		return err_set(e, "pipe: %s", strerror(errno));
	if (pipe2(why, O_CLOEXEC) == -1) {
		err_set(e, "pipe: %s", strerror(errno));
		close(out[0]);
		close(out[1]);
		return -1;
	}
	(void)fcntl(out[0], F_SETFL, O_NONBLOCK);
	return 0;
}

int
child_start(struct child *c, const struct child_plan *p, struct err *e)
{
	char *path = child_find(p->program);
	int out[2], why[2], rc;

	if (path == NULL)
		return err_set(e, "%s: not found on PATH", p->program);
	if (open_pipes(out, why, e) == -1) {
		free(path);
		return -1;
	}
	rc = launch(c, p, path, out, why, e);
	close(why[0]);
	if (rc == -1)
		close(out[0]);
	free(path);
	return rc;
}

void
child_signal(const struct child *c, int sig)
{
	/* Its group is there from its first moment or not at all. */
	if (kill(-c->pid, sig) == -1)
		(void)kill(c->pid, sig);
}

int
child_reap(struct child *c)
{
	int status = 0;

	/* The group's name is ours for as long as its leader is not reaped. */
	(void)kill(-c->pid, SIGKILL);
	while (waitpid(c->pid, &status, 0) == -1 && errno == EINTR)
		continue;
	close(c->pidfd);
	close(c->out);
	*c = (struct child){ .pidfd = -1, .out = -1 };
	return status;
}
