# wulfs - one Makefile, no recursion. Everything built lands in build/, or in build/SAN/ for SAN=...
#
#   make                    build/wulfs, build/wulfs-agent and build/wulfs-announce
#   make deps demo          what building and running need, then the demonstration
#   make deps-check check   what the tests need besides, then the tests
#   make check SAN=address,undefined    the same under sanitizers; also SAN=thread
#   make check KILLS=200    more of the kill -9 storm
#   make deps-agents agents build agents for other architectures too; they go into build/wulfs, and make check
#                           then tests them by qemu-user
#   make deps-bench bench   figures, beside what others use
#   make lint long install uninstall clean

VERSION := 0.1.0
CC      ?= gcc
CFLAGS  ?= -O2 -g
PREFIX  ?= /usr/local
KILLS   ?= 50
FUZZ    ?= 20

comma := ,
# make V=1 shows the commands themselves.
tell = $(if $(V),,@echo "  $(1)  $@";)
BUILD := build$(if $(SAN),/$(subst $(comma),-,$(SAN)))

WARNINGS := -Wall -Wextra -Wshadow -Wmissing-prototypes -Wstrict-prototypes -Wpointer-arith -Wvla -Wwrite-strings
SANITIZE := $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer -fno-sanitize-recover=all)
# Sanitizers are as good at -O1, and sooner built.
override CFLAGS += $(if $(SAN),-O1) -std=gnu11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -I. -DWULFS_VERSION='"$(VERSION)"' \
                   $(WARNINGS) $(if $(CI),-Werror) -MMD -MP

LIBRARIES   := fuse3 libuv sqlite3 libssh libcrypto avahi-core
LIB_CFLAGS   = $(shell pkg-config --cflags $(LIBRARIES))
LIB_LIBS     = $(shell pkg-config --libs $(LIBRARIES)) -lm -pthread

# --- what is built ------------------------------------------------------------------------------------

# The folders that each program is built of. What the agent is built of compiles on any POSIX system.
MOUNT_DIRS := store/base store node/wire node/files node/worker node/ssh node/discovery node fs
AGENT_DIRS := store/base node/wire node/agent node/srun
FOLDERS    := $(sort $(MOUNT_DIRS) $(AGENT_DIRS) node/announce)

sources = $(wildcard $(addsuffix /*.c,$(1)))
headers = $(wildcard $(addsuffix /*.h,$(1)))
FS    := $(call sources,fs)
PARTS_OF_MOUNT := $(call sources,$(filter-out fs,$(MOUNT_DIRS)))
AGENT := $(call sources,$(AGENT_DIRS))
AGENT_HEADERS := $(call headers,$(AGENT_DIRS))
# Beside avahi, what it shares with the mount; no more, so that it can be copied to a node and just run.
ANNOUNCE := $(call sources,node/announce store/base) node/child.c

object = $(patsubst %.c,$(BUILD)/$(1)/%.o,$(2))

.PHONY: all agents deps deps-agents deps-bench deps-check libraries demo check lint long bench install install-announce uninstall clean
all: $(BUILD)/wulfs $(BUILD)/wulfs-agent $(BUILD)/wulfs-announce

$(BUILD)/wulfs: $(call object,main,$(PARTS_OF_MOUNT) $(FS))
	$(call tell,LD)$(CC) $(CFLAGS) $(SANITIZE) -o $@ $^ $(LDFLAGS) $(LIB_LIBS)

# Static, so that it runs on any Linux of its architecture; under a sanitizer that cannot be. It has one
# thread, so there is nothing in it for ThreadSanitizer to see.
AGENT_SANITIZE := $(if $(filter thread,$(SAN)),,$(SANITIZE))
$(BUILD)/wulfs-agent: $(call object,agent,$(AGENT))
	$(call tell,LD)$(CC) $(CFLAGS) $(if $(AGENT_SANITIZE),$(AGENT_SANITIZE),-static) -o $@ $^ $(LDFLAGS)

# Static as well, where it can be.
$(BUILD)/wulfs-announce: $(call object,main,$(ANNOUNCE))
	$(call tell,LD)$(CC) $(CFLAGS) $(if $(SANITIZE),$(SANITIZE),-static) -o $@ $^ $(LDFLAGS) -Wl,--start-group $(shell pkg-config --libs avahi-core) -Wl,--end-group

# Other architectures' agents, for nodes: those whose cross compiler is here, or will be once it is installed.
CROSS_x86_64  := x86_64-linux-gnu
CROSS_aarch64 := aarch64-linux-gnu
CROSS_armhf   := arm-linux-gnueabihf
CROSS_riscv64 := riscv64-linux-gnu
MACHINES_armhf := armv7l armv8l
FOREIGN       := $(filter-out $(shell uname -m),x86_64 aarch64 armhf riscv64)
HAVE_COMPILER := $(foreach a,$(FOREIGN),$(if $(filter deps-agents,$(MAKECMDGOALS))$(shell command -v $(CROSS_$(a))-gcc),$(a)))
FOREIGN_BUILT := $(if $(filter agents,$(MAKECMDGOALS)),$(HAVE_COMPILER),\
                 $(patsubst build/agents/%/wulfs-agent,%,$(wildcard build/agents/*/wulfs-agent)))
