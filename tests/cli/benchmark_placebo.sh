#!/bin/sh
# lem benchmark --placebo: arms, records, resuming, plans, refusals.
. "$LEM_ROOT/tests/cli/lib.sh"
MODEL=$LEM_ROOT/tests/oracle/tiny/smollm2/f32.gguf
GOLDEN=$LEM_ROOT/tests/oracle/ab-golden
SOURCE_DATE_EPOCH=1767225600
export SOURCE_DATE_EPOCH

bench() {
    output=$1
    shift
    run benchmark -m "$MODEL" -p "$GOLDEN/probes.json" -k "json=$GOLDEN/kernel-a.json" --max-tokens 16 -o "$output" "$@"
}
same() { cmp -s "$1" "$2"; }

bench whole.jsonl --placebo neutral,shuffled --batch-size 2
check "a run with placebos succeeds" status_is 0
check "lengths are told" contains "$err" "note: json~neutral has 173 tokens, its kernel 173"
check "of both kinds" contains "$err" "note: json~shuffled has 173 tokens, its kernel 173"
check "columns are as wide as their names" contains "$err" "  json~neutral   avg="
check "they are arms" contains "$(head -n 1 whole.jsonl)" '"json~shuffled": {"response"'
check "the header says what they are" contains "$(head -n 1 whole.jsonl.journal)" \
    '"json~neutral": {"placebo_of": "json", "placebo": "neutral", "seed": 0, "tokens": 173, "kernel_tokens": 173}'
check "so does the summary" contains "$(tail -n 1 whole.jsonl)" '"placebo_of": "json", "placebo": "shuffled", "seed": 0'
run summary whole.jsonl
check "lem summary lists them" contains "$out" "json~neutral"

# The arms are the texts that lem kernel placebo writes.
run kernel placebo -k "json=$GOLDEN/kernel-a.json" -m "$MODEL" --kind shuffled -o shuffled.txt
hash=$(sha256sum shuffled.txt | cut -d ' ' -f 1)
check "with the digest of the text" contains "$(tail -n 1 whole.jsonl)" "\"json~shuffled\", \"sha256\": \"$hash\""
bench text.jsonl -k "json~shuffled=shuffled.txt"
shuffled_answers() { grep -o '"json~shuffled": {"response": "[^"]*' "$1"; }
check "which as a kernel of that name gives the same answers" \
    [ "$(shuffled_answers text.jsonl)" = "$(shuffled_answers whole.jsonl)" ]

# Killed again and again: the bytes at the end are those of the undisturbed run.
i=0
while [ $i -lt 6 ]; do
    "$LEM" benchmark -m "$MODEL" -p "$GOLDEN/probes.json" -k "json=$GOLDEN/kernel-a.json" --max-tokens 16 \
        --placebo neutral,shuffled --batch-size 2 -o killed.jsonl >/dev/null 2>&1 &
    child=$!
    sleep "0.0$((i + 3))"
    kill -9 $child 2>/dev/null
    wait $child 2>/dev/null
    i=$((i + 1))
done
bench killed.jsonl --placebo neutral,shuffled --batch-size 2
check "after kill -9 it ends in the same bytes" same killed.jsonl whole.jsonl

# Placebos may be added to a run, and are never exchanged within one.
bench grown.jsonl
bench grown.jsonl --placebo neutral,shuffled --batch-size 2
check "a run without placebos gains them" contains "$err" "taking up grown.jsonl.journal: 28 of 56 answers"
answers_of() { sed '$d' "$1"; }
check "and ends in the same answers" [ "$(answers_of grown.jsonl)" = "$(answers_of whole.jsonl)" ]
bench whole.jsonl --placebo neutral,shuffled --placebo-seed 1
check "another seed is another run" status_is 2
check "and says why" contains "$err" "its kernel 'json~neutral' has another text"

bench plan.jsonl --placebo shuffled --dry-run
check "--dry-run counts them" contains "$out" "14 probes, 3 conditions, 1 samples: 42 answers"
check "prompts of equal length" [ "$(echo "$out" | grep json | awk '{print $2}' | sort -u | wc -l | tr -d ' ')" = 1 ]
check "and writes nothing" [ ! -e plan.jsonl.journal ]

bench bad.jsonl --placebo salad
check "an unknown kind is a usage error" status_is 2
check "with the kinds there are" contains "$err" 'a placebo is neutral or shuffled, not "salad"'
run benchmark -m "$MODEL" -p "$GOLDEN/probes.json" --placebo neutral -o bad.jsonl
check "a kernel is asked for" contains "$err" "--placebo needs a --kernel"
echo "Be kind." >short.txt
run benchmark -m "$MODEL" -p "$GOLDEN/probes.json" -k short.txt --placebo shuffled -o bad.jsonl
check "a kernel that has no placebo is refused" status_is 3
check "before anything is asked" [ ! -e bad.jsonl.journal ]
finish
