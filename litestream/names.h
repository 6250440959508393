/*
 * names - the names that Litestream gives to its files.
 *
 * All of them are numbers in lower-case hexadecimal of a fixed width.  Names
 * come from whoever can write to a replica: what is not exactly one of ours is
 * none.
 */
#ifndef LITESTREAM_NAMES_H
#define LITESTREAM_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Exactly n digits, at most 16; *text is behind them then. */
bool	name_take_hex(const char **text, size_t n, uint64_t *ret);
bool	name_is_generation(const char *);	/* 0.3 */

#endif