foreign_agent = build/agents/$(1)/wulfs-agent
# Those that can be run here, by qemu-user.
QEMU_x86_64   := qemu-x86_64
QEMU_aarch64  := qemu-aarch64
QEMU_armhf    := qemu-arm
QEMU_riscv64  := qemu-riscv64
EMULATED      := $(foreach a,$(FOREIGN_BUILT),$(if $(shell command -v $(QEMU_$(a))),$(a)))

agents: $(foreach a,$(FOREIGN_BUILT),$(call foreign_agent,$(a))) all
	@for a in $(filter-out $(FOREIGN_BUILT),$(FOREIGN)); do echo "no agent for $$a: its cross compiler is not installed ('make deps-agents')"; done

# In one go: 30 small files, and rarely.
build/agents/%/wulfs-agent: $(AGENT) $(AGENT_HEADERS) Makefile | $(filter deps-agents,$(MAKECMDGOALS))
	@mkdir -p $(@D)
	$(call tell,CC)$(CROSS_$*)-gcc $(filter-out -MMD -MP,$(CFLAGS)) -static -o $@ $(AGENT)

build/agents/%/emulated: Makefile
	@printf '#!/bin/sh\nexec $(QEMU_$*) $(CURDIR)/build/agents/$*/wulfs-agent "$$@"\n' >$@ && chmod +x $@

# The source, as a shell script that writes it down where it runs and then builds it with the compiler $1 into
# $2. Static, where that can be, so that a shared home may have another libc.
$(BUILD)/agent_source.sh: $(AGENT) $(AGENT_HEADERS) Makefile
	@mkdir -p $(@D)
	@{ echo 'mkdir -p $(AGENT_DIRS)'; \
	for file in $(AGENT) $(AGENT_HEADERS); do echo "cat >$$file <<'END OF FILE'"; cat $$file; echo 'END OF FILE'; done; \
	echo 'for how in -static ""; do'; \
	echo '"$$1" -O2 -std=gnu11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -I. $$how -o "$$2" $(AGENT) && exit'; \
	echo 'done; exit 1'; } >$@

# What agent_image.c takes in: the source, our own, the others.
$(BUILD)/agent_table: $(BUILD)/agent_source.sh $(BUILD)/wulfs-agent $(foreach a,$(FOREIGN_BUILT),$(call foreign_agent,$(a)))
	@digest() { sha256sum "$$1" | cut -d' ' -f1; }; \
	embed() { path=$$1 symbol=$$2; shift 2; echo "EMBEDDED($$symbol, \"$$path\")"; \
		for platform; do echo "IMAGE(\"$$platform\", $$symbol, \"$$(digest $$path)\")"; done; }; \
	{ embed $(BUILD)/agent_source.sh agent_source source; \
	embed $(BUILD)/wulfs-agent agent_own "$$(uname -s)/$$(uname -m)"; \
	$(foreach a,$(FOREIGN_BUILT),embed $(call foreign_agent,$(a)) agent_$(a) $(patsubst %,Linux/%,$(or $(MACHINES_$(a)),$(a)));) } >$@.new
	@if cmp -s $@.new $@; then rm $@.new; touch $@; else mv $@.new $@; fi

$(BUILD)/main/node/ssh/agent_image.o: $(BUILD)/agent_table
$(BUILD)/main/node/ssh/agent_image.o: override CFLAGS += -DAGENT_TABLE='"$(CURDIR)/$(BUILD)/agent_table"'
$(BUILD)/main/node/ssh/deliver.o: node/ssh/deliver.sh

