/*
 * process - what a process is called, for people.
 *
 * Arguments may be secret, so no whole command line is ever shown: the program
 * and, when it is plainly a file or a word, its first argument ("python3
 * app.py", "puma: worker 2").
 */
#ifndef COLLECTORS_PROCESS_H
#define COLLECTORS_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Writes "" when the process is gone or belongs to another namespace. */
void	process_command(int64_t pid, char *ret, size_t size);
/* From the bytes of /proc/PID/cmdline (arguments end in NUL). */
void	process_command_parse(char *ret, size_t size, const char *bytes,
	    size_t n);
/* When it began, in clock ticks since boot: with the PID it names one process
 * for good.  0: it is gone. */
uint64_t process_started(int64_t pid);
/* Does it act as that user?  The owner of its /proc/PID does not tell: root has
 * that of a server which has given up being root. */
bool	process_is_of(int64_t pid, uid_t);
bool	process_is_litestream(const char *command);

#endif
