#!/bin/sh
# Runs test programs and scenarios under prove, several at a time.  Every one has
# its own directory and its own ports, so they may run side by side.
# Usage: run.sh -j N TEST...   (environment: LITEGAUGE TOOLS PEERS)
set -eu
[ "$1" = -j ] && { jobs=$2; shift 2; }
PROMTOOL=$PEERS/usr/bin/promtool
PROMETHEUS=$PEERS/usr/bin/prometheus
LITESTREAM03=$PEERS/litestream03
LITESTREAM05=$PEERS/litestream05
CMOCKA_MESSAGE_OUTPUT=TAP
export PROMTOOL PROMETHEUS LITESTREAM03 LITESTREAM05 CMOCKA_MESSAGE_OUTPUT
reports=$(mktemp -d)
chmod 1777 "$reports"
trap 'rm -rf "$reports"' EXIT
ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:abort_on_error=0}:log_path=$reports/a
TSAN_OPTIONS=${TSAN_OPTIONS:-halt_on_error=1}:log_path=$reports/t
UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}:log_path=$reports/u
export ASAN_OPTIONS TSAN_OPTIONS UBSAN_OPTIONS

# Those of about half a minute and more, the longest first: whatever begins last
# is waited for.
long='replica_s3_05.sh trace.sh replica_s3_03.sh test_restore heartbeat.sh
	replica_trouble.sh heartbeat_disk.sh drill_05.sh live.sh versions.sh
	drill_03.sh test_s3 probe.sh torture.sh heartbeat_failure.sh state.sh
	digest.sh chain.sh litestream.sh mail.sh alerts.sh hung.sh latency.sh
	digest_restart.sh garbage.sh bodies.sh tiers.sh'
longest_first() {
	for test; do
		place=0 name=${test##*/}
		for one in $long; do
			[ "$one" != "$name" ] || break
			place=$((place + 1))
		done
		echo "$place $test"
	done | sort -n -s | cut -d ' ' -f 2-
}

# What a sanitizer finds once it may not find again, but for leaks: a test that
# fails leaves things behind.
run() {
	status=0
	prove --timer --merge --failures --comments -e '' \
	    --statefile "$reports/.prove" "$@" </dev/null || status=$?
	found=$(find "$reports" -type f ! -name .prove)
	[ -n "$found" ] || return "$status"
	# shellcheck disable=SC2086
	cat $found
	# shellcheck disable=SC2086
	[ -z "$(grep -L LeakSanitizer $found)" ] || exit 1
	# shellcheck disable=SC2086
	rm $found
	return "$status"
}

# A loaded machine may be late for a test that runs beside seven others.  What
# fails is run once more by itself, and is said to have needed it.
AGAIN_MAX=3
# shellcheck disable=SC2046 # names of tests have no blanks
run --state=save -j "${jobs:-8}" $(longest_first "$@") && exit
failed=$(prove --statefile "$reports/.prove" --state=failed --dry)
# shellcheck disable=SC2086
set -- $failed
[ $# -le $AGAIN_MAX ] || exit 1
echo "== Once more, each by itself: $*"
run "$@" || exit
echo "== Passed, but only by themselves: $*"