# The libraries are looked for when the first object is due: after `make deps`, if that was asked for too.
$(BUILD)/main/%.o: %.c Makefile | libraries
	@mkdir -p $(@D)
	$(call tell,CC)$(CC) $(CFLAGS) $(SANITIZE) $(LIB_CFLAGS) -c -o $@ $<

$(BUILD)/agent/%.o: %.c Makefile | libraries
	@mkdir -p $(@D)
	$(call tell,CC)$(CC) $(CFLAGS) $(AGENT_SANITIZE) -c -o $@ $<

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

# --- what is needed -----------------------------------------------------------------------------------

DEBIAN_BUILD := gcc libc6-dev make pkg-config libfuse3-dev fuse3 libuv1-dev libsqlite3-dev libssh-dev libssl-dev libavahi-core-dev uthash-dev \
                openssh-client python3
DEBIAN_CHECK := libcmocka-dev bash dash zsh busybox tcsh fish coreutils findutils tar rsync gawk less procps util-linux \
                attr vim-tiny sqlite3 openssh-server openssh-client avahi-daemon iproute2 \
                clang clang-tidy libclang-rt-14-dev shellcheck mandoc parallel
DEBIAN_BENCH := openssh-server openssh-client parallel python3-distributed

DEBIAN_x86_64 := amd64
DEBIAN_aarch64 := arm64
DEBIAN_armhf := armhf
DEBIAN_riscv64 := riscv64

