#!/bin/sh
# What litegauge reads in a litestream.yml is what the real Litestream reads.
# Each tests/litestream/yml/NN-name.yml has a .expect beside it, which
# tests/litestream/test_plan.c compares with our reading; here it is compared
# with what 0.3 and 0.5 say when they start.  The first line of a file names the
# versions that it is for.
#
#	db PATH		of each database, and then of each of its replicas
#	to type=... name=... sync-interval=... and where it is
#	refused: SENTENCE	ours; Litestream only must refuse it, too
#
# EXPECT=DIR writes there what the real ones say, instead of comparing.
. "$(dirname "$0")/lib.sh"

yml=$(dirname "$0")/../litestream/yml
yml=$(cd "$yml" && pwd)
home=$(getent passwd "$(id -u)" | cut -d: -f6)

# Databases for `dir`, in a directory that stands for /cwd.
mkdir -p "$dir/tenants/sub"
for name in a.db sub/b.db c.sqlite sub/d.sqlite 'e f.sqlite3'; do
	tool writers --setup-only "$dir/tenants/$name"
done

# Nothing here leaves the machine: all that is HTTP meets a closed port.  The
# child that Litestream starts comes after it has told of all databases.
start_real() {	# VERSION FILE
	case $1 in
	0.3) program=${LITESTREAM03:?the real Litestream 0.3} ;;
	*) program=${LITESTREAM05:?the real Litestream 0.5} ;;
	esac
	case $1 in
	list) set -- databases "$2" ;;
	*) set -- replicate "$2" -exec "$(command -v touch) $dir/spoken" ;;
	esac
	command=$1 file=$2
	shift 2
	# shellcheck disable=SC2046 # the words are wanted
	(cd "$dir" && exec env -i $(cat "$yml/environment") \
	    HTTP_PROXY=http://127.0.0.1:9 HTTPS_PROXY=http://127.0.0.1:9 \
	    AWS_EC2_METADATA_DISABLED=true STORAGE_EMULATOR_HOST=127.0.0.1:9 \
	    "$program" "$command" -config "$file" "$@") \
	    >"$dir/real" 2>&1 </dev/null &
	real_pid=$!
	children="$children $real_pid"
}

# The words of the real one as they stand in a .expect.
put_down() {	# VERSION
	sed -nE 's/.*msg="initialized db" path=/db /p
		s/.*msg="replicating to" /to /p
		s/^(\/[^ ]*)  ([a-z0-9]+)$/db \1\nto type=\2/p' "$dir/real" |
	sed -E "s|$dir|/cwd|g; s|([ =])$home/|\\1/home/me/|g; s|type=gcs|type=gs|
		s|endpoint=https?://|endpoint=|; s| host=[^ ]*||; s| url=[^ ]*||
		s| user=[^ ]*||; /type=abs/s| endpoint=.*||
		/type=oss/s| region=.*||; s/^to (name=[^ ]*) (type=[^ ]*)/to \\2 \\1/; s/\"//g"
}

# 0.5 has no names, and its list of databases only types.
wanted() {	# VERSION FILE
	if [ "$1" = 0.5 ]; then
		sed 's/ name=[^ ]*//' "$2"
	elif [ "$1" = list ]; then
		sed 's/^\(to type=[^ ]*\).*/\1/' "$2"
	else
		cat "$2"
	fi
}

check() {	# VERSION FILE
	name=$(basename "$2" .yml)
	rm -f "$dir/spoken"
	start_real "$1" "$2"
	wait_for 20 '[ -e "$dir/spoken" ] || ! alive "$real_pid"'
	alive "$real_pid" && kill -KILL "$real_pid"
	wait "$real_pid" 2>/dev/null
	real_status=$?
	if [ -n "${EXPECT:-}" ]; then
		diag "$name $1: $real_status $(grep -i error "$dir/real")"
		put_down "$1" >"$EXPECT/$name.$1"
	elif grep -q '^refused' "$yml/$name.expect"; then
		is "$(put_down "$1")-$real_status" -1 "$name: $1 refuses it, too"
	else
		is "$(put_down "$1")" "$(wanted "$1" "$yml/$name.expect")" \
		    "$name: as $1 reads it"
	fi
}

for config in "$yml"/*.yml; do
	versions=$(sed -nE '1s/^# ((list|[0-9. ])+).*/\1/p' "$config")
	[ -n "$versions" ] || fail "$config: names no version"
	for version in $versions; do
		check "$version" "$config"
	done
done
done_testing
