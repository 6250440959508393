#!/bin/sh
# The lists that C cannot make by itself: every collector, every receiver type.
# Run from the top of the tree; prints a C file.
set -eu

names() {	# prefix, files: what they define as "const struct TYPE prefix_NAME = {"
	prefix=$1; shift
	sed -n "s/^const struct [a-z_]* ${prefix}_\([a-z0-9_]*\) = {.*/\1/p" "$@" | LC_ALL=C sort
}
collectors=$(names collector collectors/*.c)
receivers=$(names receiver alerts/receivers/*.c)

echo '/* Written by build-aux/registry.sh. */'
echo '#include "alerts/receiver.h"'
echo '#include "collectors/collector.h"'
for c in $collectors; do echo "extern const struct collector collector_$c;"; done
for r in $receivers; do echo "extern const struct receiver_type receiver_$r;"; done
echo 'const struct collector *const collectors[] = {'
for c in $collectors; do echo "	&collector_$c,"; done
echo '	NULL'
echo '};'
echo 'const size_t collectors_count = sizeof collectors / sizeof *collectors - 1;'
echo 'const struct receiver_type *const receiver_types[] = {'
for r in $receivers; do echo "	&receiver_$r,"; done
echo '	NULL'
echo '};'
