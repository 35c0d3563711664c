# generate.sh - lem generate, chat and bench on a tiny model: where text comes from and goes to, and what is refused.
. "$LEM_ROOT/tests/cli/lib.sh"
tiny=$LEM_ROOT/tests/oracle/tiny/smollm2/f32.gguf
plain=$LEM_ROOT/tests/oracle/tiny/gemma3/f32.gguf

run generate -m "$tiny" "Hello there" -n 8
check "an answer is a success" status_is 0
check "nothing is said on stderr" test -z "$err"
answer=$out

run generate -m "$tiny" "Hello there" -n 8 --threads 3
check "the number of threads changes nothing" test "$out" = "$answer"
LEM_ISA=ref run generate -m "$tiny" "Hello there" -n 8
check "the instruction set changes nothing" test "$out" = "$answer"

status=0
printf 'Hello there' | "$LEM" generate -m "$tiny" -n 8 >out.txt 2>err.txt || status=$?
check "standard input is the prompt" test "$(cat out.txt)" = "$answer"

run generate -m "$tiny" "Hello there" -n 8 --json
check "--json gives ids" contains "$out" '"ids": ['
check "--json says why it ended" contains "$out" '"finish_reason": "length"'

run generate -m "$tiny" "Hello there" -n 200 --temperature 1 --seed 7
sampled=$out
run generate -m "$tiny" "Hello there" -n 200 --temperature 1 --seed 7 --threads 1
check "a seed names the answer" test "$out" = "$sampled"
run generate -m "$tiny" "Hello there" -n 200 --temperature 1 --seed 8
check "another seed, another answer" test "$out" != "$sampled"

run generate -m "$tiny" "Hi <|im_end|>" --show-prompt --json
check "--show-prompt renders the template" contains "$out" "<|im_start|>user\\nHi <|im_end|><|im_end|>"
run generate -m "$plain" "Hi" --show-prompt
check "without a template the prompt is plain, BOS once" test "$(sed -n 2p out.txt | cut -d ' ' -f 1,2)" != "2 2"
run generate -m "$plain" "Hi" --show-prompt --chat-template gemma
check "a built-in template can be asked for" contains "$out" "<start_of_turn>user"
printf 'Be brief.\n' >kernel.txt
run generate -m "$plain" "Hi" -k kernel.txt --show-prompt
check "a kernel stands before the prompt, a blank line between" contains "$out" "Be brief.


Hi"

run generate -m "$tiny" "Hi" -k kernel.txt --raw
check "--raw and --kernel exclude each other" status_is 2
run generate "Hi"
check "a model is needed" status_is 2
run generate -m nonesuch "Hi"
check "an unknown model is an input failure" status_is 3
check "and it is said how to fetch one" contains "$err" "tools/fetch-model"
run generate -m "$LEM_ROOT/README.md" "Hi"
check "a file that is no model is an input failure" status_is 3
run generate -m "$tiny" "Hi" --chat-template nonesuch
check "an unknown template is a usage error" status_is 2
run generate -m "$tiny" "Hi" --precision half
check "an unknown precision is a usage error" status_is 2
run generate -m "$tiny" "Hi" --temperature -1
check "a temperature below zero is a usage error" status_is 2
run generate -m "$tiny" "Hi" -k missing.txt
check "a missing kernel is an input failure" status_is 3

printf 'Hello\n/system Be brief.\nHello\n/reset\n\nHello\n/quit\nnever read\n' >said.txt
status=0
"$LEM" chat -m "$tiny" -n 4 <said.txt >out.txt 2>err.txt || status=$?
check "chat answers each line" test "$(wc -l <out.txt)" -ge 3
check "chat ends with /quit" status_is 0

printf '{"id":"a","ids":[1,5,9]}\n{"id":2,"text":"Hello there"}\n' >in.jsonl
run perplexity -m "$tiny" -i in.jsonl
check "perplexity: a line for each text" test "$(wc -l <out.txt)" = 2
check "perplexity: ids are taken as they are" contains "$out" '{"id": "a", "n": 3, "nll": ['
check "perplexity: the summary goes to stderr" contains "$err" "2 texts"
printf '{"id":"a","ids":[1,5,99999]}\n' >in.jsonl
run perplexity -m "$tiny" -i in.jsonl
check "perplexity: an id past the vocabulary is refused" status_is 3
check "perplexity: with file and line" contains "$err" "in.jsonl: line 1"

run bench -m "$tiny" --prompt 8 --gen 4 --batch 1,2 --shared-prefix 8 --json
check "bench measures" contains "$out" '"sessions": 2'
printf 'A short text to go on from.' >words.txt
run bench -m "$tiny" --prompt 8 --gen 4 --batch 2 --shared-prefix 80 --text words.txt --json
check "bench reads words" contains "$out" '"sessions": 2'
: >empty.txt
run bench -m "$tiny" --text empty.txt
check "bench refuses a text without words" contains "$err" 'empty.txt is empty'
run bench -m "$tiny" --batch 0
check "bench refuses a batch of nobody" status_is 2
finish
