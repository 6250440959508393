/*
 * tracer - see tracer.h.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "base/err.h"
#include "base/mem.h"
#include "tracer/kernel.h"
#include "tracer/tracer.h"

#define KERNEL_MINOR_BITS	20

struct slot {
	bool		  taken;
	bool		  mixed;
	struct trace_file files[TRACER_FILES];
	enum trace_syncs  syncs[TRACER_FILES];
	size_t		  nfiles;
};

struct tracer {
	/* set once */
	struct kernel	*kernel;	/* owned */
	enum trace_mode	 mode;

	/* under lock */
	pthread_mutex_t	 lock;
	struct slot	 slots[TRACE_SLOTS];
	struct aims	 aims;
	struct named	*named;		/* owned; as the kernel has them */
	size_t		 nnamed;
	size_t		 nfiles;	/* of all slots */
	size_t		 nsyncs[TRACE_NO_SYNCS + 1];	/* of these, by how */
	struct burst	 burst;
	int64_t		 wished_ms;
	bool		 on[KERNEL_GROUPS];
	bool		 failed, told;	/* to attach; not tried again */
	struct err	 why;
	uint64_t	 bursts;
};

struct tracer *
tracer_new(enum trace_mode mode, struct err *e)
{
	struct kernel *k = NULL;
	struct tracer *t;

	if (mode == TRACE_NO) {
		(void)err_set(e, "the configuration says no");
		return NULL;
	}
	k = kernel_open(e);
	if (k == NULL)
		return NULL;
	NEW(t);
	t->kernel = k;
	t->mode = mode;
	pthread_mutex_init(&t->lock, NULL);
	return t;
}

void
tracer_free(struct tracer *t)
{
	if (t == NULL)
		return;
	kernel_close(t->kernel);
	aims_done(&t->aims);
	free(t->named);
	pthread_mutex_destroy(&t->lock);
	free(t);
}

/* Bring the kernel's names up to ours: both are sorted. */
static void
name_processes(struct tracer *t)
{
	size_t n, i = 0, j = 0;
	struct named *fresh = aims_resolve(&t->aims, &n), *old = t->named;
	bool several = false;

	while (i < t->nnamed || j < n) {
		if (j == n || (i < t->nnamed && old[i].tgid < fresh[j].tgid)) {
			kernel_forget(t->kernel, old[i++].tgid);
			continue;
		}
		if (i == t->nnamed || old[i].tgid != fresh[j].tgid)
			kernel_name(t->kernel, fresh[j].tgid, fresh[j].slot);
		else if (old[i++].slot != fresh[j].slot)
			kernel_name(t->kernel, fresh[j].tgid, fresh[j].slot);
		several |= fresh[j++].slot == TRACE_NOBODY;
	}
	kernel_set_several(t->kernel, several);
	free(old);
	t->named = fresh;
	t->nnamed = n;
	for (unsigned s = 0; s < TRACE_SLOTS; s++)
		t->slots[s].mixed = aims_is_mixed(&t->aims, fresh, n, s);
}

static void
name_files(struct tracer *t, unsigned slot, const struct tracer_file *files,
    size_t n)
{
	struct slot *s = &t->slots[slot];

	for (size_t i = 0; i < s->nfiles; i++) {
		kernel_forget_file(t->kernel, &s->files[i]);
		t->nsyncs[s->syncs[i]]--;
	}
	t->nfiles -= s->nfiles;
	s->nfiles = n < TRACER_FILES ? n : TRACER_FILES;
	t->nfiles += s->nfiles;
	for (size_t i = 0; i < s->nfiles; i++) {
		enum trace_syncs how = files[i].syncs == TRACE_BY_EXT4 &&
		    !kernel_has_ext4(t->kernel) ? TRACE_BY_CALLS :
		    files[i].syncs;
		struct trace_aim aim = { slot, files[i].kind, how };

		s->files[i] = (struct trace_file){ files[i].ino,
		    major(files[i].dev) << KERNEL_MINOR_BITS |
		    minor(files[i].dev), 0 };
		s->syncs[i] = how;
		t->nsyncs[how]++;
		kernel_name_file(t->kernel, &s->files[i], &aim);
	}
}

