#!/bin/sh
# Which SQLite uses a database is what that very program says of itself, with
# real programs: the shell, Python, the test's own, and the real Litestreams.
# On a busy machine the table of locks, which tells who is there, is read the
# more seldom: hence the long waits.
# shellcheck disable=SC2034,SC2016
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/lib.sh"

[ "$(id -u)" = 0 ] || skip_all 'only root can look into other processes'
db=$dir/app.db

library() {	# PROGRAM: the version that is told of it
	scrape
	sed -n "s/^sqlite_library_info{db=\"app\",program=\"$1\",version=\"\(.*\)\"} 1/\1/p" \
	    "$dir/metrics"
}

risk() {
	metric "sqlite_version_risk{db=\"app\",risk=\"$1\"}"
}

noted() {	# PATTERN: in one line of the log
	[ "$(grep -c "app: $1" "$agent_log")" = 1 ]
}

tool writers --setup-only "$db"
printf '[agent]\nholders_interval = 5s\n[database app]\npath = %s\n' "$db" \
	>"$dir/litegauge.ini"
start_agent --config "$dir/litegauge.ini"
start_tool reader --mark-only "$db"
said=$(sqlite3 :memory: 'SELECT sqlite_version()')
wait_for 90 '[ -n "$(library reader)" ]' 'a program with the library is seen'
is "$(library reader)" "$said" 'in the version that the library says it is'
is "$(risk wal_reset)" 0 'one process alone cannot hit that bug'
is "$(risk litestream_silent_stop)" '' 'and there is no Litestream'

for version in 0.3 0.5; do
	case $version in
	0.3)	litestream=${LITESTREAM03:?make test has it} ;;
	0.5)	litestream=${LITESTREAM05:?make test has it} ;;
	esac
	start "$dir/log" env -u AWS_CA_BUNDLE "$litestream" replicate "$db" \
	    "file://$dir/backup-$version"
	replicator=$child
	name=${litestream##*/}
	wait_for 90 '[ -n "$(library "$name")" ]' "Litestream $version is seen"
	wait_for 10 '[ "$(risk litestream_silent_stop)" = 0 ]' \
	    "$version: not one that stops"
	case $version in
	0.3)	is "$(library "$name")" 3.42.0 '0.3.13 has SQLite 3.42.0'
		is "$(risk wal_reset)" 1 'two processes, and the bug in one'
		wait_for 10 'noted "$name runs SQLite 3.42.0, .* WAL-reset"' \
		    'the log says which program' ;;
	0.5)	wait_for 30 '[ "$(library "$name")" = 3.53.0 ]' \
		    '0.5.17 has one that is mended: modernc with 3.53.0' ;;
	esac
	case $version in
	0.3)	exact=0.3.13 ;;
	0.5)	exact=0.5.17 ;;
	esac
	is "$(metric "sqlite_litestream_info{db=\"app\",version=\"$exact\"}")" 1 \
	    "and it is Litestream $exact"
	end "$replicator"
done

if python3 -c 'import sqlite3' 2>/dev/null; then
	said=$(python3 -c 'import sqlite3; print(sqlite3.sqlite_version)')
	start "$dir/log" python3 -c "
import sqlite3, time
c = sqlite3.connect('$db')
c.execute('BEGIN')
c.execute('SELECT * FROM t').fetchall()
time.sleep(120)"
	wait_for 90 '[ -n "$(library "python3.*")" ]' 'Python is seen'
	is "$(library 'python3.*')" "$said" 'with the version it says itself'
else
	pass 'no Python with sqlite3 here # SKIP'
fi
ok 'noted "litestream03 runs SQLite"' 'each program is said once'
stop_agent
done_testing
