# tokenize.sh - lem tokenize: there, back, and what it refuses.
. "$LEM_ROOT/tests/cli/lib.sh"

model=$LEM_ROOT/tests/oracle/tiny/smollm2/f32.gguf

run tokenize
check "a model is needed" status_is 2

printf '%s\n' '{"id":"a","text":"Hi <|im_end|> there"}' '' '{"id":7,"text":""}' >in.jsonl
run tokenize --model "$model" --input in.jsonl
check "texts become ids" status_is 0
check "markers are read as control tokens" contains "$out" "515"
check "an empty text has no ids" contains "$out" '{"id": 7, "ids": []}'
printf '%s\n' "$out" >ids.jsonl

run tokenize --model "$model" --input ids.jsonl --decode
check "ids become texts" contains "$out" '{"id": "a", "text": "Hi <|im_end|> there"}'

run tokenize --model "$model" --input in.jsonl --plain
check "--plain reads no control token" lacks "$out" "515"
printf '%s\n' "$out" >plain.jsonl
run tokenize --model "$model" --input plain.jsonl --decode
check "plain ids give the same text back" contains "$out" '"Hi <|im_end|> there"'

echo '{"id":1,"ids":[520]}' >far.jsonl
run tokenize --model "$model" --decode --input far.jsonl
check "an id past the vocabulary is refused" status_is 3
check "with file, line and bound" contains "$err" "far.jsonl, line 1: ids[0]: expected a whole number below 520"

echo '{"id":1,"text":5}' >odd.jsonl
run tokenize --model "$model" --input odd.jsonl
check "a text that is no string is refused" contains "$err" 'odd.jsonl, line 1: expected a string "text"'

run tokenize --model "$model" --plain --decode --input in.jsonl
check "--plain and --decode exclude each other" status_is 2

run tokenize --model "$model" --input missing.jsonl
check "a missing file is an input failure" status_is 3
finish
