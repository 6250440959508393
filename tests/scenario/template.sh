#!/bin/sh
# A new collector is one file: a copy of collectors/TEMPLATE is built in a copy
# of the tree, where nothing else is edited, and its metric is there.
# shellcheck disable=SC2016,SC2034
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/lib.sh"

root=$(cd "$(dirname "$0")/../.." && pwd)
copy=$dir/tree
new=modified
family=sqlite_${new}_timestamp_seconds

# What is built is kept too, with its times, so that little is built again.
mkdir -p "$copy/build/obj"
for room in base agent alerts build-aux collectors litestream tracer Makefile; do
	cp -Rp "$root/$room" "$copy/"
done
[ -d "$root/build/obj/agent" ] && cp -Rp "$root/build/obj/base" \
	"$root/build/obj/agent" "$root/build/obj/alerts" "$root/build/obj/collectors" \
	"$root/build/obj/litestream" "$root/build/obj/tracer" \
	"$copy/build/obj/"

ok 'grep -q "^const struct collector collector_template = {" \
	"$copy/collectors/TEMPLATE"' 'the template defines a collector'
sed "s/template/$new/g" "$copy/collectors/TEMPLATE" \
	>"$copy/collectors/$new.c"
ok 'make -j4 -C "$copy" WERROR=-Werror SAN= TSAN= COV= build/litegauge' \
	'a copy of it builds without a warning'

tool writers --setup-only "$dir/app.db" >"$dir/out"
ok '"$copy/build/litegauge" once --db "app=$dir/app.db" >"$dir/once"' \
	'the agent with it runs'
value=$(awk -v name="$family{db=\"app\"}" '$1 == name { print $2 }' \
	"$dir/once")
cmp_num "$value" = "$(stat -c %Y "$dir/app.db")" \
	'its metric says when the file was last written to'
ok 'grep -q "^# TYPE $family gauge$" "$dir/once"' \
	'/metrics says what kind it is'
ok '"$copy/build/litegauge" --tables metrics | grep -q "^.It $family gauge"' \
	'the manual has a row for it'
is "$(awk -v new="collector=\"$new\"" 'index($0, new) > 0 &&
	index($0, "litegauge_collector_success{") == 1 { print $2 }' \
	"$dir/once")" 1 'the agent says how it fared'
ok 'awk "length(\$0) > 80 { exit 1 }" "$root/collectors/TEMPLATE"' \
	'the template keeps the style'
done_testing