SUDO := $(if $(filter 0,$(shell id -u)),,sudo)
# Debian starts a daemon as soon as its package is installed; policy-rc.d is how to say no. One that is
# there already is the machine's own and is left alone.
define apt_install
	@missing=$$(for p in $(1); do dpkg-query -W -f '$${Status}' $$p 2>/dev/null | grep -q '^install ok installed' || echo $$p; done); \
	if [ -z "$$missing" ]; then exit 0; fi; \
	echo "installing:" $$missing; \
	policy=/usr/sbin/policy-rc.d; \
	if [ ! -e $$policy ]; then \
		printf '#!/bin/sh\nexit 101\n' | $(SUDO) tee $$policy >/dev/null && $(SUDO) chmod 755 $$policy; \
		trap "$(SUDO) rm -f $$policy" EXIT; \
	fi; \
	$(SUDO) apt-get update -qq && \
	$(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null
endef

deps:
	$(call apt_install,$(DEBIAN_BUILD))

# x86_64 is built here or, on another machine, by a cross compiler as well.
deps-agents:
	$(call apt_install,gcc $(foreach a,$(FOREIGN),gcc-$(subst _,-,$(CROSS_$(a))) libc6-dev-$(DEBIAN_$(a))-cross) qemu-user)

deps-bench:
	$(call apt_install,$(DEBIAN_BUILD) $(DEBIAN_BENCH))

deps-check:
	$(call apt_install,$(DEBIAN_BUILD) $(DEBIAN_CHECK))

libraries: | $(filter deps deps-agents deps-bench deps-check,$(MAKECMDGOALS))
	@command -v pkg-config >/dev/null || { echo "pkg-config is not installed: run 'make deps', or apt-get install pkg-config" >&2; exit 1; }
	@for need in fuse3:libfuse3-dev libuv:libuv1-dev sqlite3:libsqlite3-dev libssh:libssh-dev libcrypto:libssl-dev avahi-core:libavahi-core-dev; do \
		pkg-config --exists $${need%%:*} || { echo "$${need%%:*} is not installed: run 'make deps', or apt-get install $${need##*:}" >&2; exit 1; }; \
	done
	@echo '#include <uthash.h>' | $(CC) -E -o /dev/null - 2>/dev/null || { echo "uthash is not installed: run 'make deps', or apt-get install uthash-dev" >&2; exit 1; }

# --- trying it ----------------------------------------------------------------------------------------

demo: all
	@examples/sum_primes/demo $(BUILD)/wulfs

# --- testing ------------------------------------------------------------------------------------------

# Every tests/NAME_test.c is a program of its own; every tests/fuzz/NAME_fuzz.c an entrance that is replayed
# over its checked-in corpus, and fuzzed for FUZZ seconds where clang can. What fuzzing finds stays in build/.
PARTS      := $(call object,main,$(PARTS_OF_MOUNT))
TESTS      := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/*_test.c))
REPLAYS    := $(patsubst tests/fuzz/%_fuzz.c,$(BUILD)/tests/%_replay,$(wildcard tests/fuzz/*_fuzz.c))
FUZZERS    := $(if $(SAN),,$(REPLAYS:_replay=_fuzz))
FUZZ_CC    := clang -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all
TEST_CFLAGS = $(LIB_CFLAGS) $(shell pkg-config --cflags cmocka)

# ThreadSanitizer cannot place its shadow where newer kernels randomise that far.
RUN := $(if $(filter thread,$(SAN)),setarch -R) \
       $(if $(findstring address,$(SAN)),env LSAN_OPTIONS=suppressions=$(CURDIR)/tests/lsan.supp:print_suppressions=0)

.PHONY: cmocka
cmocka: | libraries
	@pkg-config --exists cmocka || { echo "cmocka is not installed: run 'make deps-check', or apt-get install libcmocka-dev" >&2; exit 1; }

.SECONDARY:
$(BUILD)/tests/%.o: tests/%.c Makefile | cmocka
	@mkdir -p $(@D)
	$(call tell,CC)$(CC) $(CFLAGS) $(SANITIZE) $(TEST_CFLAGS) -c -o $@ $<

$(BUILD)/tests/%_test: $(BUILD)/tests/%_test.o $(PARTS)
	$(call tell,LD)$(CC) $(CFLAGS) $(SANITIZE) -o $@ $^ $(LDFLAGS) $(LIB_LIBS) $(shell pkg-config --libs cmocka)

$(BUILD)/tests/%_replay: $(BUILD)/tests/fuzz/%_fuzz.o $(BUILD)/tests/fuzz/replay.o $(PARTS)
	$(call tell,LD)$(CC) $(CFLAGS) $(SANITIZE) -o $@ $^ $(LDFLAGS) $(LIB_LIBS)

# The objects are made once for all. Where clang cannot, a stand-in of age 0 says so, and is made again the next time.
FUZZED := $(call sources,store store/base node/wire) $(patsubst %,node/ssh/%.c,deliver agent_image deadline) \
          $(patsubst %,node/discovery/%.c,announcements listener_wire)
CAN_FUZZ   := echo 'int LLVMFuzzerTestOneInput(void) { return 0; }' | $(FUZZ_CC) -x c - -o /dev/null 2>/dev/null
FUZZ_FLAGS  = $(filter-out -Werror -M%,$(CFLAGS)) -MMD -MP $(LIB_CFLAGS) \
              -DAGENT_TABLE='"$(CURDIR)/$(BUILD)/agent_table"'
$(BUILD)/fuzz/%.o: %.c $(BUILD)/agent_table Makefile | libraries
	@mkdir -p $(@D)
	$(call tell,CC)if $(CAN_FUZZ); then $(FUZZ_CC) $(FUZZ_FLAGS) -c -o $@ $<; else touch -d @0 $@; fi

$(BUILD)/tests/%_fuzz: $(BUILD)/fuzz/tests/fuzz/%_fuzz.o $(call object,fuzz,$(FUZZED))
	@mkdir -p $(@D)
	$(call tell,LD)if $(CAN_FUZZ); then $(FUZZ_CC) -o $@ $^ $(LIB_LIBS); else \
		printf '#!/bin/sh\necho "not fuzzed: clang with libFuzzer is not installed (make deps-check)"\n' >$@; \
		chmod +x $@; touch -d @0 $@; \
	fi

# The programs of unit tests mostly wait, so some run at a time. The mount's tests come last: they take longest,
# and what a unit test finds is easier to read. CASES, if given, are the only ones of them.
LANES ?= 4
check: all $(TESTS) $(REPLAYS) $(FUZZERS) $(EMULATED:%=build/agents/%/emulated)
	@failed=; run() { echo "== $$*"; $(RUN) "$$@" || failed="$$failed $$*"; }; \
	printf '%s\n' $(filter-out %/mount_test,$(TESTS)) | xargs -P $(LANES) -I @ \
		sh -c '$(RUN) @ >@.log 2>&1 && echo passed >@.rc || echo failed >@.rc'; \
	for test in $(filter-out %/mount_test,$(TESTS)); do echo "== $$test"; cat $$test.log; \
		[ "$$(cat $$test.rc)" = passed ] || failed="$$failed $$test"; done; \
	for a in $(EMULATED); do \
		run env WULFS_EMULATED=1 WULFS_AGENT=build/agents/$$a/emulated $(BUILD)/tests/agent_test; done; \
	for replay in $(REPLAYS); do \
		name=$${replay##*/}; run $$replay tests/fuzz/corpus/$${name%_replay}; done; \
	printf '%s\n' $(FUZZERS:$(BUILD)/tests/%_fuzz=%) | xargs -r -P 2 -I @ \
		sh -c 'mkdir -p $(BUILD)/corpus/@; $(BUILD)/tests/@_fuzz -max_total_time=$(FUZZ) -verbosity=0 -print_final_stats=1 \
			-timeout=10 -artifact_prefix=$(BUILD)/ $(BUILD)/corpus/@ tests/fuzz/corpus/@ >$(BUILD)/tests/@_fuzz.log 2>&1 && \
			echo passed >$(BUILD)/tests/@_fuzz.rc || echo failed >$(BUILD)/tests/@_fuzz.rc'; \
	for fuzz in $(FUZZERS); do echo "== $$fuzz"; cat $$fuzz.log; [ "$$(cat $$fuzz.rc)" = passed ] || failed="$$failed $$fuzz"; done; \
	for test in $(filter %/mount_test,$(TESTS)); do run env KILLS=$(KILLS) $$test $(CASES); done; \
	if [ -n "$$failed" ]; then echo "failed:$$failed" >&2; exit 1; fi; echo "all passed"

