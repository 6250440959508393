#!/bin/sh
# Restore drills with the real Litestream, 0.3 and 0.5: what each kind of damage
# to a replica comes to, and that the database itself is never touched.
# shellcheck disable=SC2016,SC2034,SC2317
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/lib.sh"

litegauge=${LITEGAUGE:-build/litegauge}

# drill ARGS...: what it says in $said, its status in $status.
drill() {
	said=$("$litegauge" drill --config "$room/ini" "$@" 2>"$dir/drill.err")
	status=$?
}

# matrix DAMAGE OUTCOME STATUS ERE: the drill of now, as a row.
matrix() {
	drill --json app
	judge "$@"
}

judge() {
	row=$(printf '%s\n' "$said" | jq -r '.outcome')
	why=$(printf '%s\n' "$said" | jq -r '.why // ""')
	diag "$(printf '%-4s %-24s %-13s %s' "$version" "$1" "$row" "$why")"
	is "$row $status" "$2 $3" "$version: $1: $2"
	like "$why" "$4" "$version: $1: and says so"
	is "$(ls -A "$room/drill")" '' "$version: $1: nothing is left"
}

write_ini() {	# KEY=VALUE... of [drill]
	cat >"$room/ini" <<-INI
	[agent]
	state = $room/state.db
	[database app]
	path = $db
	[replica backup]
	database = app
	path = $room/replica
	[drill]
	dir = $room/drill
	INI
	for pair in "$@"; do
		echo "$pair" >>"$room/ini"
	done
}

# A replica that is behind is given 15 seconds to come, so all that are damaged
# are drilled side by side, each in a room of its own.
hurts=0
hurt() {	# the one to damage: $room/replica, as before any damage
	hurts=$((hurts + 1))
	room=$base/hurt.$hurts
	mkdir "$room" "$room/drill"
	cp -a "$base/pristine" "$room/replica"
	write_ini "litestream = $litestream"
}

# begin DAMAGE OUTCOME STATUS ERE: judged by the next finish.
begin() {
	printf '%s\n' "$@" >"$room/row"
	start "$room/err" sh -c 'exec "$0" drill --config "$1/ini" --json app \
	    >"$1/said"' "$litegauge" "$room"
	echo "$child" >"$room/pid"
}

finish() {
	for room in "$base"/hurt.*; do
		wait "$(cat "$room/pid")"
		status=$?
		said=$(cat "$room/said")
		{
			read -r damage
			read -r outcome
			read -r want
			read -r ere
		} <"$room/row"
		judge "$damage" "$outcome" "$want" "$ere"
		[ "$damage" != 'newest files deleted' ] || cmp_num \
		    "$(printf '%s\n' "$said" | jq .behind_bytes)" '>' 1000 \
		    "$version: as a number, too"
	done
	room=$base
}

# The files of the log on the replica, in order.
pieces() {
	case $version in
	0.3) find "$room/replica/generations" -name '*.wal.lz4' | sort ;;
	0.5) find "$room/replica/ltx/0" -name '*.ltx' | sort ;;
	esac
}

# What a compaction has made of them would stand in for those that are damaged.
only_pieces() {
	[ "$version" = 0.3 ] || rm -rf "$room"/replica/ltx/[1-8]
}

middle() {
	pieces | sed -n "$(($(pieces | wc -l) / 2 + 1))p"
}

# flip FILE: the lowest bit of a byte.  Within a piece of 0.3 a copy may be made
# from elsewhere in the same zeros then, and nothing is damaged: so it is one of
# the sum at its end.
flip() {
	flip_at=$(wc -c <"$1")
	case $version in
	0.3) flip_at=$((flip_at - 1)) ;;
	0.5) flip_at=$((flip_at / 2)) ;;
	esac
	flip_byte=$(od -An -tu1 -j "$flip_at" -N 1 "$1")
	# shellcheck disable=SC2059
	printf "\\$(printf %o $((flip_byte ^ 1)))" |
	    dd of="$1" bs=1 seek="$flip_at" conv=notrunc 2>/dev/null
}

live_bytes() {
	(cd "$base/data" && find . -type f | sort | xargs sha256sum)
}

