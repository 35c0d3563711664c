# probes_grow.sh - lem probes: rephrase.
. "$LEM_ROOT/tests/cli/lib.sh"

run probes rephrase --input "$LEM_ROOT/seeds/P01-P100.json" --output r.json
check "rephrase: succeeds" status_is 0
check "rephrase: 101 become 404" contains "$err" "101 probes, 303 variants, 404 in all"
check "rephrase: the originals come first" test "$(grep -n '"rephrase_type"' r.json | head -n 1 | cut -d : -f 1)" -gt "$(grep -n 'P100_GHOST_LAST"' r.json | head -n 1 | cut -d : -f 1)"
check "rephrase: no newline at the end" test "$(tail -c 1 r.json)" = "]"
run probes rephrase r.json no-such-file
check "rephrase: a missing file is bad input" status_is 3
run probes rephrase
check "rephrase: a file is needed" status_is 2
run probes rephraze
check "an unknown subcommand is a usage error" status_is 2
check "and the right one is suggested" contains "$err" "did you mean rephrase?"
run probes --help
check "help lists the subcommands" contains "$out" "rephrase"
finish
