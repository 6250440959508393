#!/bin/sh
# No ping comes while nothing can be sampled, as when the only disk hangs.
# shellcheck disable=SC2016,SC2034,SC2317
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/lib.sh"

# Seconds since the last ping.
silent() {
	jq -n --argjson now "$(date +%s.%N)" \
		--argjson t "$(tail -n 1 "$sink_log" | jq .t)" '$now - $t'
}

silent_for() {
	awk -v a="$(silent)" -v b="$1" 'BEGIN { exit !(a >= b) }'
}

tool writers --setup-only --synchronous off "$dir/good.db" >"$dir/out"
start_sink 200

mkdir "$dir/disk" "$dir/mnt"
tool writers --setup-only --synchronous off "$dir/disk/hung.db" >"$dir/out"
start_tool hangfs --flag "$dir/hang" --ready-file "$dir/mounted" \
	"$dir/disk" "$dir/mnt"
hangfs=$tool_pid
hangfs_out=$tool_out
wait_for 10 '[ -s "$dir/mounted" ] || ! alive "$hangfs"'
if ! [ -s "$dir/mounted" ]; then
	pass "the rest # SKIP no FUSE: $(head -n 1 "$hangfs_out")"
	done_testing
fi
cat >"$dir/test.ini" <<INI
[database hung]
path = $dir/mnt/hung.db
[heartbeat]
url   = $sink_url/hung
every = 12s
INI
n=$(sink_count)
start_agent --config "$dir/test.ini"
wait_for 5 '[ "$(sink_count)" -gt "$n" ]' 'it beats again'
: >"$dir/hang"
wait_for 60 'silent_for 26' 'when the only disk hangs it does not'
wait_for 5 'grep -q "no heartbeat is sent: no database" "$agent_log"' \
	'and the log says why'
n=$(sink_count)
rm "$dir/hang"
wait_for 10 '[ "$(sink_count)" -gt "$n" ]' 'when it answers, it does'

# Another database, on a disk that is well, is reason enough.
cat >>"$dir/test.ini" <<INI
[database good]
path = $dir/good.db
INI
kill -HUP "$agent_pid"
wait_for 5 '[ "$(metric "sqlite_up{db=\"good\"}")" = 1 ]'
: >"$dir/hang"
wait_for 10 '[ "$(metric litegauge_samplers_stuck)" = 1 ]'
n=$(sink_count)
wait_for 16 '[ "$(sink_count)" -gt "$n" ]' \
	'one disk of several does not silence it'
rm "$dir/hang"
wait_for 5 '[ "$(metric litegauge_samplers_stuck)" = 0 ]'
ok stop_agent 'and that is the end'
end "$hangfs"
done_testing
