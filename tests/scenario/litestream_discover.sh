#!/bin/sh
# litegauge discover tells where a running Litestream copies a database to, for
# 0.3 and 0.5, from its command line and from its configuration; and no text of
# a configuration can become a line of its own.
. "$(dirname "$0")/lib.sh"

# A database that is open, and a Litestream under the name that it has.
db=$dir/app.db
tool writers --setup-only "$db"
start_tool writers --rate 1 --duration 120 --synchronous off "$db"
mkdir "$dir/0.3" "$dir/0.5"
ln -s "${LITESTREAM03:?the real Litestream 0.3}" "$dir/0.3/litestream"
ln -s "${LITESTREAM05:?the real Litestream 0.5}" "$dir/0.5/litestream"

look() {
	"${LITEGAUGE:-build/litegauge}" discover >"$dir/found" 2>"$dir/notes"
}

# told PLACE SOURCE: the comment stands before the section of this database.
told() {
	look && grep -F -A2 "; Litestream (PID $child, $2) copies it to $1" \
	    "$dir/found" | grep -qxF "path = $db"
}

for version in 0.3 0.5; do
	litestream=$dir/$version/litestream
	start "$dir/log" "$litestream" replicate "$db" "file://$dir/backup"
	wait_for 10 "told 'file://$dir/backup' 'its command line'" \
	    "$version: by its command line"
	end "$child"

	cat >"$dir/$version/x.yml" <<-'YML'
	dbs:
	  - path: ../app.db
	    replicas:
	      - path: ${WHERE}/app
	YML
	start "$dir/log" env -C "$dir/$version" "WHERE=$dir/there" \
	    "$litestream" replicate -config x.yml
	wait_for 10 "told 'file://$dir/there/app' '$dir/$version/x.yml'" \
	    "$version: by its file, its directory and its environment"
	end "$child"

	printf 'dbs: [{path: %s, replicas: [{path: "%s/a\\n[database evil]"}]}]' \
	    "$db" "$dir" >"$dir/$version/x.yml"
	start "$dir/log" env -C "$dir/$version" "$litestream" replicate \
	    -config x.yml
	wait_for 10 'look && grep -q "cannot be printed" "$dir/found"' \
	    "$version: a line feed is not printed"
	not_ok 'grep -q evil "$dir/found"' "$version: nor what follows it"
	end "$child"

	# What never answers keeps it there to be found.
	start_sink hang,hang,hang,hang,hang,hang,hang,hang
	start "$dir/log" env -u AWS_CA_BUNDLE \
	    AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=x \
	    HTTPS_PROXY="$sink_url" "$litestream" replicate "$db" \
	    's3://me:hunter2@mybkt/app?region=us-east-1'
	wait_for 10 "told 's3://mybkt/app' 'its command line'" \
	    "$version: a bucket"
	not_ok 'grep -q hunter2 "$dir/found" "$dir/notes"' \
	    "$version: without who logs in"
	end "$child"
done
done_testing
