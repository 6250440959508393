#!/bin/sh
# Runs test programs and scenarios under prove, a few at a time.  Every one has
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
exec prove --timer --merge -j "${jobs:-4}" -e '' "$@"
