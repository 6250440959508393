#!/bin/sh
# make demo: litegauge beside a live database that crosses a threshold.
#
# An app (tests/tools/writers) commits 120 times a second; the rule says 50; the
# alert arrives at a webhook receiver (tests/tools/sink).  On a terminal it goes
# on until Ctrl-C, so that the page can be looked at; otherwise it ends, and its
# exit status says whether all of that happened.
set -eu
LITEGAUGE=${LITEGAUGE:-build/litegauge}
TOOLS=${TOOLS:-build/tools}
dir=$(mktemp -d)
pids=

finish() {
	status=$?
	trap - EXIT INT TERM
	# shellcheck disable=SC2086 # a list of process ids
	[ -z "$pids" ] || kill $pids 2>/dev/null || :
	wait 2>/dev/null || :
	rm -rf "$dir"
	exit "$status"
}
trap finish EXIT
trap 'exit 0' INT TERM

title() {
	printf '\n\033[1m%s\033[0m\n' "$*"
}

wait_for() {	# seconds, what, command
	limit=$(($1 * 20)) what=$2; shift 2
	while ! "$@" >/dev/null 2>&1; do
		limit=$((limit - 1))
		if [ "$limit" -le 0 ]; then
			echo "never seen: $what" >&2
			cat "$dir/agent.log" >&2
			exit 1
		fi
		sleep 0.05
	done
}

metrics() {
	curl -s "$url/metrics"
}

rate_over() {
	metrics | awk '/^sqlite_write_transactions_total/ && $2 > 200 { ok = 1 }
		END { exit !ok }'
}

title 'An app with a SQLite database in WAL mode:'
"$TOOLS/writers" --setup-only "$dir/app.db"
echo "  $dir/app.db"

"$TOOLS/sink" --port-file "$dir/port" --log "$dir/sink.log" &
pids="$pids $!"
wait_for 5 'the webhook receiver' test -s "$dir/port"

cat > "$dir/litegauge.ini" <<INI
[database app]
path = $dir/app.db

[receiver demo]
type   = webhook
url    = http://127.0.0.1:$(cat "$dir/port")/hook
secret = whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw

[alert write-rate]
when = write_rate > 50/s
for  = 2s
INI
title 'The whole configuration:'
sed 's/^/  /; s/whsec_.*/whsec_.../' "$dir/litegauge.ini"

# The usual port, or any when somebody has it.
listen=127.0.0.1:10925
curl -s -o "$dir/null" --max-time 1 "http://$listen/" && listen=127.0.0.1:0
"$LITEGAUGE" run --config "$dir/litegauge.ini" --state "$dir/state.db" \
    --listen "$listen" 2> "$dir/agent.log" &
pids="$pids $!"
wait_for 10 'the agent' grep -q /metrics "$dir/agent.log"
url=$(sed -n 's|.*\(http://[^/ ]*\)/metrics.*|\1|p' "$dir/agent.log" | head -1)
wait_for 10 'the agent ready' curl -sf "$url/-/ready"
title "litegauge watches: $url/"

"$TOOLS/writers" --rate 120 --commits 1000000 "$dir/app.db" > "$dir/writers.log" &
writer=$!
pids="$pids $writer"
wait_for 20 '200 counted transactions' rate_over
title 'A few of its metrics:'
metrics | grep -E '^sqlite_(up|write_transactions_total|wal_frames|checkpoint_lag_frames|database_size_bytes|processes|busy_retries_total)' |
	sed 's/^/  /'

title 'The page, as text:'
curl -s "$url/" | sed -e 's/<head>.*<\/head>//' -e 's/<[^>]*>/ /g' \
    -e 's/&middot;/-/g; s/&[a-z]*;/-/g' | tr -s ' ' | grep -v '^ *$' |
    sed 's/^ */  /'

wait_for 30 'the alert at the receiver' grep -q alert.firing "$dir/sink.log"
title 'The alert has arrived at the webhook:'
if command -v jq >/dev/null; then
	head -1 "$dir/sink.log" | jq -r .body | jq . | sed 's/^/  /'
else
	head -1 "$dir/sink.log"
fi

if [ -t 1 ] && [ -z "${CI:-}" ]; then
	title "Look at $url/ and $url/metrics; Ctrl-C ends the demo."
	wait "$writer"
else
	kill "$writer"
	wait_for 60 'the resolved alert' grep -q alert.resolved "$dir/sink.log"
	title 'The app is quiet again, and so it was resolved.'
fi
