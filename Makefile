# make            build/litegauge
# make demo       installs what it lacks, builds, and shows litegauge at work
# make test       installs what it lacks, builds, and runs every test
# make bench      measures cost and effect (paired, as ratios)
# make fuzz       runs each fuzzer for SECONDS=30
# make lint       style, cppcheck, manuals, shell
# make install    to PREFIX=/usr/local, behind DESTDIR=
# make coverage   what the tests reach, by file
# make clean      forget everything that was built
# make help       this
# V=1 shows the commands.
# SAN=1 TSAN=1 COV=1 build and test with address and undefined-behaviour, with
# thread, with coverage checks; CC=clang works.

PREFIX	   ?= /usr/local
SBINDIR	   ?= $(PREFIX)/sbin
MANDIR	   ?= $(PREFIX)/share/man
SHAREDIR   ?= $(PREFIX)/share/litegauge
LIBDIR	   ?= $(PREFIX)/lib/litegauge
SYSCONFDIR ?= /etc
UNITDIR	   ?= /lib/systemd/system
DESTDIR	   ?=
PKG_CONFIG ?= pkg-config
INSTALL	   ?= install

VERSION	   := 0.1.0
REVISION   := $(shell git rev-parse --short HEAD 2>/dev/null || echo unknown)

Q	    = $(if $(V),,@)
say	    = $(if $(V),,@echo "  $(1)	$@")

LIBS	   := sqlite3 libmicrohttpd libcurl inih libcrypto jansson zlib yaml-0.1 \
	      expat
# The kernel tracer is built where its tools are; TRACER= builds without.
BPF_CC	   ?= clang
BPFTOOL	   ?= $(firstword $(wildcard /usr/sbin/bpftool /sbin/bpftool) bpftool)
TRACER	   ?= $(shell command -v $(BPF_CC) >/dev/null && \
		$(BPFTOOL) version >/dev/null 2>&1 && \
		$(PKG_CONFIG) --exists libbpf && echo yes)
ifneq ($(TRACER),)
LIBS	   += libbpf
TRACER_OUT := tracer/without.c
else
TRACER_OUT := tracer/kernel.c
endif
CFLAGS	   ?= -O2 -g -D_FORTIFY_SOURCE=2 -fstack-protector-strong
WARN	   := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wformat=2 \
	      -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
	      -Wwrite-strings -Wpointer-arith -Wcast-align -Wcast-qual \
	      -Wundef -Wvla -Wswitch-enum -Wimplicit-fallthrough -Wnull-dereference

ifneq ($(SAN),)
MODE	   := -san
SANFLAGS   := -fsanitize=address,undefined -fno-sanitize-recover=all \
	      -fno-omit-frame-pointer -U_FORTIFY_SOURCE
else ifneq ($(TSAN),)
MODE	   := -tsan
SANFLAGS   := -fsanitize=thread -U_FORTIFY_SOURCE
else ifneq ($(COV),)
MODE	   := -cov
SANFLAGS   := --coverage -O0 -U_FORTIFY_SOURCE
endif
B	   := build$(MODE)
O	   := $B/obj

# Ours come last so that nobody's CFLAGS can drop them.
ALL_CFLAGS  = $(CFLAGS) -std=c17 $(WARN) $(WERROR) $(SANFLAGS) -pthread \
	      -I. -D_GNU_SOURCE $(LIB_CFLAGS)
LIB_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(LIBS) 2>/dev/null)
ALL_LIBS    = $(shell $(PKG_CONFIG) --libs $(LIBS)) -lm

