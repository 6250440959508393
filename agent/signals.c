/*
 * signals - see signals.h.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/signals.h"
#include "base/err.h"

static void
on_signal(void *arg, int fd, uint32_t events)
{
	struct agent *a = arg;
	struct signalfd_siginfo si;
	struct err e;

	(void)events;
	if (read(fd, &si, sizeof si) != (ssize_t)sizeof si)
		return;
	if (si.ssi_signo == SIGHUP) {
		(void)agent_reload(a, &e);	/* it has logged */
		return;
	}
	log_info("signal %s, stopping", sigabbrev_np((int)si.ssi_signo));
	loop_stop(a->loop);
}

int
signals_catch(struct agent *a, struct err *e)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);	/* a limit is a full disk */
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	a->sigfd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (a->sigfd == -1)
		return err_set(e, "signalfd: %s", strerror(errno));
	return loop_watch(a->loop, a->sigfd, EPOLLIN, on_signal, a, e);
}
