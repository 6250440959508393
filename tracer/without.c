/*
 * without - kernel.h where the tracer could not be built.
 *
 * kernel_open() says so, and nobody ever has a struct kernel to hand to the
 * others.
 */
#include <assert.h>
#include <stddef.h>

#include "base/err.h"
#include "tracer/kernel.h"

struct kernel *
kernel_open(struct err *e)
{
	(void)err_set(e, "this litegauge was built without it: clang, bpftool "
	    "and libbpf were not there");
	return NULL;
}

void
kernel_close(struct kernel *k)
{
	assert(k == NULL);
}

int
kernel_has_ext4(const struct kernel *k)
{
	(void)k;
	return 0;
}

int
kernel_attach(struct kernel *k, enum kernel_group g, struct err *e)
{
	(void)k;
	(void)g;
	return err_set(e, "built without it");
}

void
kernel_detach(struct kernel *k, enum kernel_group g)
{
	(void)k;
	(void)g;
}

void
kernel_name(struct kernel *k, __u32 tgid, __u32 slot)
{
	(void)k;
	(void)tgid;
	(void)slot;
}

void
kernel_forget(struct kernel *k, __u32 tgid)
{
	(void)k;
	(void)tgid;
}

void
kernel_name_file(struct kernel *k, const struct trace_file *f,
    const struct trace_aim *aim)
{
	(void)k;
	(void)f;
	(void)aim;
}

void
kernel_forget_file(struct kernel *k, const struct trace_file *f)
{
	(void)k;
	(void)f;
}

void
kernel_set_several(struct kernel *k, int several)
{
	(void)k;
	(void)several;
}

const struct trace_slot *
kernel_slots(const struct kernel *k)
{
	(void)k;
	return NULL;
}
