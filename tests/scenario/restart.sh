#!/bin/sh
# The agent is killed and comes back while an alert is pending, firing, waiting
# out its `keep`, without data; while its rule or its database is taken out.
# Whatever happened, the receiver hears one firing and one resolve of it.  What was
# delivered as the agent died comes again, with the same id, and counts once.
# shellcheck disable=SC2016,SC2034
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/lib.sh"

db=$dir/app.db

# The size of the file is what is in it, once that is checkpointed.
resize() {
	sqlite3 -batch -cmd '.timeout 10000' "$db" 'PRAGMA synchronous = OFF' \
		'DELETE FROM pad' "INSERT INTO pad VALUES (zeroblob($1))" \
		VACUUM 'PRAGMA wal_checkpoint(TRUNCATE)' >"$dir/resized" 2>&1
}

# api RULE FIELD: of the alert of that rule.
api() {
	curl -sf -m 5 "$agent_url/api/v1/alerts?db=app" |
		jq -r --arg rule "$1" \
			".data.alerts[] | select(.rule == \$rule).$2"
}

# kept RULE COLUMN: what state.db has of it; another process may read it.
kept() {
	sqlite3 -cmd '.timeout 5000' "$dir/state.db" \
		"SELECT $2 FROM alert WHERE rule = '$1' AND db = 'app'"
}

# note NAME: a number that state.db keeps.
note() {
	sqlite3 -cmd '.timeout 5000' "$dir/state.db" \
		"SELECT value FROM note WHERE key = '$1'"
}

# messages FILTER: of each that the receiver had, in order.
messages() {
	jq -rn "[inputs] | reduce .[] as \$r ({}; .[\$r.headers[\"webhook-id\"]]
		//= (\$r.body | fromjson)) | .[] | $1" "$sink_log"
}

# heard TYPE RULE: how many such messages.
heard() {
	messages '.type + " " + .data.alert' | grep -c "^alert.$1 $2\$"
}

# story RULE: all that was said of it, in order.
story() {
	messages "select(.data.alert == \"$1\").type | sub(\"alert.\"; \"\")" |
		paste -sd ' ' -
}

# Milliseconds since 1970 of "2023-11-14T22:13:20.123Z".
ms_of() {
	date -d "$1" +%s%3N
}

# ini RULE...: a configuration with these.
ini() {
	cat <<INI
[agent]
interval = 100ms
[receiver ops]
type = webhook
url  = $sink_url
[alert database-down]
enabled = no
INI
	[ -n "$no_db" ] || printf '[database app]\npath = %s\n' "$db"
	printf '[database other]\npath = %s\n' "$dir/other.db"
	[ -z "$nas" ] || printf '[replica nas]\ndatabase = app\npath = %s\n' \
		"$nas"
	for rule in "$@"; do
		printf '[alert %s]\n' "$rule"
		if [ "$rule" = nas ]; then
			echo 'when = replica_up < 1'
			continue
		fi
		printf 'when = database_size > 1 MB\nclear = 400 kB\n'
		case $rule in
		slow)	echo 'for = 2s' ;;
		hour)	echo 'for = 1h' ;;
		kept)	echo 'keep = 3s' ;;
		window)	echo 'over = 1h' ;;
		esac
	done
}

no_db= nas=
tool writers --setup-only "$db"
tool writers --setup-only "$dir/other.db"
sqlite3 "$db" 'CREATE TABLE pad (b BLOB)'
resize 1000
start_sink 204
ini size slow hour kept >"$dir/litegauge.ini"
start_agent --config "$dir/litegauge.ini"
wait_for 10 '[ "$(api size state)" = ok ]' 'an alert begins as ok'

# ---- pending, killed --------------------------------------------------------

resize 2000000
wait_for 10 '[ "$(kept slow state)" = 1 ]' 'pending is kept'
kill_agent
start_agent --config "$dir/litegauge.ini"
wait_for 10 '[ "$(heard firing slow)" = 1 ]' \
	'killed while it is pending it fires all the same'
