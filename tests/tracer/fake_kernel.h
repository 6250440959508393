/*
 * fake_kernel - a kernel of the test's own, which writes down what it is asked.
 *
 * Linked instead of tracer/kernel.c: a program that includes this brings all
 * of kernel.h.
 */
#ifndef TESTS_TRACER_FAKE_KERNEL_H
#define TESTS_TRACER_FAKE_KERNEL_H

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "tracer/kernel.h"

#define PROCS	32

struct kernel {
	struct { __u32 tgid, slot; } procs[PROCS];	/* tgid 0: free */
	struct { struct trace_file key; struct trace_aim aim; } files[PROCS];
	int		  several, attached[KERNEL_GROUPS];
	struct trace_slot slots[TRACE_SLOTS + 1];
	int		  ext4;
	int		  refuses;	/* 1 << group, of each */
	unsigned	  asked;
};

static struct kernel *kernel;	/* the one there is */

struct kernel *
kernel_open(struct err *e)
{
	(void)e;
	NEW(kernel);
	return kernel;
}

void
kernel_close(struct kernel *k)
{
	free(k);
}

int
kernel_has_ext4(const struct kernel *k)
{
	return k->ext4;
}

int
kernel_attach(struct kernel *k, enum kernel_group g, struct err *e)
{
	k->asked++;
	if (k->refuses & 1 << g)
		return err_set(e, "no");
	k->attached[g]++;
	return 0;
}

void
kernel_detach(struct kernel *k, enum kernel_group g)
{
	k->attached[g]--;
}

void
kernel_forget(struct kernel *k, __u32 tgid)
{
	for (int i = 0; i < PROCS; i++)
		if (k->procs[i].tgid == tgid)
			k->procs[i].tgid = 0;
}

void
kernel_name(struct kernel *k, __u32 tgid, __u32 slot)
{
	int i = 0;

	kernel_forget(k, tgid);
	while (k->procs[i].tgid != 0)
		i++;
	k->procs[i].tgid = tgid;
	k->procs[i].slot = slot;
}

void
kernel_forget_file(struct kernel *k, const struct trace_file *f)
{
	for (int i = 0; i < PROCS; i++)
		if (memcmp(&k->files[i].key, f, sizeof *f) == 0)
			memset(&k->files[i], 0, sizeof k->files[i]);
}

void
kernel_name_file(struct kernel *k, const struct trace_file *f,
    const struct trace_aim *aim)
{
	int i = 0;

	while (k->files[i].key.ino != 0)
		i++;
	k->files[i].key = *f;
	k->files[i].aim = *aim;
}

void
kernel_set_several(struct kernel *k, int several)
{
	k->several = several;
}

const struct trace_slot *
kernel_slots(const struct kernel *k)
{
	return k->slots;
}

/* What a process is named for; -1: it is not. */
static inline int
slot_of(__u32 tgid)
{
	for (int i = 0; i < PROCS; i++)
		if (kernel->procs[i].tgid == tgid)
			return (int)kernel->procs[i].slot;
	return -1;
}

#endif