# Some of the mount's cases alone: make cases CASES='kill_9_storm sizes_agree'.
.PHONY: cases
cases: all $(BUILD)/tests/mount_test
	@$(RUN) env KILLS=$(KILLS) $(BUILD)/tests/mount_test $(CASES)

# --- measuring ----------------------------------------------------------------------------------------

# BENCH_QUICK=1: a tenth of everything, to see whether it works. What else can be chosen: tests/bench/bench.py.
$(BUILD)/bench/bare_%: tests/bench/bare_%.c Makefile
	@mkdir -p $(@D)
	$(call tell,CC)$(CC) $(CFLAGS) -o $@ $<

$(BUILD)/bench/many_nodes: tests/bench/many_nodes.c $(PARTS) Makefile
	@mkdir -p $(@D)
	$(call tell,CC)$(CC) $(CFLAGS) $(SANITIZE) $(LIB_CFLAGS) -o $@ $< $(PARTS) $(LDFLAGS) $(LIB_LIBS)

bench: all $(addprefix $(BUILD)/bench/,bare_loop bare_workers many_nodes) | $(filter deps-bench,$(MAKECMDGOALS))
	@python3 -B tests/bench/bench.py $(BUILD)

# --- looking at the source ----------------------------------------------------------------------------

SOURCES := $(wildcard $(addsuffix /*.[ch],$(FOLDERS)))
EXAMPLES := $(wildcard examples/*/run examples/*/demo examples/*/*.sh examples/*/*-sh)
UNITS   := $(filter %.c,$(SOURCES)) $(wildcard tests/*.c tests/fuzz/*.c tests/bench/*.c)

# Each line of lint_rules: what a folder may include of the others, or a name in it by name; and the fence around
# each foreign library. The first word of a `may` is the folder.
define lint_rules
	may store/base; \
	may store store/base; \
	may node/wire store/base; \
	may node/agent store/base node/wire node/srun/srun.h; \
	may node/srun store/base node/agent/platform.h; \
	may node/announce store/base node/child.h; \
	may node/ssh store/base store/host_name.h node/child.h node/thread.h; \
	may node/discovery store store/base node/child.h node/turn.h; \
	may node/files store store/base node/wire node/turn.h node/errand.h; \
	may node/worker store store/base node/wire node/files node/turn.h node/match.h node/balance.h; \
	may node store store/base node/wire node/files node/worker node/ssh node/discovery; \
	may fs store store/base node node/wire node/files node/worker node/ssh node/discovery; \
	fence 'fuse_lowlevel\.h' fs/fuse.c; \
	fence 'sqlite3\.h' store/db.c; \
	fence 'libssh/' node/ssh/session.c; \
	fence 'openssl/' 'node/(ssh/known_hosts|files/digest|thread)\.c'; \
	fence 'avahi-' 'node/(discovery/(listener\.c|avahi_loop\.[ch])|announce/publish\.c)'
endef

# To an interactive zsh # is no comment: a line of the documents that is copied has none.
define commented_commands
	awk 'FNR == 1 { inside = 0 } /^```/ { inside = !inside } \
		(inside || /^[a-z]*\$$ /) && /(^|[[:space:]])#/ { print FILENAME ":" FNR ": " $$0; found = 1 } END { exit found }'
endef

lint: | cmocka
	@failed=; \
	may() { of=$$1; allowed=$$(printf '%s\n' "$$@" | sed 's,\.h$$,\\&,; /\.h$$/!s,$$,/[a-z_0-9]*\\.h,' | paste -sd '|'); \
		! grep -nE '^#[[:space:]]*include "' $$of/*.[ch] | grep -vE "include \"($$allowed)\"" || failed="$$failed includes"; }; \
	fence() { ! grep -nE "^#[[:space:]]*include.*$$1" $(filter-out tests/%,$(SOURCES)) | grep -vE "^($$2):" || failed="$$failed fences"; }; \
	$(lint_rules); \
	$(commented_commands) README.md $(wildcard examples/*/README*) fs/wulfs.1 || failed="$$failed comments"; \
	printf '%s\n' $(UNITS) | xargs -P 2 -n 8 $(CC) $(filter-out -M%,$(CFLAGS)) -DAGENT_TABLE='"/dev/null"' $(TEST_CFLAGS) \
		-Werror -fsyntax-only || failed="$$failed compile"; \
	if command -v shellcheck >/dev/null; then \
		shellcheck -x $(wildcard .ci/run) node/ssh/deliver.sh $(wildcard tests/mount/*.sh) $(EXAMPLES) || failed="$$failed shellcheck"; \
	else echo "shellcheck is not installed: shell files not looked at"; fi; \
	if command -v mandoc >/dev/null; then mandoc -Tlint -Wwarning $(wildcard fs/wulfs.1 node/announce/wulfs-announce.1) || failed="$$failed mandoc"; \
	else echo "mandoc is not installed: manual page not looked at"; fi; \
	if command -v clang-tidy >/dev/null; then \
		printf '%s\n' $(filter-out tests/%,$(UNITS)) | xargs -P 2 -I @ clang-tidy --quiet @ -- \
			$(filter-out -M%,$(CFLAGS)) -DAGENT_TABLE='"/dev/null"' $(LIB_CFLAGS) 2>/dev/null \
			|| failed="$$failed clang-tidy"; \
	else echo "clang-tidy is not installed: its checks not made"; fi; \
	if [ -n "$$failed" ]; then echo "failed:$$failed" >&2; exit 1; fi; echo "nothing to complain about"

# The ten longest functions: a mirror, not a gate.
long:
	@awk 'FNR == 1 { from = 0 } /^[a-z].*\(/ { name = $$0; sub(/\(.*/, "", name); sub(/.*[ *]/, "", name) } \
		/^{/ { from = FNR } /^}/ && from { printf "%4d  %s:%d  %s\n", FNR - from + 1, FILENAME, from, name; from = 0 }' \
		$(filter %.c,$(SOURCES)) | sort -rn | head