wait_for 5 '[ "$(heard firing size)" = 1 ] && [ "$(heard firing kept)" = 1 ]' \
	'and so do those that were quicker'

# ---- pending, with the time away left out -------------------------------------

is "$(api hour state)" pending 'an alert waits for an hour to be over'
before=$(ms_of "$(api hour since)")
ok stop_agent 'the agent ends'
away=$(date +%s%3N)
wait_for 5 '[ "$(date +%s%3N)" -ge $((away + 2000)) ]'
start_agent --config "$dir/litegauge.ini"
back=$(date +%s%3N)
is "$(api hour state)" pending 'and is back: it waits still'
after=$(ms_of "$(api hour since)")
cmp_num $((after - before)) '>=' 1900 'the two seconds away are left out'
cmp_num $((after - before)) '<=' $((back - away + 200)) \
	'and what was before is not'

# ---- firing, killed ---------------------------------------------------------

is "$(api size state)" firing 'it is firing'
kill_agent
start_agent --config "$dir/litegauge.ini"
is "$(api size state)" firing 'killed and back it is firing'
is "$(api size muted)" false 'and people know'

# ---- waiting out its `keep`, killed ---------------------------------------------

resize 1000
wait_for 10 '[ "$(kept kept "good_ms > 0")" = 1 ]' 'good is kept'
is "$(heard resolved kept)" 0 'which is not yet believed'
kill_agent
start_agent --config "$dir/litegauge.ini"
wait_for 10 '[ "$(heard resolved kept)" = 1 ]' \
	'killed while it waits it is resolved all the same'
wait_for 5 '[ "$(heard resolved slow)" = 1 ] && [ "$(heard resolved size)" = 1 ]' \
	'and so are the others'
for rule in size slow kept; do
	is "$(story "$rule")" 'firing resolved' "one firing, one resolve: $rule"
done
is "$(story hour)" '' 'of what was only pending nobody hears'
wait_for 5 '[ -z "$(kept hour state)" ]' 'and no row is left of it'

# ---- over while the agent is away -----------------------------------------------

resize 2000000
wait_for 10 '[ "$(heard firing size)" = 2 ]'
kill_agent
resize 1000
start_agent --config "$dir/litegauge.ini"
wait_for 10 '[ "$(heard resolved size)" = 2 ]' \
	'what was over meanwhile is resolved'
is "$(story size)" 'firing resolved firing resolved' 'once'

# ---- no data ------------------------------------------------------------------------

resize 2000000
wait_for 10 '[ "$(heard firing size)" = 3 ]'
stop_agent
mv "$db" "$dir/away.db"
# Two minutes are long for a test: it has been blind for nearly so long.
sqlite3 "$dir/state.db" "UPDATE alert SET blind_ms =
	(SELECT value FROM note WHERE key = 'alive_ms') - 119000
	WHERE rule = 'size'"
start_agent --config "$dir/litegauge.ini"
wait_for 15 '[ "$(heard no_data size)" = 1 ]' 'without data that is said'
is "$(api size state)" no_data 'and the API says it'
wait_for 5 '[ "$(kept size state)" = 3 ]' 'and it is kept'
kill_agent
start_agent --config "$dir/litegauge.ini"
is "$(api size state)" no_data 'killed and back there is still none'
mv "$dir/away.db" "$db"
wait_for 10 '[ "$(api size state)" = firing ]' 'with data it is firing again'
resize 1000
wait_for 10 '[ "$(heard resolved size)" = 3 ]' 'and is resolved by a number'
is "$(story size | cut -d " " -f 5-)" 'firing no_data resolved' 'each said once'

# ---- a window that history fills --------------------------------------------------

