/*
 * trim - what only starting needed is given back.
 *
 * The dynamic linker reads the symbols of some forty libraries, most of them
 * libcurl's, and starting runs a little of each; of all that the kernel has
 * pages mapped that nobody will touch again.  They count as ours until memory
 * is short, and against MemoryMax until then.
 */
#ifndef BASE_TRIM_H
#define BASE_TRIM_H

/* Before the first thread: how malloc() is to deal with memory. */
void	trim_prepare(void);
/* Once everything has started; whatever is needed after all comes back. */
void	trim(void);

#endif