damage_matrix() {
	matrix 'intact' pass 0 '^$'
	cmp_num "$(printf '%s\n' "$said" | jq .bytes)" '>' 20000 \
	    "$version: it tells how large the database is"
	cmp_num "$(printf '%s\n' "$said" | jq .took_ms)" '>' 0 \
	    "$version: and how long it took"
	like "$(printf '%s\n' "$said" | jq -r .schema)" '^[0-9a-f]{64}$' \
	    "$version: and a hash of the schema"

	hurt
	only_pieces
	rm "$(middle)"
	begin 'middle file deleted' fail 1 \
	    'cannot be restored|stale: the last commits are not in it'
	hurt
	only_pieces
	flip "$(middle)"
	begin 'a bit flipped' fail 1 'cannot be restored|damaged'
	hurt
	only_pieces
	pieces | tail -n 2 | xargs rm
	begin 'newest files deleted' fail 1 \
	    'restores, but stale: [1-9][0-9]* bytes of the log are missing'
	hurt
	only_pieces
	newest=$(pieces | tail -n 1)
	truncate -s $(($(wc -c <"$newest") / 2)) "$newest"
	begin 'newest file cut short' fail 1 'cannot be restored|stale'
	hurt
	only_pieces
	case $version in
	0.3) rm "$room"/replica/generations/*/snapshots/* ;;
	0.5)
		rm "$room"/replica/ltx/9/*
		rm "$(pieces | head -n 1)"
		;;
	esac
	begin 'snapshot gone' fail 1 'cannot be restored'
	hurt
	rm -rf "$room/replica"
	mkdir "$room/replica"
	begin 'all of it gone' fail 1 'cannot be restored'
	finish
}

# A litestream that does not get on with it.
write_sleeper() {
	cat >"$base/sleeper" <<-SH
	#!/bin/sh
	[ "\$1" = version ] && { echo v$version.13; exit; }
	echo \$\$ >$base/sleeper.pid
	: >"\$4.tmp"
	exec sleep 1000
	SH
	chmod +x "$base/sleeper"
}

sleeper_is_gone() {
	! kill -0 "$(cat "$base/sleeper.pid")" 2>/dev/null
}

hindrances() {
	write_ini "litestream = $base/nowhere"
	matrix 'program missing' inconclusive 1 'nowhere: No such file'
	write_sleeper
	write_ini "litestream = $base/sleeper" 'timeout = 1s'
	matrix 'too slow' inconclusive 1 'not done after 1 s'
	ok sleeper_is_gone "$version: and that process is gone"

	# Whoever starts it can end it; whoever kills it leaves the next to sweep.
	write_ini "litestream = $base/sleeper"
	for sig in TERM KILL; do
		rm -f "$base/sleeper.pid"
		start "$dir/out" "$litegauge" drill --config "$base/ini"
		wait_for 10 '[ -s "$base/sleeper.pid" ]'
		kill -$sig "$child"
		wait "$child" 2>/dev/null
		wait_for 10 sleeper_is_gone "$version: SIG$sig takes it along"
		[ "$sig" = KILL ] || is "$(ls -A "$base/drill")" '' \
		    "$version: SIG$sig leaves nothing"
	done
	like "$(ls "$base/drill")" '^litegauge-drill-' \
	    "$version: one that was killed leaves its directory"
	touch -d '1 hour ago' "$base"/drill/*
	write_ini "litestream = $litestream"
	matrix 'after one that was killed' pass 0 '^$'

	write_ini "litestream = $litestream" "dir = $base/data/sub"
	sed -i '\|^dir = .*/drill$|d' "$base/ini"
	mkdir "$base/data/sub"
	matrix 'dir beside the database' inconclusive 1 \
	    'in the directory of the database'
	rmdir "$base/data/sub"

	mkdir "$base/small"
	if mount -t tmpfs -o size=4m drill "$base/small" 2>"$dir/out"; then
		write_ini "litestream = $litestream" "dir = $base/small"
		sed -i '\|^dir = .*/drill$|d' "$base/ini"
		matrix 'no room' inconclusive 1 'no room for it: .* are needed'
		is "$(ls -A "$base/small")" '' "$version: no room: nothing left"
		umount "$base/small"
	else
		diag "$version: no tmpfs may be mounted here: no room is not tried"
	fi
	write_ini "litestream = $litestream"
}

