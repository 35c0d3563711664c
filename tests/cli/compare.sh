# compare.sh - lem compare --old --new: the original's comparison of two score files.
. "$LEM_ROOT/tests/cli/lib.sh"
GOLDEN=$LEM_ROOT/tests/oracle/ab-golden/compare

run compare --old "$GOLDEN/old.json" --new "$GOLDEN/new.json"
check "succeeds" status_is 0
check "old and new, byte for byte" cmp -s out.txt "$GOLDEN/old-new.stdout.txt"
run compare --new "$GOLDEN/old.json" --old "$GOLDEN/new.json"
check "new and old, byte for byte" cmp -s out.txt "$GOLDEN/new-old.stdout.txt"
run compare --old "$GOLDEN/old.json" --new "$GOLDEN/old.json"
check "a file with itself, byte for byte" cmp -s out.txt "$GOLDEN/same.stdout.txt"

run compare --old "$GOLDEN/old.json"
check "one file alone is a usage error" status_is 2
run compare --old "$GOLDEN/old.json" --new none.json
check "a missing file is bad input" status_is 3
check "and is named" contains "$err" none.json
check "nothing is printed of the other" test -z "$out"
printf '{"per_prompt": {}}' >none.json
run compare --old "$GOLDEN/old.json" --new none.json
check "a file without averages is bad input" status_is 3
check "what it lacks is said" contains "$err" 'none.json has no object "model_averages"'
printf '{"model_averages": {"m": {"lek_score": "high"}}}' >odd.json
run compare --old odd.json --new odd.json
check "a metric that is no number is named" contains "$err" "odd.json: lek_score of model m is not a number"
finish
