#!/bin/sh
# What the tests reached, by file: lines run, of lines there are.  Argument: the
# build folder that was made and tested with COV=1.
set -eu
cd "$(dirname "$0")/.."
for c in base/*.c agent/*.c agent/*/*.c collectors/*.c litestream/*.c alerts/*.c alerts/receivers/*.c; do
	gcov -n -o "$1/obj/$(dirname "$c")" "$1/obj/${c%.c}.o" 2>/dev/null |
	    awk -v c="$c" '$0 == "File \x27" c "\x27" { getline; print $0 "  " c }'
done | sed 's/Lines executed:\([0-9.]*\)% of \([0-9]*\)/\1 % of \2 lines/' | sort -n
