#!/bin/sh
# Replication lag with the real Litestream, 0.3 and 0.5, into a bucket whose
# server verifies every signature.  Nothing is configured: the running Litestream
# tells where the bucket is.  Stopped and going on, uploads refused across a new
# log, silent while it looks well, killed and restarted, and restored.
#
# Truth is the writer's own count and the time on this machine.
# shellcheck disable=SC2034,SC2016
# shellcheck source=tests/scenario/lib.sh
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

is_level() {
	[ "$(value lag_seconds local)" = 0 ] && [ "$(value lag_seconds s3)" = 0 ]
}

count() {
	tool writers --read-count "$base/count"
}

total_name='sqlite_write_transactions_total{db="app"}'

# Both of one scrape, so that nothing comes between them.
has_commits() {
	scrape
	awk '/^sqlite_write_transactions_total/ { all = $2 }
	/^sqlite_replica_lag_transactions.*"s3"/ { missing = $2 }
	END { print all - missing }' "$dir/metrics"
}

since() {	# S: seconds since that time
	awk -v a="$1" -v b="$(date +%s.%N)" 'BEGIN { print b - a }'
}

# Requests of the agent, of all kinds.
requests() {
	scrape
	awk '/^sqlite_replica_requests_total/ { n += $2 } END { print n + 0 }' \
	    "$dir/metrics"
}

write_config() {
	case $version in
	0.3)	cat <<-YML
		dbs:
		  - path: $db
		    replicas:
		      - type: s3
		        bucket: backups
		        path: shop/app
		        region: eu-central-1
		        endpoint: http://127.0.0.1:$s3_port
		        force-path-style: true
		YML
		;;
	0.5)	cat <<-YML
		dbs:
		  - path: $db
		    replica:
		      url: s3://backups/shop/app
		      region: eu-central-1
		      endpoint: http://127.0.0.1:$s3_port
		      force-path-style: true
		YML
		;;
	esac
}

with_keys() {
	env -u AWS_CA_BUNDLE AWS_ACCESS_KEY_ID=AKIAREPLICATOR \
	    AWS_SECRET_ACCESS_KEY=top/secret+1 "$@"
}

run_litestream() {
	start "$base/litestream.log" env -u AWS_CA_BUNDLE \
	    AWS_ACCESS_KEY_ID=AKIAREPLICATOR AWS_SECRET_ACCESS_KEY=top/secret+1 \
	    "$litestream" replicate -config "$base/litestream.yml"
	litestream_pid=$child
}

run_writer() {	# RATE SECONDS
	start_tool writers --rate "$1" --duration "$2" --synchronous off \
	    --count-file "$base/count" "$db"
	writer=$tool_pid
}

