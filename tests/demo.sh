#!/bin/sh
# make demo: litegauge beside a live database in which two things go wrong.
#
# An app (tests/tools/writers) commits 120 times a second where a rule says 50,
# and a report (tests/tools/reader) holds its read open, so that the log cannot
# be copied back.  A chat room hears of both in one message, a program in signed
# JSON (both are tests/tools/sink); one of them is silenced; then all is well
# again.  On a terminal it goes on until Ctrl-C, so that the page can be looked
# at; otherwise it ends, and its exit status says whether all of that happened.
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

sink() {	# NAME ANSWER
	"$TOOLS/sink" --port-file "$dir/$1.port" --log "$dir/$1.log" \
	    --script "$2" &
	pids="$pids $!"
	wait_for 5 "the receiver $1" test -s "$dir/$1.port"
}

# What a person reads of the chat's messages N, or N,M.
chat() {
	sed -n "$1p" "$dir/chat.log" |
	    jq -r '.body | fromjson.blocks[] | select(.text) |
		(select(.type == "header") | ""), .text.text' |
	    fold -s -w 76 | sed 's/^/  | /'
}

both_ended() {
	[ "$(grep -o '\[resolved\] [a-z-]*' "$dir/chat.log" | sort -u |
	    wc -l)" -eq 2 ]
}

title 'An app with a SQLite database in WAL mode, and a report that reads it:'
cp "$TOOLS/writers" "$dir/app"
cp "$TOOLS/reader" "$dir/report"
"$dir/app" --setup-only "$dir/app.db"
echo "  $dir/app.db"

sink chat ok
sink hook 200
cat > "$dir/litegauge.ini" <<INI
[database app]
path = $dir/app.db

[receiver chat]
type       = slack
url        = http://127.0.0.1:$(cat "$dir/chat.port")/chat
group_wait = 3s

[receiver hook]
type   = webhook
url    = http://127.0.0.1:$(cat "$dir/hook.port")/hook
secret = whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw

[alert many-writes]
when = write_rate > 50/s
for  = 2s

[alert log-held]
when     = checkpoint_lag > 5s
severity = critical
INI
chmod 600 "$dir/litegauge.ini"
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

"$dir/app" --rate 120 --commits 1000000 "$dir/app.db" > "$dir/app.log" &
app=$!
pids="$pids $app"
wait_for 20 '200 counted transactions' rate_over
"$dir/report" --hold 100000 "$dir/app.db" > "$dir/report.log" &
report=$!
pids="$pids $report"
title 'A few of its metrics:'
metrics | grep -E '^sqlite_(up|write_transactions_total|wal_frames|checkpoint_lag_frames|database_size_bytes|processes)' |
	sed 's/^/  /'

wait_for 40 'two alerts in the chat' grep -q 'log-held.*many-writes\|many-writes.*log-held' \
    "$dir/chat.log"
title 'The chat room hears of both in one message:'
chat 1
title 'A program hears of each, signed:'
head -1 "$dir/hook.log" | jq -r '"  webhook-id: \(.headers["webhook-id"])",
    "  webhook-signature: \(.headers["webhook-signature"])",
    (.body | fromjson | "  type: \(.type)", "  summary: \(.data.summary)",
	"  culprit: \(.data.culprit // "none")")'

title 'The writes are a load test, so nobody need hear of them:'
echo "  litegauge silence rule=many-writes 1h 'a load test'"
"$LITEGAUGE" silence --listen "${url#http://}" rule=many-writes 1h \
    'a load test' | sed 's/^/  /'

title 'The page, as text:'
curl -s "$url/" | sed -e 's/<head>.*<\/head>//' -e 's/<br>/ /g' \
    -e 's/<\/*\(time\|b\)>//g' -e 's/<[^>]*>/ /g' -e 's/&middot;/-/g; s/&[a-z]*;/-/g' | tr -s ' ' |
    grep -v '^ *$' | sed 's/^ *//' | fold -s -w 76 | sed 's/^/  /'

if [ -t 1 ] && [ -z "${CI:-}" ]; then
	title "Look at $url/ and $url/metrics; Ctrl-C ends the demo."
	wait "$app"
else
	kill "$app" "$report"
	wait_for 40 'the end of both' both_ended
	title 'All is quiet again.  What was heard of is ended, silence or not:'
	chat '2,$'
fi