SRC	   := $(filter-out agent/main.c,$(wildcard agent/*.c agent/*/*.c)) \
	      $(wildcard base/*.c collectors/*.c litestream/*.c alerts/*.c alerts/receivers/*.c) \
	      $(filter-out $(TRACER_OUT) %.bpf.c,$(wildcard tracer/*.c))
OBJ	   := $(SRC:%.c=$O/%.o) $O/registry_collectors.o $O/registry_receivers.o
# For the app, never for the agent.
PROBE_SRC  := $(wildcard collectors/probe/*.c)
PROBE_OBJ  := $(patsubst %.c,$O/%.o,$(filter-out %/preload.c,$(PROBE_SRC)))
PROBES	   := $B/litegauge_probe.so $B/litegauge_preload.so
# Tests link what they need from an archive: one that brings a registry of its
# own, or a clock, gets that.
ARCHIVE	   := $O/litegauge.a
TESTS	   := $(patsubst %.c,$O/%,$(wildcard tests/*/test_*.c tests/*/*/test_*.c))
TOOLS	   := $(patsubst tests/tools/%.c,$B/tools/%,$(wildcard tests/tools/*.c))
SCENARIOS  := $(filter-out %/lib.sh,$(wildcard tests/scenario/*.sh tests/fault/*.sh tests/dashboards/*.sh))
MANUALS	   := $B/litegauge.8 $B/litegauge.ini.5

all: $B/litegauge $(PROBES) $(MANUALS)
	$(if $(TRACER),,@echo "  built without the kernel tracer, which needs clang, bpftool and libbpf-dev")

$B/litegauge: $O/agent/main.o $(OBJ)
	$(call say,LD)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(ALL_LIBS)

# They go into programs that nobody here built: no sanitizer, no SQLite of their
# own, no name but the entries, and never unloaded, for SQLite keeps pointers.
$O/pic/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(CFLAGS) -std=c17 $(WARN) $(WERROR) -pthread -I. -D_GNU_SOURCE \
	    -fPIC -fvisibility=hidden -MMD -MP -c -o $@ $<
$B/litegauge_probe.so: $(patsubst %.c,$O/pic/%.o,$(filter-out %/preload.c,$(PROBE_SRC)))
$B/litegauge_preload.so: $(patsubst %.c,$O/pic/%.o,$(filter-out %/init.c,$(PROBE_SRC)))
$(PROBES):
	$(call say,LD)
	$(Q)$(CC) $(CFLAGS) -pthread -shared -Wl,-z,nodelete,-z,now,-z,relro $(LDFLAGS) -o $@ $^

$O/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(ALL_CFLAGS) $(DEFS) -MMD -MP -c -o $@ $<

$O/agent/pages/self.o $O/agent/main.o $O/agent/pages/front.o: DEFS = \
	-DLITEGAUGE_VERSION='"$(VERSION)"' -DLITEGAUGE_REVISION='"$(REVISION)"'

# The programs for the kernel, and the C header that carries them (a skeleton).
BPF_ARCH   := $(shell uname -m | sed 's/x86_64/x86/; s/aarch64/arm64/')
BPF_FLAGS   = -target bpf -O2 -g -Wall -Wextra -Wno-unused-parameter \
	      -D__TARGET_ARCH_$(BPF_ARCH) -I. \
	      -I/usr/include/$(shell uname -m)-linux-gnu
$O/tracer/programs.o: tracer/kernel.bpf.c tracer/kernel.bpf.h tracer/shared.h Makefile
	@mkdir -p $(@D)
	$(call say,BPF)
	$(Q)$(BPF_CC) $(BPF_FLAGS) $(WERROR) -c -o $@ $<
$O/tracer/skel/programs.skel.h: $O/tracer/programs.o
	@mkdir -p $(@D)
	$(Q)$(BPFTOOL) gen skeleton $< name programs > $@ 2>/dev/null
$O/tracer/kernel.o: $O/tracer/skel/programs.skel.h
# What bpftool writes is not ours to warn about.
$O/tracer/kernel.o: DEFS = -isystem $O/tracer/skel

$O/registry_%.o: $O/registry_%.c
	$(call say,CC)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# A collector, or a receiver type, is a file that defines one.  This writes the
# lists of them; FORCE and cmp make it follow a file that came or went.
$O/registry_%.c: FORCE
	@mkdir -p $(@D)
	@sh build-aux/registry.sh $* > $@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

$(ARCHIVE): $(OBJ) $(PROBE_OBJ)
	@rm -f $@
	$(call say,AR)
	$(Q)ar rcs $@ $^

$(TESTS): $O/%: $O/%.o $(ARCHIVE)
	$(call say,LD)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $< $(ARCHIVE) $(ALL_LIBS) -lcmocka

$B/tools/%: tests/tools/%.c $(wildcard tests/tools/*.h) Makefile
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(CFLAGS) -std=c17 $(WARN) $(WERROR) -pthread -I. -D_GNU_SOURCE \
	    -o $@ $< -lsqlite3 -lm $(TOOL_LIBS)
$B/tools/chain: $(ARCHIVE)
$B/tools/chain: TOOL_LIBS = $(SANFLAGS) $(ARCHIVE) $(ALL_LIBS)
$B/tools/hangfs: TOOL_LIBS = $(shell $(PKG_CONFIG) --cflags --libs fuse3)
$B/tools/smtp: TOOL_LIBS = $(shell $(PKG_CONFIG) --cflags --libs libssl libcrypto)
$B/tools/s3: TOOL_LIBS = $(shell $(PKG_CONFIG) --cflags --libs libmicrohttpd libcrypto)

# The tables of a manual are printed by the program it describes.
$B/%: agent/%.in $B/litegauge
	@sh build-aux/manual.sh $B/litegauge $< > $@.new && mv $@.new $@

TEST_ENV    = LITEGAUGE=$(abspath $B)/litegauge TOOLS=$(abspath $B)/tools \
	      PROBE=$(abspath $B)/litegauge_probe PRELOAD=$(abspath $B)/litegauge_preload.so \
	      PEERS=$(abspath build)/peers
# Most tests wait; with thread checks they compute.
JOBS	   ?= $(if $(TSAN),4,8)

# As many compilers as there are processors, unless make was told a number.
BUILD	    = $(MAKE) --no-print-directory \
	      $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc))

test: deps-test
	@+$(BUILD) test-build
	@$(MAKE) --no-print-directory run-tests

test-build: all $(TESTS) $(TOOLS)
run-tests: all $(TESTS) $(TOOLS)
	@$(TEST_ENV) sh tests/run.sh -j $(JOBS) $(if $(T),$(T),$(TESTS) $(SCENARIOS))

demo: deps
	@$(MAKE) --no-print-directory build/litegauge build/tools/writers build/tools/reader build/tools/sink
	@LITEGAUGE=$(abspath build)/litegauge TOOLS=$(abspath build)/tools \
	    sh tests/demo.sh

bench: deps-test
	@$(MAKE) --no-print-directory all $(TOOLS)
	@for b in $(filter-out %/pairs.sh,$(wildcard tests/bench/*.sh)); do $(TEST_ENV) sh $$b || exit 1; done

# What a bare Debian 12 lacks; nothing happens when all of it is there.
deps:
	@sh build-aux/install.sh build
deps-test:
	@sh build-aux/install.sh build test
deps-lint:
	@sh build-aux/install.sh build test lint

FUZZ_CC	   ?= clang
FUZZERS	   := $(patsubst tests/fuzz/%.c,build-fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
SECONDS	   ?= 30
FUZZ_FLAGS := -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all \
	      -std=c17 -pthread -I. -D_GNU_SOURCE $(LIB_CFLAGS)

build-fuzz/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(FUZZ_CC) $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link -MMD -MP -c -o $@ $<
build-fuzz/registry_%.o: $O/registry_%.c
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(FUZZ_CC) $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link -c -o $@ $<
build-fuzz/all.a: $(patsubst %.c,build-fuzz/%.o,$(SRC:tracer/kernel.c=tracer/without.c)) build-fuzz/registry_collectors.o build-fuzz/registry_receivers.o
	@rm -f $@
	$(Q)ar rcs $@ $^
$(FUZZERS): build-fuzz/%: tests/fuzz/%.c build-fuzz/all.a
	$(call say,CC)
	$(Q)$(FUZZ_CC) $(FUZZ_FLAGS) -fsanitize=fuzzer -o $@ $< build-fuzz/all.a $(ALL_LIBS)
fuzz-build: $(FUZZERS)
fuzz:
	@+$(BUILD) fuzz-build
	@sh tests/fuzz/run.sh $(SECONDS) $(FUZZERS)

coverage:
	$(MAKE) COV=1 test
	@sh build-aux/coverage.sh build-cov

# readdir() of a directory of one's own is safe (readdir(3)); an err is filled
# by who fails, which cppcheck takes for its being read.
lint: deps-lint
	@$(MAKE) --no-print-directory all
	sh tests/style.sh
	cppcheck --quiet --library=bsd,posix --enable=warning,performance,portability \
	    --suppress=readdirCalled --suppress=ctuuninitvar \
	    --suppress=memleak:collectors/probe/share.c --suppress=invalidFunctionArg:collectors/probe/share.c \
	    --std=c17 --inline-suppr --error-exitcode=1 -D_GNU_SOURCE -I. -i tracer/kernel.bpf.c base agent collectors litestream alerts tracer
	mandoc -Tlint -Wwarning $(MANUALS)

install: all
	$(INSTALL) -d "$(DESTDIR)$(SBINDIR)" "$(DESTDIR)$(MANDIR)/man8" \
	    "$(DESTDIR)$(MANDIR)/man5" "$(DESTDIR)$(SHAREDIR)/grafana/provisioning" \
	    "$(DESTDIR)$(SHAREDIR)/prometheus" \
	    "$(DESTDIR)$(SYSCONFDIR)/litegauge" "$(DESTDIR)$(UNITDIR)"
	$(INSTALL) -m 755 $B/litegauge "$(DESTDIR)$(SBINDIR)/litegauge"
	$(INSTALL) -d "$(DESTDIR)$(LIBDIR)"
	$(INSTALL) -m 755 $(PROBES) "$(DESTDIR)$(LIBDIR)/"
	$(INSTALL) -m 644 $B/litegauge.8 "$(DESTDIR)$(MANDIR)/man8/"
	$(INSTALL) -m 644 $B/litegauge.ini.5 "$(DESTDIR)$(MANDIR)/man5/"
	$(INSTALL) -m 644 dashboards/grafana/litegauge.json "$(DESTDIR)$(SHAREDIR)/grafana/"
	$(INSTALL) -m 644 dashboards/grafana/provisioning/* "$(DESTDIR)$(SHAREDIR)/grafana/provisioning/"
	$(INSTALL) -m 644 dashboards/prometheus/alerts.yml "$(DESTDIR)$(SHAREDIR)/prometheus/"
	$(INSTALL) -m 644 agent/litegauge.ini "$(DESTDIR)$(SYSCONFDIR)/litegauge/litegauge.ini.example"
	sed 's|@SBINDIR@|$(SBINDIR)|' agent/litegauge.service.in > "$(DESTDIR)$(UNITDIR)/litegauge.service"

uninstall:
	rm -f "$(DESTDIR)$(SBINDIR)/litegauge" "$(DESTDIR)$(MANDIR)/man8/litegauge.8" \
	    "$(DESTDIR)$(MANDIR)/man5/litegauge.ini.5" "$(DESTDIR)$(UNITDIR)/litegauge.service" \
	    "$(DESTDIR)$(SYSCONFDIR)/litegauge/litegauge.ini.example"
	rm -rf "$(DESTDIR)$(SHAREDIR)" "$(DESTDIR)$(LIBDIR)"

clean:
	rm -rf build build-san build-tsan build-cov build-fuzz

help:
	@sed -n '1,/^$$/s/^# \{0,1\}//p' Makefile

.PHONY: all test test-build run-tests demo bench deps deps-test deps-lint fuzz fuzz-build coverage \
	lint install uninstall clean help FORCE
.DELETE_ON_ERROR:
.SECONDARY:
-include $(OBJ:.o=.d) $(PROBE_OBJ:.o=.d) $(PROBE_SRC:%.c=$O/pic/%.d) $(TESTS:=.d) $O/agent/main.d
