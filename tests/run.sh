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
ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:abort_on_error=0}
TSAN_OPTIONS=${TSAN_OPTIONS:-halt_on_error=1}
export ASAN_OPTIONS TSAN_OPTIONS

# Those of about half a minute and more, the longest first: whatever begins last
# is waited for.
long='replica_s3_05.sh trace.sh replica_s3_03.sh test_restore heartbeat.sh
	replica_trouble.sh heartbeat_disk.sh drill_05.sh live.sh versions.sh
	drill_03.sh test_s3 probe.sh torture.sh heartbeat_failure.sh state.sh
	digest.sh chain.sh litestream.sh mail.sh alerts.sh hung.sh latency.sh
	digest_restart.sh garbage.sh bodies.sh tiers.sh'
for test; do
	place=0 name=${test##*/}
	for one in $long; do
		[ "$one" != "$name" ] || break
		place=$((place + 1))
	done
	echo "$place $test"
done | sort -n -s | {
	set --
	while read -r _ test; do
		set -- "$@" "$test"
	done
	exec prove --timer --merge --failures --comments -j "${jobs:-8}" -e '' "$@" </dev/null
}