# Whatever opens, locks or makes a file, in all of its processes.
outside() {
	if ! strace -o "$dir/try" true 2>"$dir/out"; then
		diag "$version: strace cannot trace here, so that is not tried"
		return 0
	fi
	ok 'ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0" \
	    strace -f -y -s 16 -o "$base/trace" \
	    -e trace=file,desc,fcntl,flock \
	    "$litegauge" drill --config "$base/ini"' \
	    "$version: it passes under strace"
	reads='F_(GETLK|GETFL|GETFD|SETFD)'
	grep -F "$base/data" "$base/trace" | grep -E \
	    '(openat|open|fcntl|flock|unlink|rename|ftruncate|pwrite64|write)' |
	    grep -vE -e 'open(at)?\(.*O_RDONLY' -e "fcntl\\([^>]*>, $reads" \
	    -e 'pread64|read\(|fstat|readlink|close|execve|"-config"' \
	    -e '^[0-9]+ +(<\.\.\.|---|\+\+\+)' >"$base/breaches"
	is "$(head -n 3 "$base/breaches")" '' \
	    "$version: it only reads beside the database"
	cmp_num "$(grep -cF "$db" "$base/trace")" '>' 3 \
	    "$version: which the trace would show"
}

exercise() {	# VERSION PROGRAM
	version=$1 litestream=$2
	base=$dir/$version room=$dir/$version
	mkdir "$base" "$base/data" "$base/drill"
	db=$base/data/app.db
	tool writers --setup-only --seed-rows 200 "$db"
	cat >"$base/litestream.yml" <<-YML
	dbs:
	  - path: $db
	    replicas:
	      - path: $base/replica
	YML
	start "$base/litestream.log" "$litestream" replicate \
	    -config "$base/litestream.yml"
	litestream_pid=$child
	start_tool reader --mark-only --ready-file "$base/ready" "$db"
	wait_for 10 '[ -s "$base/ready" ]'
	write_ini "litestream = $litestream"
	start_tool writers --rate 50 --duration 60 --synchronous off "$db"
	writer=$tool_pid
	wait_for 30 '[ "$(pieces | wc -l)" -ge 6 ]' "$version: it replicates"

	# While all of it runs.
	drill
	is "$status" 0 "$version: in full run it passes"
	like "$said" '^app: replica backup: pass: restored .* up to ' \
	    "$version: a sentence for people"
	# With the program and the configuration that are found.
	sed -i '/^\[replica/,/^path/d; /^litestream/d' "$base/ini"
	drill --json
	diag "$version: by its own configuration: $said"
	is "$(printf '%s\n' "$said" | jq -r '.outcome + " " + .replica')" \
	    'pass file' "$version: and by Litestream's own configuration"
	unlike "$(printf '%s\n' "$said" | jq -r .position)" '^null$' \
	    "$version: told by the one that runs"
	write_ini "litestream = $litestream"
	kill "$writer"
	end_tool || :
	wait_for 20 'drill --json; [ "$status" = 0 ]'
	kill "$litestream_pid"
	wait "$litestream_pid" 2>/dev/null

	cp -a "$base/replica" "$base/pristine"
	live_bytes >"$base/before"
	damage_matrix
	hindrances
	outside
	live_bytes >"$base/after"
	ok 'diff "$base/before" "$base/after"' \
	    "$version: the database's files are the same, byte for byte"
	drill nobody
	is "$status" 2 "$version: a database that there is not is a usage error"

	# The last one closes it, and the log goes into the file.
	kill "$(cat "$base/ready")"
	wait_for 10 '[ ! -e "$db-wal" ]' "$version: nobody has it open"
	matrix 'no log' pass 0 '^$'
	tool writers --commits 3 --synchronous off "$db" >"$dir/out"
	matrix 'commits whose log is gone' fail 1 'and their log is gone'
}

