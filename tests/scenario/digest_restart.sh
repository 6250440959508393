#!/bin/sh
# A restart neither repeats a digest nor leaves one out, and a reload ends them.
# shellcheck disable=SC2016,SC2034,SC2317
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/lib.sh"

digests() {
	jq -r '.body | fromjson | .type' "$sink_log" | grep -c '^agent.digest$'
}

note() {
	sqlite3 "$dir/state.db" "SELECT value FROM note WHERE key = '$1'"
}

tool writers --setup-only --synchronous off "$dir/app.db" >"$dir/out"
start_sink 200
cat >"$dir/test.ini" <<INI
[database app]
path = $dir/app.db
[receiver ops]
type = webhook
url  = $sink_url
[digest]
every = 10s
INI

# ---- a restart -------------------------------------------------------------------

start_agent --config "$dir/test.ini"
wait_for 25 '[ "$(digests)" -ge 1 ]' 'a digest comes'
ok stop_agent 'the agent ends'
told=$(note digest_ms)
cmp_num "$told" '>' $((($(date +%s) - 20) * 1000)) 'the last one is noted'
before=$(digests)
start_agent --config "$dir/test.ini"
ok stop_agent 'and comes and goes before the next one is due'
is "$(digests)" "$before" 'nothing is repeated'
wait_for 12 '[ $(($(date +%s) * 1000)) -gt $((told + 11000)) ]'
start_agent --config "$dir/test.ini"
wait_for 20 '[ "$(digests)" -gt "$before" ]' \
	'one that was due while it was away comes late'
cmp_num "$(note digest_ms)" '>' "$told" 'and is noted'
is "$(jq -r '.headers["webhook-id"]' "$sink_log" | sort | uniq -d)" '' \
	'none came twice'

# ---- a reload ---------------------------------------------------------------------

sed -i '/^\[digest\]/,$d' "$dir/test.ini"
kill -HUP "$agent_pid"
wait_for 5 'grep -q "configuration was read again" "$agent_log"'
n=$(digests)
wait_for 30 '[ $(($(date +%s) * 1000)) -gt $(($(note digest_ms) + 15000)) ]'
is "$(digests)" "$n" 'without the section there is none when one would be due'
ok stop_agent 'the agent ends well'
is "$(sqlite3 "$dir/state.db" 'SELECT count(*) FROM outbox')" 0 \
	'with nothing left to send'
done_testing
