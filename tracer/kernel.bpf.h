/*
 * kernel - what the programs of kernel.bpf.c stand on: the kernel's structs,
 * the tables, and how something is counted.
 *
 * What is read of the kernel's structs is declared here by name only; where the
 * members lie is found out when the program is loaded (CO-RE), so no header of
 * a kernel is needed.
 */
#ifndef TRACER_KERNEL_BPF_H
#define TRACER_KERNEL_BPF_H

#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "tracer/shared.h"

#define BY_NAME		__attribute__((preserve_access_index))

struct super_block { unsigned int s_dev; } BY_NAME;
struct inode { struct super_block *i_sb; unsigned long i_ino; } BY_NAME;
struct file { struct inode *f_inode; } BY_NAME;
struct fdtable { unsigned int max_fds; struct file **fd; } BY_NAME;
struct files_struct { struct fdtable *fdt; } BY_NAME;
struct task_struct { void *stack; struct files_struct *files; } BY_NAME;
struct hrtimer;
struct file_lock_core { unsigned char flc_type; } BY_NAME;
struct file_lock {
	struct file_lock_core c;	/* Linux 6.9 and later */
	long long fl_start, fl_end;
} BY_NAME;
struct file_lock___before { unsigned char fl_type; } BY_NAME;

/* Where the machine keeps a system call and its arguments. */
#if defined(__TARGET_ARCH_x86)
struct pt_regs { unsigned long di, si, dx, orig_ax; } BY_NAME;
#define ARGUMENT_1(regs)	((regs)->di)
#define ARGUMENT_2(regs)	((regs)->si)
#define ARGUMENT_3(regs)	((regs)->dx)
#define CALL(regs)		((long)(regs)->orig_ax)
#elif defined(__TARGET_ARCH_arm64)
struct pt_regs { unsigned long regs[31]; int syscallno; } BY_NAME;
#define ARGUMENT_1(r)		((r)->regs[0])
#define ARGUMENT_2(r)		((r)->regs[1])
#define ARGUMENT_3(r)		((r)->regs[2])
#define CALL(r)			((long)(r)->syscallno)
#else
#error "the registers of this machine are not known here"
#endif

struct thread {
	struct sequence	busy;
	__u64	touched_ns;	/* when it last asked for a lock ... */
	__u32	touched;	/* ... of this slot */
	__u32	syncing;	/* 1 + the slot it syncs a file of; 0 */
	__u64	sync_ns;	/* since when */
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, TRACE_PROCS);
	__type(key, __u32);		/* tgid */
	__type(value, __u32);		/* slot; TRACE_NOBODY: of several */
} procs SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, TRACE_FILES);
	__type(key, struct trace_file);
	__type(value, struct trace_aim);
} files SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, TRACE_SLOTS + 1);
	__type(key, __u32);
	__type(value, struct trace_slot);
} slots SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, TRACE_THREADS);
	__type(key, __u32);		/* tid */
	__type(value, struct thread);
} threads SEC(".maps");

static __always_inline void
add(__u64 *to, __u64 n)
{
	__sync_fetch_and_add(to, n);
}

static __always_inline struct thread *
this_thread(void)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	struct thread none = { 0 }, *t = bpf_map_lookup_elem(&threads, &tid);

	if (t)
		return t;
	bpf_map_update_elem(&threads, &tid, &none, BPF_ANY);
	return bpf_map_lookup_elem(&threads, &tid);
}

static __always_inline __u32
bucket_of(__u64 ns)
{
	__u32 n = 0;

	for (__u32 step = 32; step > 0; step >>= 1)
		if (ns >> step) {
			ns >>= step;
			n += step;
		}
	return n < TRACE_BUCKETS ? n : TRACE_BUCKETS - 1;
}

static __always_inline void
measure(struct trace_hist *h, __u64 ns)
{
	add(&h->count, 1);
	add(&h->total_ns, ns);
	add(&h->log2[bucket_of(ns)], 1);
	if (ns > h->max_ns)
		h->max_ns = ns;
}

static __always_inline struct trace_aim *
aim_of(struct inode *inode)
{
	struct trace_file key = { 0 };

	key.ino = inode->i_ino;
	key.dev = inode->i_sb->s_dev;
	return bpf_map_lookup_elem(&files, &key);
}

#endif
