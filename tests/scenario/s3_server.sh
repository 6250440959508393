#!/bin/sh
# The S3 server that other tests build on is one: the real Litestream, 0.3 and
# 0.5, replicates to it while an app writes, and restores from it every row.
# shellcheck disable=SC2016
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/lib.sh"

# What the AWS libraries would read besides (0.5 does not start with the last).
unset AWS_PROFILE AWS_REGION AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY \
    AWS_SESSION_TOKEN AWS_ENDPOINT_URL AWS_CA_BUNDLE

# config PATH SECRET
config() {
	cat <<-YML
	access-key-id: AKIDLITESTREAM
	secret-access-key: $2
	dbs:
	  - path: $db
	    replicas:
	      - type: s3
	        bucket: pail
	        path: $1
	        endpoint: http://127.0.0.1:$s3_port
	        region: us-east-1
	        force-path-style: true
	YML
}

# requests JQ-FILTER: how many of them
requests() {
	jq -s "[.[] | select($1)] | length" "$dir/s3.log"
}

start_tool s3 --port-file "$dir/s3.port" --dir "$dir/objects" --bucket pail \
    --log "$dir/s3.log" --control "$dir/s3.control" \
    --access-key AKIDLITESTREAM --secret-key 's3cr3t/+of/litestream' \
    --access-key2 AKIDLITEGAUGE --secret-key2 's3cr3t/+of/litegauge'
wait_for 5 '[ -s "$dir/s3.port" ]' 'it listens'
s3_port=$(cat "$dir/s3.port")

# follow VERSION PROGRAM OBJECTS: a glob below the replica's path
follow() {
	version=$1 litestream=$2
	base=$dir/$version
	mkdir "$base"
	db=$base/app.db
	tool writers --setup-only "$db"
	config "app$version" 's3cr3t/+of/litestream' > "$base/yml"
	start "$base/log" "$litestream" replicate -config "$base/yml"
	litestream_pid=$child
	start_tool writers --rate 50 --duration 4 --synchronous off "$db"
	end_tool
	wait_for 15 "ls $dir/objects/app$version/$3 >/dev/null" \
	    "$version: objects arrive under their names"
	end "$litestream_pid"	# after a last pass
	ok 'test -s "$db"' "$version: the database is there"
	ok "'$litestream' restore -config '$base/yml' -o '$base/back.db' '$db'" \
	    "$version: it is restored"
	is "$(dump "$base/back.db")" "$(dump "$db")" "$version: every row"
	cmp_num "$(requests '.op == "PUT" and .status == 200')" '>' 2 \
	    "$version: what was put was signed and taken"

	config "app$version" wrong > "$base/wrong.yml"
	not_ok "'$litestream' restore -config '$base/wrong.yml' -o '$base/no.db' '$db'" \
	    "$version: with the wrong secret nothing is restored"
	cmp_num "$(requests '.status == 403 and .who == "-"')" '>' 0 \
	    "$version: it is a 403"
}

dump() {
	sqlite3 "$1" .dump | grep -v '_litestream_' | sha256sum
}

follow 0.3 "${LITESTREAM03:?the real Litestream 0.3; make test has it}" \
    'generations/*/wal/*.wal.lz4'
: > "$dir/s3.log"
follow 0.5 "${LITESTREAM05:?the real Litestream 0.5; make test has it}" \
    '0000/*.ltx'
is "$(jq -r .who "$dir/s3.log" | grep -c LITEGAUGE)" 0 \
    'who signed is told apart'
done_testing
