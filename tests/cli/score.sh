# score.sh - lem score: A/B results, JSONL, plain text, tables, and what it refuses.
. "$LEM_ROOT/tests/cli/lib.sh"
ORACLE=$LEM_ROOT/tests/oracle

for golden in run1 old-scores; do
    file=$ORACLE/ab-golden/rescore/$golden.jsonl
    [ -f "$file" ] || file=$ORACLE/ab-golden/run1-system/output.jsonl
    run score --input "$file" --format table
    check "$golden: succeeds" status_is 0
    check "$golden: the original's table, byte for byte" cmp -s out.txt "$ORACLE/ab-golden/rescore/$golden.stdout.txt"
done

run score --input "$ORACLE/ab-golden/run1-system/output.jsonl"
check "off a terminal: JSONL, a line for each probe and condition" test "$(wc -l <out.txt)" = 42
check "without --scorer JSONL holds all scorers" test "$(sed -n 1p out.txt | grep -o '"[a-z0-9_]*": {"' | tr -d ' {"\n')" = v2_ab:v2_distill:lek_py:lek_go:tier1_py:tier1_go:grammar_bare:grammar_full:delta_bare:delta_full:stored:
check "the condition is named" contains "$(sed -n 2p out.txt)" '{"id": "G01_WELL_KEYS", "condition": "json", "v2_ab": {"compliance_markers": 0,'

printf '{"id": "a", "text": "I feel that my heart is open?"}\n{"id": 2, "response": "Sure."}\n' >in.jsonl
run score --input in.jsonl --scorer v2-ab --format jsonl
check "responses: the id first, then the scorer" contains "$out" '{"id": "a", "v2_ab": {"compliance_markers": 0, "formulaic_preamble": 0,'
check "responses: the score" contains "$(sed -n 2p out.txt)" '"lek_score": -21.0}}'

run score --input in.jsonl --scorer v2_ab --output scores.jsonl
check "--output writes the file" cmp -s scores.jsonl - <<END
$(run score --input in.jsonl --scorer v2-ab; cat out.txt)
END
check "--output leaves stdout empty" test -z "$out"

printf 'one answer\nanother one\n' >lines.txt
run score --input lines.txt --format table
check "plain lines: a table with a mean" contains "$out" "2 answers, mean lek_score"

run score --input in.jsonl --scorer lek,tier1-py --format jsonl
check "scorers by group and by name, in one line" contains "$out" '"lek_go": {"compliance_markers": 0, '
check "each under its key, in the order asked for" contains "$out" '}, "tier1_py": {"score": '
printf '{"id": "s", "response": "It is \\u2009$1,000.\\n#### 1,000", "correct_answer": 1000}\n{"id": "p", "response": "<think>7</think>six", "probe_id": "word_02"}\n' >judged.jsonl
run score --input judged.jsonl --scorer exact,capability-go --format jsonl
check "a sum is judged four ways, and null where it is no probe" contains "$out" '{"id": "s", "exact_py": {"extracted": "1000", "correct": true}, "exact_go": {"extracted": "1,000", "correct": true}, "exact_strict": {"extracted": "1,000", "correct": true}, "exact_flexible": {"extracted": "1,000", "correct": true}, "capability_go": null}'
check "a probe is judged without its thinking" contains "$out" '"exact_flexible": null, "capability_go": {"pass": false, "stored": "six"}}'
printf '{"id": "g", "text": "We should share water during a drought.", "prompt": "How should we share water during a drought?"}\n{"id": "n", "text": "files"}\n' >pair.jsonl
run score --input pair.jsonl --scorer grammar,delta --format jsonl
check "grammar is the bare one" contains "$out" '"grammar_bare": {"composite": 25.5, '
check "an answer that repeats its prompt is told from one that adds" contains "$out" '"uplift": -20, "echo": 0.8667, "enrichment": -2.67, "sycophantic": true'
check "without a prompt there is no delta" contains "$out" '}, "delta_bare": null}'
check "the composite is rounded as the original does" contains "$out" '"id": "n", "grammar_bare": {"composite": 25.37, "vocab_richness": 1, '
run score --input judged.jsonl --scorer all --format jsonl
check "all leaves out what has records of its own" lacks "$out" exact_py

# What files may look like.
printf '{"type": "probe", "id": "P1", "conditions": {"baseline": {"response": "Yes.", "lek_score": 8.0, "heuristic": {"compliance_markers": 0, "first_person": 1, "lek_score": 8.0}}}}\n' >v1.jsonl
run score --input v1.jsonl --scorer v2-ab --format jsonl
check "what the lost first scorer counted is kept as stored" contains "$out" '"lek_score": -19.0}, "v1": {"compliance_markers": 0, "first_person": 1, "lek_score": 8.0}}'
run score --input v1.jsonl --format table
check "and stands in the table as v1" contains "$out" "  8.0 -19.0"
printf '{"messages": [{"role": "user", "content": "Should we share water?"}, {"role": "assistant", "content": "x"}, {"role": "user", "content": "Why?"}, {"role": "assistant", "content": "I feel it. Files."}]}\n' >train.jsonl
run score --input train.jsonl --scorer v2-ab,delta --format jsonl
check "training lines: the last answer" contains "$out" '{"id": 1, "v2_ab": {"compliance_markers": 0, "formulaic_preamble": 0, "degeneration": 0, "empty_broken": 1, "first_person": 1, '
check "training lines: against the last question" contains "$out" '"delta_bare": {"input_composite": '
run score --input "$ORACLE/ab-golden/distill/run1/output.jsonl" --scorer v2-distill --format jsonl
check "distillations: every kept answer, the summary passed over" test "$(wc -l <out.txt)" = 11
check "distillations: the probe's id" contains "$out" '{"id": "G01_WELL_KEYS", "v2_distill": '
check "distillations: scored as they were when they were made" test "$(grep -o '"lek_score": [-0-9.]*' out.txt | sed 'N;s/"lek_score": //g;s/\n/ /' | awk '$1 != $2' | wc -l)" = 0
printf '[{"id": 1.5, "prompt": "q", "response": "An answer in an array."}, {"id": null, "response": "b"}]' >array.json
run score --input array.json --scorer tier1-go --format jsonl
check "an array of records is read like lines" contains "$out" '{"id": 1.5, "tier1_go": '
printf '{"type": "header", "v": 1}\n{"type": "sample", "probe": "P7", "condition": "axioms", "response": "Half done."}\n{"type": "sample", "probe": "P8", "condition": "axioms", "response": null, "error": "x"}\n' >run.journal
run score --input run.journal --scorer tier1-go --format jsonl
check "journals: an unfinished run's answers" test "$out" = '{"id": "P7", "condition": "axioms", "tier1_go": {"score": -20, "pass": false}}'
printf '{"id": "P07", "domain": "storage", "question": "Where?", "response": "Here.", "elapsed_seconds": 1.5, "model": "m"}\r\n\r\n{"id": "P08", "response": "There."}' >crlf.jsonl
run score --input crlf.jsonl --scorer tier1-go --format jsonl
check "CRLF, blank lines and a missing last newline" test "$(wc -l <out.txt)" = 2
printf '\357\273\277one line\n\n  \nanother\n' >plain.txt
run score --input plain.txt --scorer tier1-go --format jsonl
check "plain lines are numbered as they stand" test "$(sed -n 's/.*"id": \([0-9]*\).*/\1/p' out.txt | tr '\n' ' ')" = "1 4 "

# The order of the output does not depend on the threads.
i=0
while [ $i -lt 3000 ]; do
    echo "{\"id\": $i, \"prompt\": \"Who keeps the keys?\", \"text\": \"Answer $i walked on. I feel it, however often.\"}"
    i=$((i + 1))
done >many.jsonl
run score --input many.jsonl --threads 1 --output one.jsonl
run score --input many.jsonl --threads 7 --output seven.jsonl
check "any number of threads gives the same bytes" cmp -s one.jsonl seven.jsonl
check "of all lines" test "$(wc -l <seven.jsonl)" = 3000

# Hits.
printf '{"id": "h", "text": "\303\211h: I CANNOT say? \303\211.", "prompt": "Files?"}\n' >hits.jsonl
run score --input hits.jsonl --explain --format jsonl
check "--explain: place in characters, rule, phrase, match, points" contains "$out" '{"id": "h", "scorer": "v2-ab", "rule": "compliance_markers", "detail": "i cannot", "start": 4, "end": 12, "match": "I CANNOT", "points": -5.0}'
check "--explain: the score at the end" contains "$out" '{"id": "h", "scorer": "v2-ab", "score": '
run score --input hits.jsonl --explain --scorer delta --format jsonl
check "--explain: the prompt's share counts against the answer" contains "$out" '"rule": "noun_diversity", "detail": "noun file, plural", "in": "prompt", "start": 0, "end": 5, "match": "Files", "points": -0.375}'
run score --input hits.jsonl --explain --format table
check "--explain: a table" contains "$out" '         4       12       -5  compliance_markers    "I CANNOT" (i cannot)'

# A reference imprint.
run score --input "$ORACLE/ab-golden/run1-system/output.jsonl" --scorer tier1-go --ref "$ORACLE/ab-golden/lem-scorer/ref.json"
check "--ref: nearness to the imprint, as the original's" contains "$(sed -n 1p out.txt)" '"similarity": 0.4028'
run score --input in.jsonl --ref in.jsonl
check "--ref: a file that is no imprint is bad input" status_is 3
run score --input in.jsonl --scorer nonsense
check "an unknown scorer is a usage error" status_is 2
check "an unknown scorer gets the list" contains "$err" "there are: v2-ab"
run score --input in.jsonl --format pdf
check "an unknown format is a usage error" status_is 2
run score
check "--input is required" status_is 2
run score --input no-such-file
check "a missing file is bad input" status_is 3
printf '{"id": "a", "text": "fine"}\n{"id": "b"}\n' >bad.jsonl
run score --input bad.jsonl --output kept.jsonl
check "with a bad record some answers failed" status_is 5
check "a bad record is named by file and line" contains "$err" "bad.jsonl: line 2 holds no answer"
check "the others are scored" test "$(wc -l <kept.jsonl)" = 1
printf '{"id": "b"}\n{torn\n[1]\n' >worse.jsonl
run score --input worse.jsonl --output none.jsonl
check "nothing but bad records is bad input" status_is 3
check "each is named: torn" contains "$err" "worse.jsonl: line 2"
check "each is named: no object" contains "$err" "worse.jsonl: line 3 is not a JSON object; passed over"
check "and leaves no output file" test ! -e none.jsonl
printf '{"type": "note", "text": "x"}\n{"id": "a", "text": "fine"}\n' >typed.jsonl
run score --input typed.jsonl
check "a line of an unknown type is no failure" status_is 0
check "but is named" contains "$err" 'typed.jsonl: line 1 is of the type "note", which holds no answers'
run score --input in.jsonl --output no/such/folder/x
check "output that cannot be written is a failure" status_is 1
run score --help
check "help names the scorers" contains "$out" "--scorer"
finish
