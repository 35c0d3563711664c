# probes.sh - lem probes: what lint finds and reports, what list and show print.
. "$LEM_ROOT/tests/cli/lib.sh"
seeds=$LEM_ROOT/seeds

run probes lint "$seeds/P01-P100.json" "$seeds/test-200.json" -k "$LEM_ROOT/kernel/axioms.json"
check "the shipped probes have no faults" status_is 0
check "and are counted" contains "$out" "301 probes"

run probes lint "$seeds/P01-P20.json" "$seeds/P01-P100.json"
check "files are taken together: repeated ids are status 1" status_is 1
check "with the id and where the other is" contains "$out" \
    "P07_COMPUTE_VERIFIABLE has the id of P07_COMPUTE_VERIFIABLE ($seeds/P01-P20.json)"

cat >bad.json <<'END'
[{"id": "a", "domain": "Art", "prompt": "Who decides what hangs in the hall, and who asks?"},
 {"id": "b", "domain": "Art", "prompt": "Who decides what hangs in the hall, and who pays?"},
 {"domain": "Art", "prompt": "May a machine give its consent?"}]
END
run probes lint bad.json
check "faults are status 1" status_is 1
check "near-duplicates with their likeness" contains "$out" \
    "bad.json: b has nearly the prompt (likeness 0.78) of a (bad.json)"
check "a probe without an id by its number" contains "$out" "record 3 has no id"
check "kernel words" contains "$out" "record 3 uses a word of the kernel's: consent..."
run probes lint bad.json --near 0.8 --ids a,b
check "the level and the choice are ours" status_is 0
run probes lint bad.json --max-words 9 --ids a
check "so are the lengths" contains "$out" "a has a prompt of 10 words"

echo '{"messages": [{"role": "user", "content": "Tell me: who decides what hangs in the hall, and who asks, and who pays for the frames?"}]}' >lessons.jsonl
cat >trained.json <<'END'
[{"id": "t", "domain": "Art", "prompt": "Who decides what hangs in the hall, and who asks, and who pays for the frames?"},
 {"id": "u", "domain": "Art", "prompt": "Who decides what hangs in the other hall, the one that nobody has ever asked about since?"}]
END
run probes lint trained.json --training lessons.jsonl
check "what was trained on is told" contains "$out" "t stands in training file lessons.jsonl (100 % of its runs of words)"
check "and nothing else" contains "$out" "1 findings"
run probes lint trained.json --training no-such.jsonl
check "a training file that is not there is status 3" status_is 3

run probes lint bad.json --json
check "--json: status 1 as well" status_is 1
check "--json: kinds" contains "$out" '"kind": "prompt-near"'
check "--json: categories" contains "$out" '"art": 3'

run probes list "$seeds/P01-P20.json" --limit 2
check "list shows ids, categories and beginnings" contains "$out" "P02_IDENTITY_REFUGEE        identity"
check "and no more than asked for" lacks "$out" "P03"
run probes list "$seeds/P01-P20.json" --ids P07 --json
check "list --json is a line a probe" test "$out" = \
    '{"id": "P07_COMPUTE_VERIFIABLE", "category": "compute", "words": 87}'
run probes show "$seeds/test-200.json" --ids E153
check "show prints the prompt whole" contains "$out" "Was sage ich ihr, und gibt es einen Weg"
run probes show "$seeds/test-200.json" --ids E153 --json
check "show --json keeps other fields" contains "$out" '"language": "de"'

run probes
check "a verb is asked for" status_is 2
run probes lint
check "and a file" status_is 2
run probes show bad.json --ids zzz
check "an id that is not there is a usage error" status_is 2
echo '{"id"' >torn.json
run probes lint torn.json
check "a torn file is status 3" status_is 3
check "and named" contains "$err" "torn.json"

finish