resize 2000000
wait_for 10 '[ "$(heard firing size)" = 4 ]'
ini size slow kept window >"$dir/litegauge.ini"
kill -HUP "$agent_pid"
wait_for 10 '[ "$(api window state)" = ok ]' 'of an hour too little is known'
stop_agent
# What the agent would have kept in the hour before.
sqlite3 "$dir/state.db" "INSERT OR IGNORE INTO series (db, measure, last_s)
		VALUES ('app', 'database_size', unixepoch());
	INSERT OR REPLACE INTO history SELECT
		(unixepoch() / 300 - value) * 300, id, 3e6, 3e6, 3e6
		FROM series, (WITH RECURSIVE n (value) AS (SELECT 1 UNION ALL
			SELECT value + 1 FROM n WHERE value < 12)
			SELECT value FROM n)
		WHERE db = 'app' AND measure = 'database_size'"
start_agent --config "$dir/litegauge.ini"
wait_for 10 '[ "$(heard firing window)" = 1 ]' \
	'but state.db has the points of it'
cmp_num "$(api window value)" '>' 2500000 'by which it is judged'
cmp_num "$(api window last)" '<' 2500000 'and not by the value of now'

# ---- a rule, a database that is taken out ---------------------------------------------

kill_agent
ini slow >"$dir/litegauge.ini"
start_agent --config "$dir/litegauge.ini"
wait_for 10 '[ "$(heard resolved size)" = 4 ]' \
	'a rule that a restart does not find any more is resolved'
like "$(jq -r '.body | fromjson | select(.type == "alert.resolved" and
	.data.alert == "size").data.summary' "$sink_log" | tail -n 1)" \
	'^app: database_size is not watched here any more' 'with the reason'
wait_for 5 '[ -z "$(kept size state)" ]' 'and is forgotten'
kill_agent
start_agent --config "$dir/litegauge.ini"
wait_for 10 '[ "$(heard firing slow)" -ge 2 ]'

ini >"$dir/litegauge.ini"
kill -HUP "$agent_pid"
wait_for 10 '[ "$(heard resolved slow)" = "$(heard firing slow)" ]' \
	'one that a reload takes out is resolved'
ini size >"$dir/litegauge.ini"
kill -HUP "$agent_pid"
wait_for 10 '[ "$(heard firing size)" = 5 ]' 'a new one fires'

nas=$dir/nas
ini size nas >"$dir/litegauge.ini"
kill -HUP "$agent_pid"
wait_for 10 '[ "$(heard firing nas)" = 1 ]' 'a replica that is not there'
wait_for 5 '[ -n "$(note "replicas app")" ]' 'that it has a section is noted'
kill_agent
nas=
ini size nas >"$dir/litegauge.ini"
start_agent --config "$dir/litegauge.ini"
wait_for 10 '[ "$(heard resolved nas)" = 1 ]' \
	'one whose replica is taken out is resolved'
like "$(jq -r '.body | fromjson | select(.type == "alert.resolved" and
	.data.alert == "nas").data.summary' "$sink_log")" \
	'^app: replica_up is not watched here any more' 'with the reason'
wait_for 5 '[ -z "$(kept nas state)" ]' 'and is forgotten'
kill_agent
no_db=yes
ini size >"$dir/litegauge.ini"
start_agent --config "$dir/litegauge.ini"
wait_for 10 '[ "$(heard resolved size)" = 5 ]' \
	'one whose database is taken out is resolved'
wait_for 5 '[ -z "$(kept size state)" ]' 'and is forgotten too'

for rule in size slow kept window nas; do
	is "$(heard resolved "$rule")" "$(heard firing "$rule")" \
		"as many resolves as firings: $rule"
done
unsent() {
	sqlite3 -cmd '.timeout 5000' "$dir/state.db" 'SELECT count(*) FROM outbox'
}
wait_for 10 '[ "$(unsent)" = 0 ]' 'that it was heard is noted'
ok stop_agent 'and the agent ends well'
is "$(unsent)" 0 'with nothing left to send'

done_testing