# --- installing ---------------------------------------------------------------------------------------

# install-announce is all that a node can use, and needs neither FUSE nor the rest.
UNITS_DIR := $(DESTDIR)$(PREFIX)/lib/systemd/system
install: all install-announce
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 755 $(BUILD)/wulfs $(DESTDIR)$(PREFIX)/bin/wulfs
	install -m 644 fs/wulfs.1 $(DESTDIR)$(PREFIX)/share/man/man1/wulfs.1

install-announce: $(BUILD)/wulfs-announce
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1 $(UNITS_DIR) $(DESTDIR)$(PREFIX)/share/doc/wulfs
	install -m 755 $(BUILD)/wulfs-announce $(DESTDIR)$(PREFIX)/bin/wulfs-announce
	install -m 644 node/announce/wulfs-announce.1 $(DESTDIR)$(PREFIX)/share/man/man1/wulfs-announce.1
	sed 's|@BINDIR@|$(PREFIX)/bin|' node/announce/wulfs-announce.service >$(UNITS_DIR)/wulfs-announce.service
	install -m 644 node/announce/avahi.service $(DESTDIR)$(PREFIX)/share/doc/wulfs/avahi.service

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/wulfs $(DESTDIR)$(PREFIX)/share/man/man1/wulfs.1
	rm -f $(DESTDIR)$(PREFIX)/bin/wulfs-announce $(DESTDIR)$(PREFIX)/share/man/man1/wulfs-announce.1
	rm -f $(UNITS_DIR)/wulfs-announce.service $(DESTDIR)$(PREFIX)/share/doc/wulfs/avahi.service

clean:
	rm -rf build
