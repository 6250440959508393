#!/bin/sh
# A manual page with the tables of the program in it: a line "@TABLE@ name" in
# the source becomes what `litegauge --tables name` prints.
set -eu
program=$1 source=$2

while IFS= read -r line; do
	case $line in
	'@TABLE@ '*)	"$program" --tables "${line#@TABLE@ }" ;;
	*)		printf '%s\n' "$line" ;;
	esac
done < "$source"
