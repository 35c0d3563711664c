# lem: `make` builds ./lem, `make test` runs every test, `make demo` is the first five minutes.
# FLAVOUR=release|debug|asan|tsan|cov|fuzz builds into build/<flavour>; CROSS=aarch64-linux-gnu- cross-compiles
# (into build/aarch64-release) the rooms that need no library, enough for the numerics tests. V=1 shows commands.
# `make bench` compares with llama.cpp; BENCH='--no-peer' (or other flags of tools/bench-peer) does less.

FLAVOUR ?= release
CROSS   ?=
PREFIX  ?= /usr/local
ifneq ($(filter fuzz tsan,$(FLAVOUR)),)
CC := $(if $(CROSS),$(CROSS)gcc,clang)
else ifeq ($(origin CC),default)
CC := $(CROSS)gcc
endif
ARCH := $(if $(CROSS),$(firstword $(subst -, ,$(CROSS))),$(shell uname -m))
B    := build/$(if $(CROSS),$(ARCH)-)$(FLAVOUR)

WARN := -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla \
        -Wundef -Wcast-qual -Wcast-align -Wpointer-arith -Wwrite-strings -Wdouble-promotion -Wformat=2 \
        -Wimplicit-fallthrough $(if $(CI),-Werror) \
        $(if $(filter clang%,$(CC)),-Wno-double-promotion) # which clang says of INFINITY and NAN
FLAGS_release := -O2 -g
FLAGS_debug   := -O0 -g3
FLAGS_asan    := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
FLAGS_tsan    := -O1 -g -fsanitize=thread
FLAGS_cov     := -O0 -g --coverage
FLAGS_fuzz    := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
LIBS     := $(if $(CROSS),,jansson libpcre2-8 libutf8proc yaml-0.1 libcrypto)
CFLAGS   ?=
ALL_CFLAGS := -std=c17 -D_POSIX_C_SOURCE=200809L -DPCRE2_CODE_UNIT_WIDTH=8 -Isrc -MMD -MP \
              -ffp-contract=off -fno-math-errno -pthread $(WARN) $(FLAGS_$(FLAVOUR)) \
              $(if $(LIBS),$(shell pkg-config --cflags $(LIBS) 2>/dev/null)) $(CFLAGS)
Q := $(if $(V),,@)
ALL_LDLIBS := $(if $(LIBS),$(shell pkg-config --libs $(LIBS) 2>/dev/null)) -pthread -lm

