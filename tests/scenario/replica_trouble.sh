#!/bin/sh
# A bucket in every bad mood: what the agent says of it, that it goes on with
# everything else, and how soon a backup that stopped in silence is an alert.
# shellcheck disable=SC2034,SC2016
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/lib.sh"

litestream=${LITESTREAM05:?the real Litestream 0.5; make test has it}
db=$dir/app.db

value() {
	metric "sqlite_replica_$1{db=\"app\",replica=\"s3\"}"
}

over() {
	over_v=$(value "$1")
	[ -n "$over_v" ] && awk "BEGIN { exit !($over_v > $2) }"
}

reason() {
	curl -s "$agent_url/api/v1/databases?db=app" |
		jq -r '.data[0].collectors.litestream.why'
}

mood() {
	printf '%s\n' "$@" >"$dir/control"
}

# What the agent's requests were, by the server's own count.
asked() {
	jq -r 'select(.who == "AKIAAGENT") | .op' "$dir/s3.log" 2>/dev/null |
		wc -l
}

tool writers --setup-only "$db"
tool writers --setup-only "$dir/other.db"
start_tool s3 --dir "$dir/bucket" --bucket backups --access-key AKIALITESTREAM \
    --secret-key sesame --access-key2 AKIAAGENT --secret-key2 sesame2 \
    --log "$dir/s3.log" --control "$dir/control" --port-file "$dir/s3.port"
wait_for 10 '[ -s "$dir/s3.port" ]'
endpoint=http://127.0.0.1:$(cat "$dir/s3.port")
litestream_port=$(free_port)
cat >"$dir/litestream.yml" <<YML
addr: 127.0.0.1:$litestream_port
dbs:
  - path: $db
    replica: { url: s3://backups/app, endpoint: $endpoint, force-path-style: true }
YML
start "$dir/litestream.log" env -u AWS_CA_BUNDLE \
    AWS_ACCESS_KEY_ID=AKIALITESTREAM AWS_SECRET_ACCESS_KEY=sesame \
    "$litestream" replicate -config "$dir/litestream.yml"
echo sesame2 >"$dir/secret"
chmod 600 "$dir/secret"
start_sink 204
cat >"$dir/ini" <<INI
[agent]
remote_interval = 1s

[database app]
path = $db

[database other]
path = $dir/other.db

[replica s3]
database               = app
url                    = s3://backups/app
endpoint               = $endpoint
access_key_id          = AKIAAGENT
secret_access_key_file = $dir/secret

[receiver ops]
type = webhook
url  = $sink_url

[alert replication-lag]
when = replication_overdue > 3s
for  = 0s
INI
start_tool writers --rate 20 --duration 600 --synchronous off "$db"
writer=$tool_pid
start_agent --config "$dir/ini"
wait_for 30 '[ "$(value up)" = 1 ] && over last_sync_timestamp_seconds 0 && ! over lag_seconds 4' \
    'healthy, with keys of its own'
cmp_num "$(asked)" '>' 0 'the server knows the agent by its own key'

# The silent stop: it runs, and its metrics answer, and nothing arrives.
mood 'deny PUT'
since=$(date +%s.%N)
wait_for 20 '[ "$(sink_count)" -ge 1 ]' 'a silent stop is an alert'
heard=$(sink_request 1 .t)
diag "silent stop: the alert came $(awk "BEGIN { print $heard - $since }") s after uploads stopped; its threshold is 3 s"
like "$(sink_request 1 '.body | fromjson? // . | .data.alert')" 'replication-lag' \
    'it is the one about replication'
# Every sync interval of both is in it: 1 + 1 + 1, the interval and the look.
cmp_num "$(awk "BEGIN { print $heard - $since }")" '<=' 11 \
    'within the threshold and the intervals'
ok 'curl -sf "http://127.0.0.1:$litestream_port/metrics" | grep -q "^litestream_sync_error_count.* 0"' \
    'while Litestream itself reports no error'
mood

# Each mood, and the words for it.  "up" is 0, the lag goes on growing, the
# other database and the pages are untouched.
trouble() {	# MOOD NAME PATTERN
	mood "$1"
	wait_for 60 "reason | grep -Eq '$3'" "$2: said in words"
	[ "$(reason | grep -Ec "$3")" = 1 ] || diag "said: $(reason)"
	is "$(value up)" 0 "$2: down"
	is "$(metric 'sqlite_up{db="other"}')" 1 "$2: the other database is up"
	unlike "$(reason)" 'sesame|AKIA|Signature|X-Amz' "$2: no secret in it"
	mood
	wait_for 40 '[ "$(value up)" = 1 ]' "$2: and over"
}
trouble 'for AKIAAGENT deny HEAD' 'forbidden' 'access denied|403'
trouble 'for AKIAAGENT status 503' 'busy' '503|busy|later'
trouble 'for AKIAAGENT redirect http://127.0.0.1:1/' 'redirected to loopback' 'redirect'
trouble 'for AKIAAGENT nobucket' 'no bucket' 'no such bucket'
trouble 'for AKIAAGENT skew 1200' 'a clock that is off' 'clock'
trouble 'for AKIAAGENT garbage' 'garbage' 's3://backups/app'
before=$(metric 'process_resident_memory_bytes')
# Behind, so that it has to list.
mood 'for AKIALITESTREAM deny PUT' 'for AKIAAGENT million'
wait_for 60 'reason | grep -q "more entries"' \
    'a listing without an end is given up ...'
cmp_num "$(metric 'process_resident_memory_bytes')" '<' "$((before + 20000000))" \
    '... and does not grow the agent'
took=$(curl -s -o /dev/null -w '%{time_total}' "$agent_url/metrics")
cmp_num "$took" '<' 0.5 'and /metrics answers'
mood

unlike "$(cat "$dir/metrics" "$agent_log" "$sink_log")" \
    'sesame|AKIAAGENT|AKIALITE' 'no key in metrics, log or notification'
kill "$writer"
end_tool || :
stop_agent
done_testing
