# lessons.sh - the lessons in training/: every phase can be built of them, and nothing in them is wrong.
. "$LEM_ROOT/tests/cli/lib.sh"
training=$LEM_ROOT/training

lessons_of() { # lessons_of PHASE N: N lessons of it at least were dealt out
    [ "$(cat "built/$1"/*.jsonl | wc -l)" -ge "$2" ]
}

dealt() { # dealt PHASE: none of its three files is empty
    [ -s "built/$1/train.jsonl" ] && [ -s "built/$1/valid.jsonl" ] && [ -s "built/$1/test.jsonl" ]
}

run data build "$training" --output built
check "the curriculum is built" status_is 0
for phase in P0 P1 P2 P3 P4 P5; do
    check "$phase has twelve lessons" lessons_of $phase 12
    check "$phase has something to train, to validate and to test on" dealt $phase
done
for kernel in axioms.json compact.json lek-1-kernel.txt; do
    run data check "$training" --kernel "$LEM_ROOT/kernel/$kernel"
    check "lessons are sound and do not quote $kernel" status_is 0
    check "none is refused" contains "$out$err" " 0 refused"
done
run data build "$training" --output again
check "the same lessons, the same bytes" diff -r built again
finish
