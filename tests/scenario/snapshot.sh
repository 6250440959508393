#!/bin/sh
# "database is locked" although the lock is free: a transaction reads, somebody
# else commits, it wants to write.  It is called that and nothing else, and each
# refusal that reached the app is counted, none more.
# shellcheck disable=SC2016
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/lib.sh"

probe=${PROBE:-$PWD/build/litegauge_probe}
LITEGAUGE_PROBE_DIR=$dir/probe
export LITEGAUGE_PROBE_DIR
mkdir "$LITEGAUGE_PROBE_DIR"

of() {	# family
	metric "$1{db=\"app\",source=\"probe\"}"
}

# Every name that the API has told while it ran; a row of them as it is now.
diagnoses() {
	curl -s "$agent_url/api/v1/databases" |
		jq -r '[.data[0].diagnoses[].name] | join(" ")' |
		tee -a "$dir/diagnoses"
}

# Holds are short beside reads, so that the lock is free; but not so short that
# nobody ever meets one, which is refused at once as well: who has read may not
# wait.
tool busy --commits 1 "$dir/app.db" >/dev/null
cat >"$dir/litegauge.ini" <<INI
[agent]
holders_interval = 5s
trace = always
[database app]
path = $dir/app.db
INI
start_agent --config "$dir/litegauge.ini"
start_tool busy --probe "$probe" --procs 3 --commits 250 --upgrade --read 20 \
	--hold 2 --handler sqlite --timeout 5000 --truth "$dir/truth" \
	--ready-file "$dir/ready" --go-file "$dir/go" --stay "$dir/leave" \
	"$dir/app.db"
wait_for 25 '[ "$(metric "sqlite_probe_processes{db=\"app\"}")" = 3 ]' \
	'all who write have the probe'
: >"$dir/go"
wait_for 20 '[ "$(diagnoses)" = snapshot-upgrade ]' 'it is called what it is'
curl -s "$agent_url/api/v1/databases" | jq '.data[0].diagnoses[0]' \
	>"$dir/diagnosis"
like "$(jq -r .text "$dir/diagnosis")" \
	'^[0-9.]+/s times "database is locked" although the write lock was free' \
	'and how often'
like "$(jq -r .next_step "$dir/diagnosis")" 'BEGIN IMMEDIATE' \
	'and what helps, which a longer busy_timeout does not'
wait_for 60 'diagnoses; [ -s "$dir/truth" ]'
is "$(sort -u "$dir/diagnoses" | tr -d '\n')" snapshot-upgrade \
	'it is never called anything else'
diag "$(cat "$dir/truth")"
truth=$(jq .snapshots "$dir/truth")
cmp_num "$truth" '>' 50 'the app was refused'
cmp_num "$(jq .timeouts "$dir/truth")" '>' 0 'some for a lock that was taken'
wait_for 25 '[ "$(of sqlite_busy_pending)" = 0 ] &&
	[ "$(of sqlite_commits_total)" = "$(jq .commits "$dir/truth")" ]'
is "$(of sqlite_snapshot_refusals_total)" "$truth" 'as often as it says itself'
is "$(of sqlite_busy_timeouts_total)" "$(jq .timeouts "$dir/truth")" \
	'and the others are told from these'
: >"$dir/leave"
end_tool
stop_agent
done_testing
