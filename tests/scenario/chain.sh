#!/bin/sh
# What is said about a replica's chain is what the real restore makes of it, for
# one that is intact and for each damage, 0.3 and 0.5.  A restore counts when it
# ends well and its database is sound: 0.3 restores over a hole, reports success
# and leaves a malformed file.
. "$(dirname "$0")/lib.sh"
litestream03=${LITESTREAM03:?the real Litestream 0.3; make test has it}
litestream05=${LITESTREAM05:?the real Litestream 0.5; make test has it}

# restores PROGRAM DIRECTORY
restores() {
	rm -rf "$dir/out"
	mkdir "$dir/out"
	"$1" restore -o "$dir/out/db" "file://$2" >"$dir/out/log" 2>&1 &&
		[ "$(sqlite3 "$dir/out/db" 'PRAGMA quick_check' 2>&1)" = ok ]
}

generation() {
	ls "$1/generations" 2>/dev/null
}

# The verdict, which may be a sentence: "whole" or the hole.
verdict() {
	# shellcheck disable=SC2046 # 0.5 has no generation
	tool chain "$1" $(generation "$1") | head -n 1
}

# damage PROGRAM REPLICA WHOLE|HOLE NAME FILE...: without those files.  What is
# deleted at the end is no hole, but whatever is one must not be restored.
damage() {
	damage_by=$1 damage_of=$2 damage_want=$3 damage_name=$4
	shift 4
	rm -rf "$dir/hurt"
	cp -a "$damage_of" "$dir/hurt"
	for damage_file in "$@"; do
		rm -r "$dir/hurt/$damage_file" || return 1
	done
	damage_said=$(verdict "$dir/hurt")
	diag "$damage_name: $damage_said"
	if [ "$damage_want" = WHOLE ]; then
		is "$damage_said" whole "$damage_name: whole"
		ok 'restores "$damage_by" "$dir/hurt"' \
		    "$damage_name: and it is restored"
	else
		like "$damage_said" 'missing$|no snapshot$|damaged$' \
		    "$damage_name: not whole"
		not_ok 'restores "$damage_by" "$dir/hurt"' \
		    "$damage_name: nor is it restored"
	fi
}

# ltx LEVEL MIN MAX: a file of 0.5 by its TXIDs in decimal
ltx() {
	printf 'ltx/%d/%016x-%016x.ltx\n' "$1" "$2" "$3"
}

both=$dir/both
mkdir "$both"
cat > "$both/3.yml" <<YML
dbs:
  - path: $both/3.db
    min-checkpoint-page-count: 50
    monitor-interval: 100ms
    replicas:
      - {type: file, path: $both/3, sync-interval: 200ms, snapshot-interval: 6s}
YML
# Few passes, so that each of them changes much.
cat > "$both/5.yml" <<YML
snapshot: {interval: 8s, retention: 1h}
levels: [{interval: 2s}, {interval: 4s}]
l0-retention: 3s
l0-retention-check-interval: 1s
dbs:
  - path: $both/5.db
    monitor-interval: 300ms
    replica: {type: file, path: $both/5, sync-interval: 300ms}
YML
cat > "$both/young.yml" <<YML
dbs:
  - path: $both/young.db
    replica: {type: file, path: $both/young}
YML
for n in 3 5 young; do
	tool writers --setup-only "$both/$n.db"
done
start "$both/3.log" "$litestream03" replicate -config "$both/3.yml"
pid3=$child
start "$both/5.log" "$litestream05" replicate -config "$both/5.yml"
pid5=$child
start "$both/young.log" "$litestream05" replicate -config "$both/young.yml"
young=$child
# A row is a page: what is missing is never written again by a later commit, or
# a restore over a hole would be sound by luck.
for n in 3 5 young; do
	start_tool writers --rate 20 --duration 60 --synchronous off \
	    --bytes 3000 "$both/$n.db"
done
G=generations/*

# 0.5 with its defaults, soon after its start
wait_for 10 'test -e "$both/young/$(ltx 0 2 2)"'
end "$young"
rm -rf "$both/young/ltx/9"
damage "$litestream05" "$both/young" WHOLE '0.5 without any snapshot'
# shellcheck disable=SC2046 # names
damage "$litestream05" "$both/young" HOLE '0.5, and TXID 1 is gone too' \
    $(cd "$both/young" && find ltx -name '0000000000000001-*')

# 0.3: two snapshots, and after the newest one a log with at least five pieces
# and the next one
newest() {
	ls "$both"/3/$G/snapshots 2>/dev/null | sed -n '$s/[.].*//p'
}
pieces() {	# of log INDEX, how many
	ls "$both"/3/$G/wal/"$1"_* 2>/dev/null | wc -l
}
wait_for 40 '[ "$(ls "$both"/3/$G/snapshots | wc -l)" -ge 2 ] &&
	S=$(newest) && [ "$(pieces "$S")" -ge 5 ] &&
	[ "$(pieces "$(printf %08x $((0x$S + 1)))")" -ge 5 ]' \
    '0.3 has snapshots, and logs after them'