# A bucket, whose keys are in [replica] only.
bucket() {	# VERSION PROGRAM
	version=$1 litestream=$2
	base=$dir/s3.$version room=$dir/s3.$version
	mkdir "$base" "$base/data" "$base/drill" "$base/bucket"
	db=$base/data/app.db
	tool writers --setup-only --seed-rows 200 "$db"
	start_tool s3 --dir "$base/bucket" --bucket backups \
	    --region eu-central-1 --access-key AKIAREPLICATOR \
	    --secret-key top/secret+1 --port-file "$base/port" \
	    --control "$base/control"
	wait_for 10 '[ -s "$base/port" ]'
	endpoint=http://127.0.0.1:$(cat "$base/port")
	cat >"$base/litestream.yml" <<-YML
	dbs:
	  - path: $db
	    replicas:
	      - type: s3
	        bucket: backups
	        path: shop/app
	        region: eu-central-1
	        endpoint: $endpoint
	        force-path-style: true
	YML
	start "$base/litestream.log" env -u AWS_CA_BUNDLE \
	    AWS_ACCESS_KEY_ID=AKIAREPLICATOR AWS_SECRET_ACCESS_KEY=top/secret+1 \
	    "$litestream" replicate -config "$base/litestream.yml"
	litestream_pid=$child
	start_tool writers --rate 20 --duration 60 --synchronous off "$db"
	write_ini "litestream = $litestream"
	sed -i "s|^path = $base/replica|url = s3://backups/shop/app\\
	endpoint = $endpoint\\
	region = eu-central-1\\
	access_key_id = AKIAREPLICATOR\\
	secret_access_key = top/secret+1|" "$base/ini"
	sed -i 's/^	//' "$base/ini"
	chmod 600 "$base/ini"
	wait_for 30 'find "$base/bucket" -type f | grep -q .'
	wait_for 20 'drill; [ "$status" = 0 ]' "$version: from a bucket, too"
	diag "$said"
	echo 'deny GET' >"$base/control"
	start "$base/refused" "$litegauge" drill --config "$base/ini"
	refused=$child refused_litestream=$litestream_pid refused_in=$base
}

refused_bucket() {
	wait "$refused"
	said=$(cat "$refused_in/refused")
	diag "$said"
	like "$said" 'inconclusive' "$version: a bucket that refuses tells nothing"
	unlike "$said" 'top/secret|AKIAREPL' "$version: no key in what it says"
	is "$(ls -A "$refused_in/drill")" '' "$version: and leaves nothing"
	kill "$refused_litestream"
}

unset AWS_CA_BUNDLE
# One file for both versions, by the name it is called by, so that they run side
# by side.
case ${0##*/} in
*_03.sh)	of=0.3 by=${LITESTREAM03:?the real Litestream 0.3; make test has it} ;;
*)	of=0.5 by=${LITESTREAM05:?the real Litestream 0.5; make test has it} ;;
esac
bucket "$of" "$by"
exercise "$of" "$by"
refused_bucket

# ---- what the agent makes of one ------------------------------------------

db=$base/data/app.db
write_ini "litestream = $litestream" 'every = 30d'
start_agent --config "$base/ini"
wait_for 10 '[ -n "$(metric "sqlite_replica_up{db=\"app\",replica=\"backup\"}")" ]'
is "$(metric 'sqlite_replica_drill_success{db="app",replica="backup"}')" '' \
    'no drill, no metric'
stop_agent
sqlite3 "$dir/state.db" "INSERT INTO drill VALUES ('app', 'backup', 1,
    'it restores, but stale: 5 bytes', $(date +%s)000, 1000, 1,
    $(date +%s)000, 1500, 4096, 5, '0.5 TXID 9', 'ab')"
start_agent --config "$base/ini"
wait_for 10 '[ "$(metric "sqlite_replica_drill_success{db=\"app\",replica=\"backup\"}")" = 0 ]' \
    'what state.db kept is told again'
is "$(metric 'sqlite_replica_drill_duration_seconds{db="app",replica="backup"}')" \
    1.5 'with its duration'
is "$(curl -s "$agent_url/api/v1/databases" |
    jq -r '.data[0].drills[0] | .outcome + " " + .position')" \
    'fail 0.5 TXID 9' 'and in the API'
wait_for 10 'curl -s "$agent_url/api/v1/alerts" |
    jq -e ".data.alerts[] | select(.rule == \"drill-failed\" and
	.state == \"firing\")"' 'a drill that failed is an alert'
sed -i '/^every/d' "$base/ini"
kill -HUP "$agent_pid"
wait_for 15 '[ -z "$(metric "sqlite_replica_drill_success{db=\"app\",replica=\"backup\"}")" ]' \
    'no more drills, no more metrics'
stop_agent
done_testing