/* Under the lock. */
static void
set_group(struct tracer *t, enum kernel_group g, bool on)
{
	if (t->on[g] == on || (on && t->failed))
		return;
	if (!on)
		kernel_detach(t->kernel, g);
	else if (kernel_attach(t->kernel, g, &t->why) == -1)
		t->failed = true;
	t->on[g] = on && !t->failed;
	t->bursts += t->on[g] && g == KERNEL_LOCKS;
}

int
tracer_join(struct tracer *t)
{
	int slot = -1;

	pthread_mutex_lock(&t->lock);
	for (int i = 0; slot == -1 && i < TRACE_SLOTS; i++)
		if (!t->slots[i].taken)
			slot = i;
	if (slot != -1)
		t->slots[slot].taken = true;
	pthread_mutex_unlock(&t->lock);
	return slot;
}

void
tracer_aim(struct tracer *t, int slot, const struct tracer_target *target)
{
	pthread_mutex_lock(&t->lock);
	name_files(t, (unsigned)slot, target->files, target->nfiles);
	aims_set(&t->aims, (unsigned)slot, target->procs, target->nprocs);
	name_processes(t);
	set_group(t, KERNEL_SLEEPS, t->nnamed > 0);
	pthread_mutex_unlock(&t->lock);
}

void
tracer_leave(struct tracer *t, int slot)
{
	static const struct tracer_target nothing;

	if (t == NULL || slot == -1)
		return;
	tracer_aim(t, slot, &nothing);
	pthread_mutex_lock(&t->lock);
	t->slots[slot].taken = false;
	pthread_mutex_unlock(&t->lock);
}

void
tracer_wish(struct tracer *t, int64_t mono_ms)
{
	pthread_mutex_lock(&t->lock);
	t->wished_ms = mono_ms;
	pthread_mutex_unlock(&t->lock);
}

void
tracer_tick(struct tracer *t, int64_t now_ms)
{
	unsigned what = 0;

	if (t == NULL)
		return;
	pthread_mutex_lock(&t->lock);
	if (t->nfiles > 0)
		what = burst_step(&t->burst, t->mode, t->wished_ms, now_ms);
	set_group(t, KERNEL_SLEEPS, t->nnamed > 0);
	set_group(t, KERNEL_LOCKS, what & BURST_LOCKS);
	set_group(t, KERNEL_CALLS, what & BURST_SYNCS &&
	    t->nsyncs[TRACE_BY_CALLS] > 0);
	set_group(t, KERNEL_EXT4, what & BURST_SYNCS &&
	    t->nsyncs[TRACE_BY_EXT4] > 0);
	pthread_mutex_unlock(&t->lock);
}

bool
tracer_failed(struct tracer *t, struct err *e)
{
	bool news;

	pthread_mutex_lock(&t->lock);
	news = t->failed && !t->told;
	t->told = t->failed;
	if (news)
		*e = t->why;
	pthread_mutex_unlock(&t->lock);
	return news;
}

void
tracer_read(struct tracer *t, int slot, struct tracer_view *ret)
{
	pthread_mutex_lock(&t->lock);
	memcpy(&ret->counts, &kernel_slots(t->kernel)[slot],
	    sizeof ret->counts);
	/* With all locks traced, a thread's last one says for whom it waits. */
	ret->mixed = t->slots[slot].mixed && t->mode != TRACE_ALWAYS;
	ret->sleeps = t->on[KERNEL_SLEEPS];
	ret->locks = t->on[KERNEL_LOCKS];
	ret->nprocs = t->aims.of[slot].n;
	ret->bursts = t->bursts;
	pthread_mutex_unlock(&t->lock);
}

uint64_t
tracer_unattributed(struct tracer *t)
{
	return t == NULL ? 0 : kernel_slots(t->kernel)[TRACE_NOBODY].retries;
}