end "$pid3"
# What came while it ended, as if it had not.
while [ "$(newest)" != "$S" ]; do
	rm "$both"/3/$G/snapshots/"$(newest)".*
done
diag "0.3: snapshots $(ls "$both"/3/$G/snapshots | tr '\n' ' ')"
# of log INDEX the nth piece, "$" is the last
piece() {
	(cd "$both/3" && ls -d $G/wal/"$1"_* | sed -n "$2p")
}
newest_log() {
	ls "$both"/3/$G/wal | sed -n '$s/_.*//p'
}
while [ "$(pieces "$(newest_log)")" -lt 2 ]; do
	rm "$both"/3/$G/wal/"$(newest_log)"_*
done
last=$(newest_log)
hurt3() {
	damage "$litestream03" "$both/3" "$@"
}
hurt3 WHOLE '0.3 intact'
hurt3 HOLE '0.3, the first piece is deleted' "$(piece "$S" 1)"
hurt3 HOLE '0.3, the second piece is deleted' "$(piece "$S" 2)"
hurt3 HOLE '0.3, the third and fourth are deleted' "$(piece "$S" 3)" \
    "$(piece "$S" 4)"
hurt3 HOLE '0.3, the beginning of the last log is deleted' "$(piece "$last" 1)"
hurt3 WHOLE '0.3, the newest piece is deleted' "$(piece "$last" '$')"
hurt3 WHOLE '0.3, the newest snapshot is deleted' \
    "generations/$(generation "$both/3")/snapshots/$S.snapshot.lz4"
hurt3 HOLE '0.3, all snapshots are deleted' \
    "generations/$(generation "$both/3")/snapshots"
cut=$both/3/$(piece "$S" 2)
cp "$cut" "$both/piece"
truncate -s -20 "$cut"
hurt3 HOLE '0.3, a piece is truncated'
cp "$both/piece" "$cut"

# 0.5: compacted twice, a snapshot, and more of level 1 and 0 after it
txids() {	# LEVEL: "min max" of each file, in decimal
	for txids_name in "$both/5/ltx/$1"/*.ltx; do
		txids_name=${txids_name##*/}
		txids_min=${txids_name%-*}
		txids_max=${txids_name#*-}
		echo "$((0x$txids_min)) $((0x${txids_max%.ltx}))"
	done
}
wait_for 40 '[ "$(txids 9 | wc -l)" -ge 3 ] && [ "$(txids 2 | wc -l)" -ge 3 ] &&
	[ "$(txids 0 | wc -l)" -ge 4 ]' '0.5 has compacted'
end "$pid5"
diag "0.5: snapshots $(txids 9 | tr '\n' ';') 2: $(txids 2 | tr '\n' ';')"
diag "0.5: 1: $(txids 1 | tr '\n' ';') 0: $(txids 0 | tr '\n' ';')"
hurt5() {
	damage "$litestream05" "$both/5" "$@"
}
hurt5 WHOLE '0.5 intact'
hurt5 WHOLE '0.5, the snapshots are deleted' ltx/9
# shellcheck disable=SC2046 # numbers
hurt5 WHOLE '0.5, the newest is deleted' \
    "$(ltx 0 $(txids 0 | tail -n 1))"
hurt5 HOLE '0.5, snapshots and what begins with TXID 1 are deleted' ltx/9 \
    ltx/2 "$(cd "$both/5" && ls ltx/1/0000000000000001-*)"
# Each file alone, with the snapshots and without: as the restore has it.
same=0 differ=0
rm -rf "$both/bare"
cp -a "$both/5" "$both/bare"
rm -r "$both/bare/ltx/9"
rm -r "$both/bare/ltx/2"
for base in 5 bare; do
	for file in $(cd "$both/$base" && find ltx -name '*.ltx' | sort); do
		rm -rf "$dir/hurt"
		cp -a "$both/$base" "$dir/hurt"
		rm "$dir/hurt/$file"
		said=$(verdict "$dir/hurt")
		real=hole
		restores "$litestream05" "$dir/hurt" && real=whole
		case $said in
		whole) ours=whole ;;
		*) ours=hole ;;
		esac
		if [ "$ours" = "$real" ]; then
			same=$((same + 1))
		else
			differ=$((differ + 1))
			diag "$base without $file: $said; it is $real"
		fi
	done
done
diag "0.5: $same files deleted, one at a time"
is "$differ" 0 '0.5, any one file is deleted: as the restore has it'
done_testing
