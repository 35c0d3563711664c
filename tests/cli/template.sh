# template.sh - lem template: rows rendered, refusals as results, bad rows and bad templates named.
. "$LEM_ROOT/tests/cli/lib.sh"

cat >rows.jsonl <<'END'
{"messages": [{"role": "user", "content": "héllo"}], "add_generation_prompt": true, "bos_token": "<bos>"}
{"messages": [{"role": "assistant", "content": "x"}]}
END
run template --template gemma --messages rows.jsonl
check "a refusal is a result: status 0" status_is 0
check "a row is rendered, in UTF-8, with its BOS" contains "$out" \
    '{"text": "<bos><start_of_turn>user\nhéllo<end_of_turn>\n<start_of_turn>model\n"}'
check "the template's own words come back" contains "$out" '{"error": "user and assistant must take turns'

printf '%s' '{{ strftime_now("%d %b %Y") }} {{ name }} {{ tools | length }}' >date.jinja
printf '%s\n' '{"messages": [], "name": "n", "tools": [1, 2]}' >vars.jsonl
SOURCE_DATE_EPOCH=1767268800
export SOURCE_DATE_EPOCH
run template --template date.jinja --messages vars.jsonl
check "the date is SOURCE_DATE_EPOCH's, other keys are variables" contains "$out" '{"text": "01 Jan 2026 n 2"}'
unset SOURCE_DATE_EPOCH

printf '%s\n' 'not json' '{"messages": 3}' '{"messages": []}' >bad.jsonl
run template --template chatml --messages bad.jsonl
check "bad rows: status 5" status_is 5
check "a bad row is named by file and line" contains "$out" 'bad.jsonl: line 1, column'
check "a row without messages is named" contains "$out" 'bad.jsonl: line 2: expected an array'
check "the good row after them is rendered" contains "$out" '{"text": ""}'

printf '%s' 'a
{% for m in messages %}' >open.jinja
run template --template open.jinja --messages vars.jsonl
check "a template that is none: status 3" status_is 3
check "the sentence names the template and what is missing" contains "$err" "open.jinja: template: the end came before 'endfor'"
check "its rows say so too" contains "$out" '{"error": '

run template --messages vars.jsonl
check "neither model nor template: status 2" status_is 2
run template --template missing.jinja --messages vars.jsonl
check "a missing template: status 3" status_is 3
run template --template - --messages -
check "standard input cannot be both: status 2" status_is 2

if needs_model smollm2-135m-instruct; then
    run template --model "$model" --messages rows.jsonl
    check "the model's own template" contains "$out" '<|im_start|>user\nhéllo<|im_end|>\n<|im_start|>assistant\n'
else
    skip "the model's own template" "smollm2-135m-instruct is not in the cache"
fi
finish