follow() {	# VERSION PROGRAM
	version=$1 litestream=$2
	base=$dir/$version
	mkdir "$base" "$base/bucket"
	db=$base/app.db
	tool writers --setup-only "$db"
	start_tool s3 --dir "$base/bucket" --bucket backups \
	    --region eu-central-1 --access-key AKIAREPLICATOR \
	    --secret-key top/secret+1 --log "$base/s3.log" \
	    --control "$base/control" --port-file "$base/port"
	wait_for 10 '[ -s "$base/port" ]'
	s3_port=$(cat "$base/port")
	write_config >"$base/litestream.yml"
	run_litestream
	cat >"$base/ini" <<-INI
	[agent]
	remote_interval = 1s
	[database app]
	path = $db
	INI
	run_writer 20 300
	start_agent --config "$base/ini"

	wait_for 30 'under lag_seconds local 4 && under lag_seconds s3 5 && over last_sync_timestamp_seconds s3 0' \
	    "$version: found by itself, and fresh"
	scrape
	ok "grep -q 'replica_info{.*replica=\"s3\".*version=\"$version\".*source=\"$base/litestream.yml' $dir/metrics" \
	    "$version: learned from the running Litestream"
	is "$(value up local)$(value up s3)" 11 "$version: up"
	unlike "$(cat "$dir/metrics" "$agent_log")" 'top/secret|AKIAREPL' \
	    "$version: no key in metrics or log"

	# Hung: it answers nothing and says nothing.
	kill -STOP "$litestream_pid"
	stopped=$(date +%s.%N) count_then=$(count)
	wait_for 25 'over lag_seconds s3 15' "$version: stopped, the lag grows"
	true_lag=$(since "$stopped") said=$(value lag_seconds s3)
	missing=$(value lag_transactions s3) count_now=$(count)
	diag "$version: stopped for $true_lag s: lag $said s, $missing" \
	    "commits missing, the writer made $((count_now - count_then))"
	cmp_num "$said" '<=' "$(awk "BEGIN { print $true_lag + 3.5 }")" \
	    "$version: by a second a second, not more"
	cmp_num "$said" '>=' "$(awk "BEGIN { print $true_lag - 1.5 }")" \
	    "$version: and not less"
	# What was on its way when it was stopped is missing as well: up to
	# three passes and uploads, of 20 commits each.
	cmp_num "$missing" '>=' "$((count_now - count_then - 25))" \
	    "$version: as many commits as the writer made since"
	cmp_num "$missing" '<=' "$((count_now - count_then + 85))" \
	    "$version: and those on their way then"
	kill "$writer"
	end_tool || :
	# All commits less the missing ones are those that it has.
	has=$(has_commits) total=$(metric "$total_name")
	tool writers --commits 37 --synchronous off "$db" >/dev/null
	wait_for 5 '[ "$(metric "$total_name")" -ge $((total + 37)) ]'
	is "$(has_commits)" "$has" \
	    "$version: 37 commits more are 37 more that are missing"
	kill -CONT "$litestream_pid"
	wait_for 20 is_level "$version: it goes on, and nothing is missing"
	is "$(value lag_transactions s3)$(value lag_bytes s3)" 00 \
	    "$version: not a commit, not a byte"

	# Idle: no requests at all.
	sleep_until=$(date +%s)
	idle_from=$(requests)
	wait_for 20 '[ $(($(date +%s) - sleep_until)) -ge 12 ]'
	is "$(requests)" "$idle_from" "$version: 12 s idle, not one request"

	# Uploads are refused; the log begins anew meanwhile.
	echo 'deny PUT' >"$base/control"
	refused=$(date +%s.%N)
	run_writer 20 300
	wait_for 20 'over lag_seconds s3 5' "$version: uploads refused, the lag grows"
	ok 'under lag_seconds local 4' "$version: only that of the replica"
	resets=$(metric 'sqlite_wal_resets_total{db="app"}')
	tool writers --commits 1500 --synchronous off "$db" >/dev/null
	wait_for 20 "[ \"\$(metric 'sqlite_wal_resets_total{db=\"app\"}')\" -gt $resets ] || over lag_seconds s3 12" \
	    "$version: across a new log"
	wait_for 20 'over lag_seconds s3 12' "$version: twelve seconds"
	true_lag=$(since "$refused") said=$(value lag_seconds s3)
	diag "$version: refused for $true_lag s, said $said s"
	cmp_num "$said" '<=' "$(awk "BEGIN { print $true_lag + 3.5 }")" \
	    "$version: not more than it is"
	is "$(value up s3)" 1 "$version: the bucket itself can be looked at"
	: >"$base/control"
	kill "$writer"
	end_tool || :
	# It waits longer after each failure.
	wait_for 90 is_level "$version: allowed again, nothing is missing"

	# Killed, and the log cut behind its back: it begins anew.
	changes=$(metric 'sqlite_replica_generation_changes_total{db="app"}')
	kill -9 "$litestream_pid"
	wait "$litestream_pid" 2>/dev/null
	tool writers --commits 200 --checkpoint truncate --checkpoint-each 50 \
	    --synchronous off "$db" >/dev/null
	tool writers --commits 20 --synchronous off "$db" >/dev/null
	wait_for 10 'over lag_seconds s3 2' "$version: killed, and commits are missing"
	run_litestream
	wait_for 60 is_level "$version: restarted, and nothing is missing"
	wait_for 5 "[ \"\$(metric 'sqlite_replica_generation_changes_total{db=\"app\"}')\" -gt $changes ]" \
	    "$version: that it began anew is counted"

	# The agent's own chain of names, and the newest snapshot.
	wait_for 40 '[ "$(value chain_ok s3)" = 1 ]' "$version: the chain is whole"
	wait_for 5 "[ -n \"\$(value snapshot_timestamp_seconds s3)\" ]" \
	    "$version: when the newest snapshot was is said"

	# Everything here is lost, and restored from the bucket.
	end "$litestream_pid"
	rows=$(sqlite3 -readonly "$db" 'SELECT COUNT(*) FROM t')
	rm -rf "$db" "$db-wal" "$db-shm" "$base/.app.db-litestream"
	wait_for 10 "[ \"\$(metric 'sqlite_up{db=\"app\"}')\" = 0 ]"
	ok 'with_keys "$litestream" restore -config "$base/litestream.yml" "$db"' \
	    "$version: it is restored"
	is "$(sqlite3 "$db" 'SELECT COUNT(*) FROM t')" "$rows" \
	    "$version: all of it"
	run_litestream
	tool writers --commits 10 --synchronous off "$db" >/dev/null
	wait_for 60 "is_level && [ \"\$(metric 'sqlite_up{db=\"app\"}')\" = 1 ]" \
	    "$version: the restored one is replicated, and nothing is missing"
	is "$(value up s3)$(value ahead s3)" 10 "$version: by one writer"
	end "$litestream_pid"
	stop_agent
	rm -f "$dir/state.db"*
}

# One file for both versions, by the name it is called by, so that they run side
# by side.
case ${0##*/} in
*_03.sh)	of=0.3 by=${LITESTREAM03:?the real Litestream 0.3; make test has it} ;;
*)	of=0.5 by=${LITESTREAM05:?the real Litestream 0.5; make test has it} ;;
esac
follow "$of" "$by"
done_testing
