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

# Placebos: as long as the kernel, the same for the same seed, refused with a sentence.
tiny=$LEM_ROOT/tests/oracle/tiny/gemma3/f32.gguf
for kind in neutral shuffled; do
    run kernel placebo -k "$axioms" -m "$tiny" --kind $kind -o $kind.txt
    check "placebo writes a $kind text" status_is 0
    check "and says that it is as long" contains "$err" "$kind placebo of axioms: 1610 tokens; the kernel has 1610"
    run kernel tokens $kind.txt -m "$tiny" --json
    check "which is so" contains "$out" '"tokens": 1610'
    run kernel placebo --kernel "$axioms" --model "$tiny" --kind $kind
    check "the same seed, the same bytes" [ "$out" = "$(cat $kind.txt)" ]
    run kernel placebo -k "$axioms" -m "$tiny" --kind $kind --seed 1
    check "another seed, another text" [ "$out" != "$(cat $kind.txt)" ]
done
run kernel lint shuffled.txt
check "a shuffled kernel is as sound as its kernel" status_is 0
sorted() { tr -cs A-Za-z '\n' <"$1" | sort; }
check "and has its words" [ "$(sorted shuffled.txt)" = "$(sorted "$axioms")" ]
run kernel placebo -k "$axioms" -m "$tiny" --json
check "--json tells what it is" contains "$out" '"placebo_of": "axioms", "placebo": "neutral"'
check "with its text" contains "$out" '"tokens": 1610, "sha256": "'"$(sha256sum neutral.txt | cut -d ' ' -f 1)"'", "text": "'
echo "Be kind." >short.txt
run kernel placebo -k short.txt -m "$tiny" --kind shuffled -o none.txt
check "what cannot be shuffled is refused" status_is 3
check "with a sentence" contains "$err" "short.txt: nothing to shuffle"
check "and nothing is written" [ ! -e none.txt ]
printf '{"a": "b c d",' >broken.json
run kernel placebo -k broken.json -m "$tiny" --kind shuffled
check "broken JSON has no shuffle" contains "$err" "broken.json: line 1, column"
run kernel placebo -k "$axioms" -m "$tiny" --kind salad
check "an unknown kind is a usage error" status_is 2
run kernel placebo -k "$axioms"
check "a model is asked for" status_is 2

finish
