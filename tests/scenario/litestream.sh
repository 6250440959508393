#!/bin/sh
# Replication lag with the real Litestream, 0.3 and 0.5, against a file replica:
# healthy, stopped, going on, caught up, and killed.  The local copy is told as
# replica "local".
. "$(dirname "$0")/lib.sh"

# value FAMILY REPLICA
value() {
	metric "sqlite_replica_$1{db=\"app\",replica=\"$2\"}"
}

under() {	# FAMILY REPLICA LIMIT
	under_v=$(value "$1" "$2")
	[ -n "$under_v" ] && awk "BEGIN { exit !($under_v < $3) }"
}

over() {
	over_v=$(value "$1" "$2")
	[ -n "$over_v" ] && awk "BEGIN { exit !($over_v > $3) }"
}

# follow VERSION PROGRAM: the whole story with one of them.
follow() {
	version=$1 litestream=$2
	base=$dir/$version
	mkdir "$base"
	db=$base/app.db
	tool writers --setup-only "$db"
	cat > "$base/ini" <<-INI
	[database app]
	path = $db
	[replica backup]
	database = app
	path = $base/backup
	INI
	start_agent --config "$base/ini"
	start "$base/litestream.log" "$litestream" replicate "$db" \
	    "file://$base/backup"
	litestream_pid=$child
	start_tool writers --rate 20 --duration 60 --synchronous off "$db"
	writer=$tool_pid
	wait_for 30 'test -n "$(value lag_seconds backup)" && under lag_seconds local 4 && under lag_seconds backup 4 && over last_sync_timestamp_seconds backup 0' \
	    "$version: both copies are fresh"
	wait_for 5 '[ "$(value up local)$(value up backup)" = 11 ]' \
	    "$version: and up"
	wait_for 5 "scrape; grep -q 'replica_info{.*replica=\"backup\".*version=\"$version\"' $dir/metrics" \
	    "$version: it is told apart by its files"

	# A Litestream that hangs answers nothing and says nothing.
	kill -STOP "$litestream_pid"
	stopped=$(date +%s.%N)
	wait_for 15 'over lag_seconds backup 6' "$version: stopped, the lag grows"
	true_lag=$(awk -v a="$stopped" -v b="$(date +%s.%N)" 'BEGIN { print b - a }')
	said=$(value lag_seconds backup)
	diag "$version: stopped for $true_lag s, said $said s"
	cmp_num "$said" '<=' "$(awk "BEGIN { print $true_lag + 3.5 }")" \
	    "$version: by a second a second, not more"
	cmp_num "$said" '>=' "$(awk "BEGIN { print $true_lag - 1.5 }")" \
	    "$version: and not less"
	ok 'over lag_seconds local 4 && over lag_bytes backup 100000' \
	    "$version: the local copy stands too, and bytes are missing"

	kill -CONT "$litestream_pid"
	wait_for 15 'under lag_seconds backup 3' "$version: it goes on"
	kill "$writer"
	end_tool || :
	wait_for 20 '[ "$(value lag_seconds backup)" = 0 ] && [ "$(value lag_seconds local)" = 0 ]' \
	    "$version: 0 when nothing is missing"
	wait_for 5 '[ "$(value lag_bytes backup)" = 0 ]' "$version: not a byte"

	# The app stays, or the last one to close takes the log with it.
	start_tool reader --mark-only --ready-file "$base/open" "$db"
	wait_for 10 '[ -s "$base/open" ]'
	kill -9 "$litestream_pid"
	wait "$litestream_pid" 2>/dev/null
	tool writers --commits 5 --synchronous off "$db" >/dev/null
	wait_for 10 'over lag_seconds backup 2' \
	    "$version: killed, and a commit is not there"
	oldest=$(value lag_seconds backup)
	tool writers --commits 5 --synchronous off "$db" >/dev/null
	wait_for 10 "over lag_seconds backup $oldest" \
	    "$version: the oldest one counts, not the newest"

	mv "$base/backup" "$base/elsewhere"
	wait_for 10 '[ "$(value up backup)" = 0 ]' \
	    "$version: a replica that is gone is down"
	lag=$(value lag_seconds backup)
	wait_for 10 "over lag_seconds backup $lag" \
	    "$version: and its lag goes on growing"
	end "$tool_pid"
	stop_agent
	rm "$dir/state.db"*
}

follow 0.3 "${LITESTREAM03:?the real Litestream 0.3; make test has it}"
follow 0.5 "${LITESTREAM05:?the real Litestream 0.5; make test has it}"
done_testing
