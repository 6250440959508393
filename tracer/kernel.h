/*
 * kernel - the programs of kernel.bpf.c, as the agent handles them.
 *
 * The only file that knows libbpf; without.c stands in where that was not there
 * at build time.  Programs, maps and links are descriptors, so all of it is
 * gone with the process, however that ends.
 */
#ifndef TRACER_KERNEL_H
#define TRACER_KERNEL_H

#include "tracer/shared.h"

struct err;
struct kernel;

/* The groups of programs that are attached and detached together. */
enum kernel_group {
	KERNEL_SLEEPS, KERNEL_LOCKS,
	KERNEL_CALLS, KERNEL_EXT4,	/* fsyncs; see enum trace_syncs */
	KERNEL_GROUPS
};

/* NULL and a sentence: this kernel, or these privileges, do not allow it. */
struct kernel	*kernel_open(struct err *);
void		 kernel_close(struct kernel *);
/* This kernel's ext4 tells of its fsyncs. */
int		 kernel_has_ext4(const struct kernel *);
int		 kernel_attach(struct kernel *, enum kernel_group,
		    struct err *);
void		 kernel_detach(struct kernel *, enum kernel_group);
/* Name a process, or forget it; what the full map refuses is not seen. */
void		 kernel_name(struct kernel *, __u32 tgid, __u32 slot);
void		 kernel_forget(struct kernel *, __u32 tgid);
void		 kernel_name_file(struct kernel *, const struct trace_file *,
		    const struct trace_aim *);
void		 kernel_forget_file(struct kernel *, const struct trace_file *);
/* Some named process is one of several databases. */
void		 kernel_set_several(struct kernel *, int several);
/* TRACE_SLOTS + 1 of them, mapped: they grow while one looks. */
const struct trace_slot *kernel_slots(const struct kernel *);

#endif
