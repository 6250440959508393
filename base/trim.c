/*
 * trim - see trim.h.
 */
#include <link.h>
#include <malloc.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/trim.h"

/*
 * A page of /metrics is megabytes when there are thousands of databases, and
 * glibc learns from each large block that it frees to keep the next one.  What
 * is larger than this is the kernel's again at once.
 */
#define LARGE_BYTES	(256 << 10)

void
trim_prepare(void)
{
	(void)mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
	(void)mallopt(M_TRIM_THRESHOLD, LARGE_BYTES);
}

/*
 * Such a page is the file's own: it is read again when it is touched.  Our own
 * program is left alone, for in it a debugger may have set its breakpoints, and
 * those are lost with the page.
 */
static int
let_go(struct dl_phdr_info *object, size_t size, void *arg)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

	(void)size;
	(void)arg;
	for (int i = 0; object->dlpi_name[0] && i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *h = &object->dlpi_phdr[i];
		uintptr_t at = object->dlpi_addr + h->p_vaddr;

		if (h->p_type != PT_LOAD || h->p_flags & PF_W)
			continue;
		(void)madvise((void *)(at & ~(page - 1)),
		    h->p_memsz + (at & (page - 1)), MADV_DONTNEED);
	}
	return 0;
}

void
trim(void)
{
	(void)dl_iterate_phdr(let_go, NULL);
	(void)malloc_trim(0);
}
