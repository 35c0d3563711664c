# report.sh - lem report and lem compare: golden reports of committed runs, forms, exit statuses, and what is refused.
# LEM_UPDATE=1 sh tests/suite ... rewrites tests/data/report, which is then to be read before it is committed.
. "$LEM_ROOT/tests/cli/lib.sh"
GOLDEN=$LEM_ROOT/tests/data/report
cp "$LEM_ROOT"/tests/data/runs/* .
cp "$LEM_ROOT/tests/oracle/ab-golden/rescore/old-scores.jsonl" .
cp -r "$LEM_ROOT/kernel" .

# golden NAME FILE: the file is what is committed under that name.
golden() {
    [ -z "${LEM_UPDATE:-}" ] || cp "$2" "$GOLDEN/$1"
    check "$1: as committed" cmp -s "$2" "$GOLDEN/$1"
}

run report gemma.jsonl --by category,signal --margin 2
check "a run of ours: succeeds" status_is 0
golden gemma.txt out.txt
run report original.jsonl --md original.md --csv original.csv --json original.json --changes 2
check "the original's file: succeeds" status_is 0
golden original.txt out.txt
golden original.md original.md
golden original.csv original.csv
sed 's/^ "lem": ".*",$/ "lem": "",/' original.json >plain.json
golden original.json plain.json
run report old-scores.jsonl --primary stored
golden old-scores.txt out.txt
run report gemma.jsonl smollm2.jsonl -v
golden two.txt out.txt
run compare smollm2.jsonl smollm2-seed2.jsonl --force
golden compare.txt out.txt
check "compare: says what differs" contains "$out" "params.seed"

run report gemma.jsonl --md -
check "the command that makes answers again cuts them where they were cut" contains "$out" " --max-tokens 64"
run report gemma.jsonl -t 1 --json one.json
run report gemma.jsonl -t 3 --json three.json
check "threads change nothing" cmp -s one.json three.json
run report gemma.jsonl --seed 7 --json seven.json
check "another seed does" test -n "$(cmp one.json seven.json)"
run report gemma.jsonl --json -
check "--json - prints JSON and nothing else" cmp -s out.txt one.json

run report gemma.jsonl --fail-on regression
check "--fail-on regression: 10" status_is 10
check "and the report is printed all the same" contains "$out" "axioms: worse."
run report gemma.jsonl --fail-on inconclusive
check "worse is not inconclusive" status_is 0
run report smollm2.jsonl --fail-on inconclusive
check "--fail-on inconclusive: 11" status_is 11
check "inconclusive says what would have been seen" contains "$out" "would have been found 8 times in 10"
run report smollm2.jsonl --fail-on regression
check "inconclusive is no regression" status_is 0
run report gemma.jsonl smollm2.jsonl --fail-on regression,inconclusive
check "a regression goes first" status_is 10
run report smollm2.jsonl --margin 20
check "equivalent only within a declared margin" contains "$out" "axioms: equivalent."

rm -rf kernel
run report gemma.jsonl
check "a kernel that is gone is not guessed" test "${out#*kernel\'s own words}" = "$out"
printf 'The axiom of consent and dignity.\n' >other.txt
run report gemma.jsonl -k axioms=other.txt
check "-k names it" contains "$out" "The kernel's own words"
run report gemma.jsonl -k axioms=absent.txt
check "-k of no file: 3" status_is 3

run compare smollm2.jsonl smollm2-seed2.jsonl
check "unlike runs: 2" status_is 2
check "unlike runs: named" contains "$err" "params.seed: 1 and 2"
check "unlike runs: the way out" contains "$err" "--force"
check "unlike runs: nothing printed" test -z "$out"
run compare smollm2.jsonl smollm2.jsonl
check "a run against itself is allowed" status_is 0
check "and nothing is found" contains "$out" "axioms: inconclusive. v2-ab"
run compare gemma.jsonl original.jsonl --force
check "other prompts under the same ids are not paired" contains "$err" "paired by id and prompt"
run compare gemma.jsonl
check "compare of one run: 2" status_is 2
check "compare of one run: the forms" contains "$err" "lem compare A.jsonl B.jsonl"
run compare gemma.jsonl smollm2.jsonl original.jsonl
check "compare of three: 2" status_is 2

run report
check "no run: 2" status_is 2
run report gemma.jsonl --json gemma.jsonl
check "a report over its own run: 2" status_is 2
check "and the run is there still" cmp -s gemma.jsonl "$LEM_ROOT/tests/data/runs/gemma.jsonl"
run report --json gemma.jsonl
check "a run swallowed by --json: 2, and left alone" cmp -s gemma.jsonl "$LEM_ROOT/tests/data/runs/gemma.jsonl"
run report absent.jsonl
check "an absent run: 3" status_is 3
run report gemma.jsonl --adjust bonferroni
check "--adjust: 2" status_is 2
run report gemma.jsonl --by probe
check "--by: 2" status_is 2
run report gemma.jsonl --fail-on equivalence
check "--fail-on: 2" status_is 2
run report gemma.jsonl --primary v3
check "--primary: 2, with the names" contains "$err" "v2-ab, v2-distill"
run report gemma.jsonl --alpha 2
check "--alpha: 2" status_is 2
printf '{"type": "probe", "id": "A", "conditions": {"baseline": {"response": 3}}}\n' >bad.jsonl
run report bad.jsonl
check "a malformed run: 3" status_is 3
check "a malformed run: file and line" contains "$err" "bad.jsonl: line 1"
run report --help
check "--json is told of once" test "$(grep -c -e '--json' out.txt)" = 1
run report gemma.jsonl --md /no/such/folder/x.md
check "a form that cannot be written: 1" status_is 1
finish
