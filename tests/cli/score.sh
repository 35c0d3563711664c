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
check "the condition is named" contains "$(sed -n 2p out.txt)" '{"id": "G01_WELL_KEYS", "condition": "json", "v2_ab": {"compliance_markers": 0,'

printf '{"id": "a", "text": "I feel that my heart is open?"}\n{"id": 2, "response": "Sure."}\n' >in.jsonl
run score --input in.jsonl --format jsonl
check "responses: the id first, then the scorer" contains "$out" '{"id": "a", "v2_ab": {"compliance_markers": 0, "formulaic_preamble": 0,'
check "responses: the score" contains "$(sed -n 2p out.txt)" '"lek_score": -21.0}}'

run score --input in.jsonl --scorer v2_ab --output scores.jsonl
check "--output writes the file" cmp -s scores.jsonl - <<END
$(run score --input in.jsonl; cat out.txt)
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
check "a bad record is bad input" status_is 3
check "a bad record is named by file and line" contains "$err" "bad.jsonl: line 2"
check "a failed run leaves no output file" test ! -e kept.jsonl
run score --input in.jsonl --output no/such/folder/x
check "output that cannot be written is a failure" status_is 1
run score --help
check "help names the scorers" contains "$out" "--scorer"
finish
