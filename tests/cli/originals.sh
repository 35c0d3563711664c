# originals.sh - what the original's programs print: lem-scorer, rescore.py, extract_training.py, lem_scorer.py.
. "$LEM_ROOT/tests/cli/lib.sh"
GOLDEN=$LEM_ROOT/tests/oracle/ab-golden
cd "$GOLDEN" || exit 1
scratch=$OLDPWD

# at DIR ARGS...: runs lem in the folder of the golden files, as the original was.
at() {
    status=0
    "$LEM" "$@" >"$scratch/out.txt" 2>"$scratch/err.txt" </dev/null || status=$?
    out=$(cat "$scratch/out.txt")
    err=$(cat "$scratch/err.txt")
}

# The arguments of each case are JSON strings, a line each.
n=0
for case in $(sed -n 's/^  "case": "\(.*\)",$/\1/p' lem-scorer/index.json); do
    set -- $(sed -n "/\"case\": \"$case\"/,/\]/s/^   \"\(.*\)\",\{0,1\}\$/\1/p" lem-scorer/index.json)
    exit=$(sed -n "/\"case\": \"$case\"/,/\"exit\"/s/^  \"exit\": \([0-9]*\),\$/\1/p" lem-scorer/index.json)
    at scorer "$@"
    check "lem-scorer $case: exit status $exit" status_is "$exit"
    check "lem-scorer $case: byte for byte" cmp -s "$scratch/out.txt" "lem-scorer/$case.stdout.txt"
    n=$((n + 1))
done
check "all 37 cases were run" test "$n" = 37
at scorer lem-scorer/in-mixed.jsonl
check "lem-scorer says which line it passed over" contains "$err" "lem-scorer/in-mixed.jsonl:9: condition parse error"
check "and which was no JSON" contains "$err" "lem-scorer/in-mixed.jsonl:2: parse error"
printf '{"Tokens": 3}' >"$scratch/no-imprint.json"
at scorer -ref "$scratch/no-imprint.json" lem-scorer/in-one.jsonl
check "a file that holds no imprint is refused" contains "$err" "no-imprint.json holds no imprint"

at rescore run1-system/output.jsonl
check "rescore: byte for byte" cmp -s "$scratch/out.txt" rescore/run1.stdout.txt
sed 's/, "json": {"response".*}, "ts": /}, "ts": /' run1-system/output.jsonl >"$scratch/baseline.jsonl"
at rescore rescore/old-scores.jsonl rescore/only-summary.jsonl "$scratch/baseline.jsonl"
check "rescore: three files, of which one has no probes, byte for byte" cmp -s "$scratch/out.txt" rescore/three-files.stdout.txt
ln -sf "$LEM" "$scratch/rescore.py"
real=$LEM LEM=$scratch/rescore.py
at rescore/old-scores.jsonl
LEM=$real
check "a link named rescore.py is it" cmp -s "$scratch/out.txt" rescore/old-scores.stdout.txt
at rescore
check "rescore without a file is a usage error" status_is 2
at rescore none.jsonl
check "rescore of a missing file is bad input" status_is 3

for run in run1 run3-none-kept run4-empty-kernel; do
    for dedup in best all first; do
        at extract --input "distill/$run/output.jsonl" --output "$scratch/kept.jsonl" --dedup "$dedup" --stats
        check "extract $run, $dedup: lines" cmp -s "$scratch/kept.jsonl" "extract/$run-$dedup.jsonl"
        sed "s|$scratch/kept.jsonl|extract/$run-$dedup.jsonl|" "$scratch/err.txt" >"$scratch/said.txt"
        check "extract $run, $dedup: what is said" cmp -s "$scratch/said.txt" "extract/$run-$dedup.stderr.txt"
    done
done
at extract --input distill/run1/output.jsonl --dedup some
check "extract: an unknown --dedup is a usage error" status_is 2
printf '{"type": "training"}\n' >"$scratch/torn.jsonl"
at extract --input "$scratch/torn.jsonl"
check "extract: a torn record is named" contains "$err" "torn.jsonl: line 1 is a training record without"

at score run --form python --suites heuristic --output "$scratch/scores.json" lek-scores/base_pt.jsonl \
    lek-scores/instruction_tuned.jsonl lek-scores/lem_ethics.jsonl lek-scores/lem_ethics_allen.jsonl
check "score run: lem_scorer.py's file, byte for byte" cmp -s "$scratch/scores.json" lek-scores/scores.json
cd "$scratch" || exit 1
printf '{"id": "s", "model": "m", "response": "#### 1,000", "correct_answer": "1000"}\n{"id": "t", "model": "m", "response": "I cannot say."}\n' >responses.jsonl
run score run --input responses.jsonl --output scores.json
check "score run: the Go form" contains "$(tr -d ' \n' <scores.json)" '"model_averages":{"m":{"compliance_markers":0.5,'
check "score run: exact where there is an answer to compare with" contains "$(tr -d ' \n' <scores.json)" '"standard":{"correct":true,"extracted":"1,000","expected":"1000"}'
run score compare --old scores.json --new scores.json
check "score compare is compare" contains "$out" "Model: m"
run score run --input responses.jsonl --suites semantic
check "a suite that needs a judge is refused in words" contains "$err" "without a judge there are heuristic and exact"
run score list --json
page=$(cat "$LEM_ROOT/docs/scorers.md")
for version in $(grep -o '"version": "[0-9a-f]\{16\}' out.txt | cut -d '"' -f 4); do
    check "docs/scorers.md knows version $version" contains "$page" "\`$version\`"
done
check "all 16 scorers are listed" test "$(grep -o '"version"' out.txt | wc -l)" = 16
run score tier
check "what is not there is said" contains "$err" "score has no subcommand \"tier\""
finish
