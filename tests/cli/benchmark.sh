#!/bin/sh
# lem benchmark on a tiny model with random weights: files, resuming, refusals, stops, full disks.
. "$LEM_ROOT/tests/cli/lib.sh"
MODEL=$LEM_ROOT/tests/oracle/tiny/smollm2/f32.gguf
GOLDEN=$LEM_ROOT/tests/oracle/ab-golden
SOURCE_DATE_EPOCH=1767225600
export SOURCE_DATE_EPOCH

# bench OUT FLAGS...: one run with two conditions and short answers.
bench() {
    output=$1
    shift
    run benchmark -m "$MODEL" -p "$GOLDEN/probes.json" -k "json=$GOLDEN/kernel-a.json" --max-tokens 24 -o "$output" "$@"
}
same() { cmp -s "$1" "$2"; }
lines() { wc -l <"$1" | tr -d ' '; }

bench full.jsonl
check "a run succeeds" status_is 0
check "one line a probe and a summary" [ "$(lines full.jsonl)" = 15 ]
check "header and answers are journaled" [ "$(lines full.jsonl.journal)" = 29 ]
check "progress names each answer" contains "$err" "  [1/14] G01_WELL_KEYS / json -> "
check "the table is there" contains "$err" "=== A/B Test Results ==="
check "nothing on standard output" [ -z "$out" ]
check "no lock is left" [ ! -e full.jsonl.lock ]

cp full.jsonl before.jsonl
bench full.jsonl --json
check "a finished run is not repeated" contains "$err" "full.jsonl is complete"
check "and succeeds" status_is 0
check "and is not touched" same full.jsonl before.jsonl
check "--json prints the summary line" [ "$out" = "$(tail -n 1 full.jsonl)" ]

bench full.jsonl --max-tokens 25
check "another run is refused" status_is 2
check "with the field that differs" contains "$err" "max_tokens is 24 there and 25 here"
check "and touches nothing" same full.jsonl before.jsonl

bench threads.jsonl --threads 1 --batch-size 3 --no-prefix-cache --no-drafts
probes() { sed '$d' "$1"; }
check "threads and batches change no answer" [ "$(probes threads.jsonl)" = "$(probes full.jsonl)" ]

bench part.jsonl --limit 3
check "--limit" [ "$(lines part.jsonl)" = 4 ]
bench part.jsonl
check "a longer run goes on from a shorter one" contains "$err" "taking up part.jsonl.journal: 6 of 28"
check "to the same probes" [ "$(probes part.jsonl)" = "$(probes full.jsonl)" ]
bench ids.jsonl --ids G02,G11_EDGE_UP
check "--ids takes beginnings" [ "$(lines ids.jsonl)" = 3 ]

# Killed again and again, at any moment: the bytes at the end are those of the undisturbed run.
i=0
while [ $i -lt 9 ]; do
    "$LEM" benchmark -m "$MODEL" -p "$GOLDEN/probes.json" -k "json=$GOLDEN/kernel-a.json" --max-tokens 24 \
        --batch-size 2 -o killed.jsonl >/dev/null 2>&1 &
    child=$!
    sleep "0.0$((i + 1))"
    kill -9 $child 2>/dev/null
    wait $child 2>/dev/null
    i=$((i + 1))
done
bench whole.jsonl --batch-size 2
bench killed.jsonl --batch-size 2
check "after kill -9 it ends in the same bytes" same killed.jsonl whole.jsonl

# Ctrl-C: what is there is kept, and the printed command goes on.
bench_long() {
    "$LEM" benchmark -m "$MODEL" -p "$GOLDEN/probes.json" -k "it's=$GOLDEN/kernel-a.json" --max-tokens 80 --ignore-eos \
        --batch-size 1 --samples 20 --fresh -o "stopped run.jsonl" >out.txt 2>err.txt &
    child=$!
    tries=0
    while [ $tries -lt 100 ] && ! grep -q sample "stopped run.jsonl.journal" 2>/dev/null; do
        sleep 0.05
        tries=$((tries + 1))
    done
    kill -"$1" $child
    status=0
    wait $child || status=$?
    out=$(cat out.txt)
    err=$(cat err.txt)
}
bench_long TERM
check "SIGTERM ends in 143" status_is 143
check "the command to go on is printed" contains "$err" "-k 'it'\\''s=$GOLDEN/kernel-a.json'"
check "without --fresh" lacks "$(echo "$err" | grep '  lem benchmark')" --fresh
command=$(echo "$err" | sed -n "s|^  lem benchmark|\"\$LEM\" benchmark|p")
status=0
eval "$command --max_tokens 80" >out.txt 2>err.txt </dev/null || status=$?
check "it goes on" status_is 0
check "from where it stopped" grep -q "taking up stopped run.jsonl.journal" err.txt

# A file that is not ours is never overwritten.
echo mine >foreign.jsonl
bench foreign.jsonl --limit 1
check "a file without a journal is refused" status_is 2
check "and kept" [ "$(cat foreign.jsonl)" = mine ]
bench foreign.jsonl --limit 1 --fresh
check "--fresh runs" status_is 0
check "--fresh keeps the older file" [ "$(cat foreign.jsonl.1)" = mine ]

# A prompt that does not fit fails alone.
run benchmark -m "$MODEL" -p "$GOLDEN/probes.json" -k "big=$LEM_ROOT/kernel/axioms.json" --limit 2 --max-tokens 8 -o big.jsonl
check "answers that fail give 5" status_is 5
check "with a sentence" contains "$err" "do not fit into the context"
check "the others are there" contains "$(cat big.jsonl)" '"conditions": {"baseline": {"response"'

# A full disk, played by a file-size limit of 4 blocks (512 bytes or 1 KiB each, by shell).
status=0
(ulimit -f 4 && exec "$LEM" benchmark -m "$MODEL" -p "$GOLDEN/probes.json" -k "json=$GOLDEN/kernel-a.json" \
    --max-tokens 24 --batch-size 2 -o disk.jsonl) >out.txt 2>err.txt </dev/null || status=$?
err=$(cat err.txt)
check "a full disk gives 1" status_is 1
check "with a sentence" contains "$err" "cannot write disk.jsonl.journal"
bench disk.jsonl --batch-size 2
check "and nothing is lost" same disk.jsonl whole.jsonl

bench plan.jsonl --dry-run
check "--dry-run says what would be asked" contains "$out" "14 probes, 2 conditions, 1 samples: 28 answers"
check "and writes nothing" [ ! -e plan.jsonl.journal ]
bench many.jsonl --limit 1 --samples 3 --temperature 0.8
check "--samples" contains "$(cat many.jsonl)" '"samples": [{"response"'
bench bad.jsonl --resume --fresh
check "--resume and --fresh exclude each other" status_is 2
run ab -m "$MODEL" -p "$GOLDEN/probes.json" --max_tokens 4 --limit 1 -o ab.jsonl
check "lem ab, underscores, no kernel" status_is 0
ln -s "$LEM" ab_test
status=0
./ab_test --model "$MODEL" --prompts "$GOLDEN/probes.json" --limit 1 --max-tokens 4 --output link.jsonl >out.txt 2>err.txt || status=$?
check "a link named ab_test" status_is 0
run summary full.jsonl part.jsonl
check "lem summary" contains "$out" "MODEL"
finish
