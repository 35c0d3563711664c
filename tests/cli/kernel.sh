# kernel.sh - lem kernel: what is shown of kernels, what lint finds, what isolate writes.
. "$LEM_ROOT/tests/cli/lib.sh"
axioms=$LEM_ROOT/kernel/axioms.json

run kernel show "$axioms" -k "text=$LEM_ROOT/kernel/lek-1-kernel.txt"
check "show takes flags and arguments" status_is 0
check "names, sizes and objects" contains "$out" "text     9189   9189        4"
check "the hash is that of the file" contains "$out" "$(sha256sum "$axioms" | cut -d ' ' -f 1)"
run kernel show "$LEM_ROOT/kernel/signature.txt" --json
check "--json; a text is prose" contains "$out" '"objects": "prose"'

run kernel lint "$axioms" "$LEM_ROOT/kernel/compact.json" "$LEM_ROOT/kernel/lek-1-kernel.txt"
check "the shipped kernels have no faults" status_is 0
check "objects are counted" contains "$out" "lek-1-kernel.txt: 4 JSON objects, nothing wrong"
printf '{"a": 1}\n{"b": 2,}' >bad.json
run kernel lint bad.json
check "broken JSON is status 1" status_is 1
check "with its place" contains "$out" "bad.json: line 2, column"
printf '{"axioms": [{"id": 1, "name": "a"}]}' >bad.json
run kernel lint bad.json
check "so is an axiom without a statement" contains "$out" "object 1: axiom 1 has no statement"

run kernel isolate "$axioms" -o variants/new
check "isolate writes" status_is 0
check "ten files" test "$(ls variants/new | wc -l)" = 10
check "and says which" contains "$out" "variants/new/axioms-without-5.json"
check "one axiom alone" test "$(grep -c '"statement"' variants/new/axioms-only-3.json)" = 1
check "the right one" grep -q intent-alignment variants/new/axioms-only-3.json
check "one axiom removed" test "$(grep -c '"statement"' variants/new/axioms-without-3.json)" = 4
check "that one" test "$(grep -c intent-alignment variants/new/axioms-without-3.json)" = 0
run kernel lint variants/new/*
check "every variant is a sound kernel" status_is 0
run kernel isolate "$LEM_ROOT/kernel/signature.txt" -o variants
check "prose has no axioms" status_is 3
run kernel isolate "$axioms"
check "a place to write is asked for" status_is 2

run kernel show
check "a kernel is asked for" status_is 2
run kernel tokens "$axioms"
check "and a model for tokens" status_is 2
if needs_model gemma-3-270m; then
    run kernel tokens "$LEM_ROOT/kernel/signature.txt" -m "$model" --json
    check "tokens are the model's" contains "$out" '"tokens": 48'
else
    skip "tokens are the model's" "gemma-3-270m is not in the cache"
fi

finish