# Every .c below src/ is built; src/kern/<isa>/ only where that instruction set exists.
ISA_x86_64  := avx2 avx512 vnni512
ISA_aarch64 := neon
ISA_FLAGS_avx2    := -mavx2 -mfma -mf16c
ISA_FLAGS_avx512  := -mavx2 -mfma -mf16c -mavx512f -mavx512bw -mavx512dq -mavx512vl -mprefer-vector-width=512
ISA_FLAGS_vnni512 := $(ISA_FLAGS_avx512) -mavx512vnni
ISA_FLAGS_neon    := -march=armv8.2-a+dotprod+fp16
ISAS   := $(ISA_$(ARCH))
CROSS_ROOMS := base os tensor kern file model
SRC    := $(sort $(if $(CROSS),$(filter-out src/base/hash.c,$(wildcard $(CROSS_ROOMS:%=src/%/*.c))),$(wildcard src/*/*.c)) \
            $(wildcard src/kern/ref/*.c) $(foreach i,$(ISAS),$(wildcard src/kern/$(i)/*.c)))
OBJ    := $(SRC:%.c=$(B)/%.o)
LIBOBJ := $(filter-out $(B)/src/cli/main.o,$(OBJ))
VERSION := $(shell cat VERSION)$(shell git rev-parse --short HEAD 2>/dev/null | sed 's/^/+/')

all: lem
lem: $(B)/lem
	@cp -f $< $@
$(B)/lem: $(B)/src/cli/main.o $(B)/liblem.a
	@echo "LINK $@"
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(ALL_LDLIBS)
$(B)/liblem.a: $(LIBOBJ)
	@rm -f $@
	$(Q)$(CROSS)ar rcs $@ $^

isa_of   = $(word 4,$(subst /, ,$(patsubst $(B)/%,x/%,$(1))))
room_of  = $(word 3,$(subst /, ,$(patsubst $(B)/%,x/%,$(1))))
$(B)/%.o: %.c Makefile
	@mkdir -p $(@D)
	@echo "CC   $@"
	$(Q)$(CC) $(ALL_CFLAGS) $(ISA_FLAGS_$(call isa_of,$@)) \
	    $(if $(filter fuzz/kern,$(FLAVOUR)/$(call room_of,$@)),-fno-sanitize=all) -c -o $@ $<
$(B)/src/cli/version.o: ALL_CFLAGS += -DLEM_VERSION='"$(VERSION)"'
$(B)/src/cli/version.o: VERSION $(wildcard .git/logs/HEAD)
$(B)/src/eval/neutral_text.o: kernel/neutral.txt

# Tests: each tests/unit/<room>/<file>.c is a program of its own.
TESTS    := $(sort $(wildcard tests/unit/*/*.c))
TEST_BIN := $(TESTS:%.c=$(B)/%)
NUMERICS := $(sort $(wildcard tests/numerics/*.c))
NUM_BIN  := $(NUMERICS:%.c=$(B)/%)
FUZZERS  := $(sort $(wildcard tests/fuzz/*.c))
FUZZ_BIN := $(FUZZERS:%.c=$(B)/%)
# What each kind of test program is linked with besides the rooms. A fuzz target outside the fuzz flavour
# gets a main that replays the files it is given.
LINK_unit     := -lcmocka
LINK_numerics := $(if $(CROSS),-static)
LINK_fuzz     := $(if $(filter fuzz,$(FLAVOUR)),-fsanitize=fuzzer,tests/replay.c)
# This one counts allocations.
$(B)/tests/unit/model/memory: LINK_unit += $(foreach f,malloc calloc realloc aligned_alloc,-Wl,--wrap=$(f))
$(TEST_BIN) $(NUM_BIN) $(FUZZ_BIN): $(B)/tests/%: tests/%.c $(B)/liblem.a tests/replay.c
	@mkdir -p $(@D)
	@echo "TEST $@"
	$(Q)$(CC) $(ALL_CFLAGS) -Itests -MF $@.d $(LDFLAGS) -o $@ $< \
	    $(LINK_$(firstword $(subst /, ,$*))) $(B)/liblem.a $(ALL_LDLIBS)

# AVX-512 for an x86-64 processor without: the numerics programs once more, with the files of those levels compiled
# for AVX2 through SIMDe's portable intrinsics, and cpu_detect told that they run (tests/emulate).
EMU     := $(B)/emulated
EMU_OBJ := $(EMU)/src/kern/avx512/kern_avx512.o $(EMU)/src/kern/vnni512/kern_vnni512.o $(EMU)/tests/emulate/cpu.o
EMU_BIN := $(EMU)/tests/numerics/kernels $(EMU)/tests/numerics/model
# -Og: with more, gcc takes minutes over what these intrinsics unfold to.
$(EMU)/src/%.o: EMU_FLAGS := $(ISA_FLAGS_avx2) -Og -g0 -Wno-psabi -include tests/emulate/avx512.h
$(EMU)/src/kern/vnni512/%.o: EMU_FLAGS += -DEMULATE_VNNI
$(EMU_OBJ): $(EMU)/%.o: %.c Makefile
	@mkdir -p $(@D)
	@echo "CC   $@"
	$(Q)$(CC) $(ALL_CFLAGS) $(EMU_FLAGS) -c -o $@ $<
$(EMU_BIN): $(EMU)/tests/%: tests/%.c $(EMU_OBJ) $(B)/liblem.a # whose own files of these levels are then not linked
	@mkdir -p $(@D)
	@echo "TEST $@"
	$(Q)$(CC) $(ALL_CFLAGS) -Itests -MF $@.d $(LDFLAGS) -Wl,--wrap=cpu_detect -o $@ $< $(EMU_OBJ) $(B)/liblem.a $(ALL_LDLIBS)

test-bin: $(TEST_BIN) $(NUM_BIN) $(FUZZ_BIN)
emulated-bin: $(EMU_BIN)
num-bin: $(NUM_BIN)
fuzz-bin: $(FUZZ_BIN)

JOBS := $(shell nproc 2>/dev/null || echo 2)
test demo: ready
	$(if $(filter test,$@),tests/run,tools/demo)
test-all: ready
	tools/install-deps --quiet --fuzz
	tests/run --all
ready:
	@tools/install-deps --quiet
	@$(MAKE) --no-print-directory -j$(JOBS) lem
fuzz:
	tools/fuzz
bench: lem
	tools/bench-peer $(BENCH)

install: $(B)/lem
	install -D $(B)/lem $(DESTDIR)$(PREFIX)/bin/lem
	install -D -m 644 docs/lem.1 $(DESTDIR)$(PREFIX)/share/man/man1/lem.1
	mkdir -p $(DESTDIR)$(PREFIX)/share/lem
	cp -r kernel seeds training $(DESTDIR)$(PREFIX)/share/lem/

clean:
	rm -rf build lem

-include $(OBJ:.o=.d) $(TEST_BIN:%=%.d) $(NUM_BIN:%=%.d) $(FUZZ_BIN:%=%.d) \
  $(EMU_BIN:%=%.d) $(EMU_OBJ:.o=.d)
.PHONY: all lem test test-all test-bin num-bin emulated-bin fuzz-bin ready fuzz demo bench install clean
