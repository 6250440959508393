#!/bin/sh
# The lists that C cannot make by itself: every collector, every receiver type.
# Run from the top of the tree with "collectors" or "receivers"; prints a C file.
set -eu

names() {	# prefix, files: what they define as "const struct TYPE prefix_NAME = {"
	prefix=$1; shift
	sed -n "s/^const struct [a-z_]* ${prefix}_\([a-z0-9_]*\) = {.*/\1/p" "$@" | LC_ALL=C sort
}

list() {	# type, array, prefix, names
	type=$1 array=$2 prefix=$3; shift 3
	for n; do echo "extern const struct $type ${prefix}_$n;"; done
	echo "const struct $type *const $array[] = {"
	for n; do echo "	&${prefix}_$n,"; done
	echo '	NULL'
	echo '};'
}

echo '/* Written by build-aux/registry.sh. */'
# shellcheck disable=SC2046 # words
case $1 in
collectors)
	echo '#include "collectors/collector.h"'
	list collector collectors collector $(names collector collectors/*.c)
	echo 'const size_t collectors_count = sizeof collectors / sizeof *collectors - 1;' ;;
receivers)
	echo '#include "alerts/receiver.h"'
	list receiver_type receiver_types receiver $(names receiver alerts/receivers/*.c) ;;
esac
