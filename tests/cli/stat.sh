# stat.sh - lem stat: rows of numbers, CSV columns, and what it refuses.
. "$LEM_ROOT/tests/cli/lib.sh"
ORACLE=$LEM_ROOT/tests/oracle/stat-public.jsonl

run stat --input "$ORACLE" --bootstrap 500
check "rows: succeeds" status_is 0
check "rows: a line each" test "$(wc -l <out.txt)" = 43
check "rows: the id first, then the numbers" contains "$out" '{"id": "p-p0", "n": 5, '
check "rows: bootstrap intervals" contains "$out" '"bca_ci95": ['
cp out.txt first.txt
run stat --input "$ORACLE" --bootstrap 500 --threads 3
check "rows: threads change nothing" cmp -s out.txt first.txt
run stat --input "$ORACLE" --bootstrap 500 --seed 1
check "rows: the seed does" test "$(cmp out.txt first.txt 2>&1)" != ""

printf '{"id": 1, "kind": "pass_at_k", "samples": 10, "correct": 3, "k": 1}\n\n{"kind": "paired"}\n' >bad.jsonl
run stat --input bad.jsonl
check "a bad row is bad input" status_is 3
check "a bad row is named by file and line" contains "$err" 'bad.jsonl: line 3: "a" must be a list of numbers'
check "what came before it is answered" contains "$out" '{"id": 1, "pass_at_k": 0.3'
printf '[1]\n' | tee list.jsonl >/dev/null
run stat --input list.jsonl
check "a row that is no object is refused" contains "$err" "list.jsonl: line 1: not a JSON object"

printf 'id,"base, plain",lek,la,lb\r\nP1,1,2,10,14\r\nP1,2,4,12,11\r\nP2,0,3,9,15\r\nP3,1,5,8,8\r\n' >scores.csv
run stat --csv scores.csv --a "base, plain" --b lek --length-a la --length-b lb --margin 1
check "csv: a table" contains "$out" "difference b - a, Student's t           2.5  0.4457 .. 4.554  0.03047"
check "csv: says when pairs are too few" contains "$out" "4 pairs cannot give a p below 0.125"
check "csv: names the columns" contains "$out" "mean of a (base, plain)"
check "csv: length control" contains "$out" "difference at equal length"
check "csv: the verdict at the end" contains "$(tail -n 1 out.txt)" "Verdict: inconclusive (sign flips, p = 0.125)"
run stat --csv scores.csv --a "base, plain" --b lek --cluster id --json
check "csv: clusters are the units" contains "$out" '"n": 3, "mean_a": 0.8333333333333334'
check "csv: --json is one object" test "$(wc -l <out.txt)" = 1
run stat --csv scores.csv --a "base, plain" --b lek --a la --b lb
check "csv: several columns are adjusted for each other" contains "$out" "Adjusted for 2 comparisons: Holm"
printf 'a,b\n0,1\n1,1\n' | "$LEM" stat --csv - --a a --b b >out.txt 2>err.txt
check "csv: zeros and ones are also proportions" grep -q "McNemar exact" out.txt

run stat --csv scores.csv --a base --b lek
check "an unknown column is a usage error" status_is 2
check "an unknown column gets the list" contains "$err" 'scores.csv has no column "base"; it has: id, base, plain, lek, la, lb'
printf 'a,b\n1,2\n3,nan\n' >nan.csv
run stat --csv nan.csv --a a --b b
check "a cell that is no number is bad input" status_is 3
check "it is named by file, line and column" contains "$err" 'nan.csv: line 3, column "b": "nan" is not a number'
printf 'a,b\n1\n' >short.csv
run stat --csv short.csv --a a --b b
check "a short row is named" contains "$err" 'short.csv: line 2: 1 fields, none for column "b"'
printf 'a,b\n' >empty.csv
run stat --csv empty.csv --a a --b b
check "a heading alone is bad input" status_is 3
run stat --csv scores.csv --a la
check "--a wants its --b" status_is 2
run stat
check "neither input is a usage error" status_is 2
run stat --input "$ORACLE" --csv scores.csv
check "both inputs are one" status_is 2
run stat --input no-such-file
check "a missing file is bad input" status_is 3
finish
