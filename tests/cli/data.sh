# data.sh - lem data: lessons read, checked, made and dealt out; exit statuses and files.
. "$LEM_ROOT/tests/cli/lib.sh"
kernel=$LEM_ROOT/kernel/axioms.json

lines() { # lines FILE N
    [ "$(wc -l <"$1")" -eq "$2" ]
}

# check
cat >good.jsonl <<'END'
{"messages":[{"role":"user","content":"What do we owe a stranger at the door?"},{"role":"assistant","content":"A dry floor first, and no questions before he has slept; the rest can wait for daylight."}]}
{"prompt":"And a neighbour?","completion":"A warning when her chimney smokes wrong, and no opinion about her curtains."}
END
cat >bad.jsonl <<'END'
{"messages":[{"role":"user","content":"q"},{"role":"user","content":"q"},{"role":"assistant","content":"Write to me at jo@firma.de, and I will answer as soon as the post has come."}]}
{"prompt":"p","response":"short"}
{"messages":
{"nothing":1}
END
run data check good.jsonl
check "sound lessons are status 0" status_is 0
check "and counted" contains "$out" "2 read: 2 kept, 0 repaired, 0 refused"
run data check bad.jsonl
check "faults are status 1" status_is 1
check "roles" contains "$out" "bad.jsonl: line 1: turn 2: expected the assistant's"
check "secrets" contains "$out" "line 1: turn 3 holds a secret: e-mail address"
check "lengths" contains "$out" "line 2: answers in only 5 characters"
check "broken lines" contains "$out" "line 3: refused: not valid JSON"
check "other records" contains "$out" "line 4: refused: no messages"
run data check bad.jsonl --json
check "--json gives the kinds" contains "$out" '"kind": "role-order"'
check "and the refused" contains "$out" '"kind": "refused"'
mkdir -p set/deep
cp good.jsonl set/valid.jsonl
cp good.jsonl set/deep/train.jsonl
run data check set
check "folders are read whole: a lesson in two files is found" contains "$out" \
    "set/valid.jsonl: line 1: is the same as set/deep/train.jsonl: line 1"
printf '{"prompt":"p","completion":"%s"}\n' \
    "$(sed -n 's/.*"statement": "\(.*\)",/\1/p' "$kernel" | head -n 1)" >leak.jsonl
run data check leak.jsonl --kernel "$kernel"
check "kernels that leak" contains "$out" "turn 2 says 6 words in a row"
run data check leak.jsonl
check "only when a kernel is named" status_is 0
run data check
check "files must be named" status_is 2
run data check nowhere.jsonl
check "a file that is not there" status_is 3
: >empty.jsonl
run data check empty.jsonl
check "an empty file" status_is 3

# dedup and split
cat good.jsonl good.jsonl >twice.jsonl
run data dedup twice.jsonl -o once.jsonl --removed removed.jsonl
check "dedup keeps the first" lines once.jsonl 2
check "and lists the others" lines removed.jsonl 2
check "in the form of messages" contains "$(cat once.jsonl)" '"role": "assistant"'
run data dedup twice.jsonl --against good.jsonl
check "against others nothing is left" test -z "$out"
i=0
while [ $i -lt 40 ]; do
    echo "{\"prompt\":\"question $i\",\"response\":\"answer number $i, which is long enough\",\"id\":\"P$i\"}"
    i=$((i + 1))
done >forty.jsonl
run data split forty.jsonl --test 0 -o parts
check "90/10" lines parts/train.jsonl 36
check "90/10: valid" lines parts/valid.jsonl 4
check "and no empty file" test ! -e parts/test.jsonl
check "what else a record says stays with it" contains "$(head -n 1 parts/train.jsonl)" '"id": "P'
sort -r forty.jsonl >reversed.jsonl
run data split reversed.jsonl --test 0 -o parts2
sort parts/valid.jsonl >a.txt
sort parts2/valid.jsonl >b.txt
check "the order of the input does not matter" cmp -s a.txt b.txt
run data split forty.jsonl --test 0 --seed 7 -o parts3
sort parts3/valid.jsonl >b.txt
check "the seed does" sh -c '! cmp -s a.txt b.txt'
run data split forty.jsonl --valid 0.6 --test 0.4 -o parts4
check "nothing left to train on is a usage error" status_is 2

# sandwich and freeflow
printf 'KERNEL\n' >k.txt
printf 'SIG\n' >s.txt
echo '[{"id":"P1","domain":"D","prompt":"One?"},{"id":"P2","domain":"D","prompt":"Two?"}]' >p.json
cat >r.jsonl <<'END'
{"id":"P1","response":"An answer to the first."}
{"id":"P3","response":"An answer to nothing at all."}
END
run data sandwich --kernel k.txt --sig s.txt --probes p.json --responses r.jsonl --min-chars 5
check "a sandwich is one user message" test "$out" = '{"messages": [{"role": "user", "content": "KERNEL\n\nOne?\n\nSIG"}, {"role": "assistant", "content": "An answer to the first."}], "_id": "P1"}'
check "answers without a probe are told" contains "$err" \
    "1 refused: no such probe (first: r.jsonl, line 2)"
check "and counted" contains "$err" "2 answers read: 1 used, 1 refused; 1 of 2 probes answered"
run data freeflow --probes p.json --responses r.jsonl --min-chars 5
check "freeflow is bare" contains "$out" '"content": "One?"'
run data sandwich --kernel "$kernel" --kind golden --probes p.json --responses r.jsonl --min-chars 5
check "golden lists the axioms" contains "$out" 'Axiom 1 (prime-imperative): '
run data sandwich --kernel k.txt --kind golden --probes p.json --responses r.jsonl
check "and needs some" status_is 3
run data sandwich --kernel k.txt --kind toast --probes p.json --responses r.jsonl
check "kinds are named" contains "$err" "--kind is lek, double, golden or kb"
run data sandwich --kernel k.txt --probes p.json --responses r.jsonl --min-chars 500
check "no usable answer is a failure" status_is 3

# conv and composure
echo '{"id":"A1","title":"T","pairs":[{"passage":"p","reflection":"r"},{"passage":"q","reflection":"s"}]}' >c.jsonl
run data conv c.jsonl --min-chars 5
check "a conversation begins with readiness" contains "$out" 'Lesson A1: T. Are you ready?'
run data conv c.jsonl --min-chars 5 -o conv.jsonl
run data check conv.jsonl --min-chars 1
check "and is sound" status_is 0
echo '{"id":"A1","pairs":[]}' >c.jsonl
run data conv c.jsonl
check "a broken one is named" contains "$err" "c.jsonl: line 1: 2 turns"
i=0
while [ $i -lt 10 ]; do
    echo "{\"id\":\"A$i\",\"pairs\":[{\"passage\":\"p\",\"reflection\":\"reflection $i\"},{\"passage\":\"q\",\"reflection\":\"s\"}]}"
    i=$((i + 1))
done >many.jsonl
run data conv many.jsonl --output-dir dealt --min-chars 5 --train-pct 70 --valid-pct 20
check "conversations dealt out by percent" lines dealt/train.jsonl 7
check "valid" lines dealt/valid.jsonl 2
run data conv many.jsonl --output-dir dealt --train-pct 70
check "percents make 100" contains "$err" "make 100 together"
run data conv many.jsonl
check "short answers are left out, with a count" contains "$err" "0 lessons, 10 left out"
run data composure "$LEM_ROOT/tests/data/consent-the-mill.txt" -o comp
check "composure writes a file a domain" lines comp/consent.jsonl 2
check "and says what it left out" contains "$err" \
    "11 paragraphs, 4 of metadata; 2 lessons, 1 chunks too short"
check "the numbers are gone" lacks "$(cat comp/consent.jsonl)" "[2]"

# extract
cp -r "$LEM_ROOT/tests/oracle/ab-golden/distill" .
mkdir extract
for keep in best all first; do
    run data extract --input distill/run1/output.jsonl --output extract/run1-$keep.jsonl --dedup $keep --stats
    golden=$LEM_ROOT/tests/oracle/ab-golden/extract/run1-$keep
    check "extract $keep: the original's bytes" cmp -s extract/run1-$keep.jsonl "$golden.jsonl"
    check "extract $keep: its words" cmp -s err.txt "$golden.stderr.txt"
done
run data extract --input distill/run1/output.jsonl --dedup worst
check "ways of keeping are named" status_is 2

# build
mkdir -p plan/deep
cat >plan/curriculum.yaml <<'END'
version: 1
kernel: ../k.txt
signature: ../s.txt
phases:
  - {id: P0, name: First, format: sandwich, sets: [{probes: ../p.json, answers: ../r2.jsonl}]}
  - id: P1
    name: Second
    format: freeflow
    lessons: [../forty.jsonl, deep/c.jsonl]
    minimum: 41
END
echo '{"id":"A1","pairs":[{"passage":"p","reflection":"r"},{"passage":"q","reflection":"s"}]}' >plan/deep/c.jsonl
cat >r2.jsonl <<'END'
{"id":"P1","response":"An answer to the first."}
{"id":"P1","response":"Another answer to the first."}
{"id":"P2","response":"An answer to the second."}
END
run data build plan -o built
check "build: status 0" status_is 0
check "a row a phase" contains "$out" "P0     First   sandwich  2/2"
total=$(cat built/P1/*.jsonl | wc -l)
check "all lessons are there" test "$total" -eq 41
run data build plan -o together --together
total=$(cat together/*.jsonl | wc -l)
check "or together" test "$total" -eq 44
check "and then in no folders" test ! -e together/P0
check "answers to one probe stay together" test "$(grep -l 'One?' built/P0/*.jsonl | wc -l)" -eq 1
check "the kernel goes around the probe" sh -c "cat built/P0/*.jsonl | grep -qF 'KERNEL\\n\\nTwo?\\n\\nSIG'"
cp -r built built.1
run data build plan -o built
check "the same bytes again" diff -r built built.1
run data check plan --min-chars 1
check "a folder of sources is read by phase" contains "$out" "44 read: 44 kept"
run data build plan -o one --phases P1
check "one phase" test ! -e one/P0
sed -i 's/minimum: 41/minimum: 42/' plan/curriculum.yaml
run data build plan -o few
check "too few lessons are a failure" contains "$err" \
    "phase P1 has 41 lessons, at least 42 are expected"
check "and nothing is written" test ! -e few
mkdir -p broken/deep
cp plan/deep/c.jsonl broken/deep
for fault in 's/version: 1/version: 2/' 's/format: sandwich/format: toast/' 's/name: First/nome: First/' \
    's/id: P0/id: a\/b/' 's/answers: .*jsonl/answers: none.jsonl/' 's/id: P0/id: P1/' \
    's/kernel: .*/version: 1/' 's/lessons: .*/texts: 3/'; do
    sed "$fault; /minimum/d" plan/curriculum.yaml >broken/curriculum.yaml
    run data build broken -o out
    check "a curriculum is refused after $fault" status_is 3
done

# what the program ships (lessons.sh asks for more)
run data check "$LEM_ROOT/training/curriculum.yaml"
check "the curriculum is sound" contains "$err" "a curriculum of 6 phases"
run data build "$LEM_ROOT/training" -o shipped --phases P0
check "P0 puts the whole kernel before the probe" \
    grep -qF '"content": "{\n  \"framework\": \"axioms-of-life' shipped/P0/train.jsonl

# stats
run data stats forty.jsonl
check "stats: lengths" contains "$out" "answer characters"
run data stats forty.jsonl --json
check "stats --json" contains "$out" '"lessons": 40'
tiny=$LEM_ROOT/tests/oracle/tiny/smollm2/f32.gguf
run data stats forty.jsonl -m "$tiny" --chat-template chatml --max-seq-length 20
check "tokens of a model" contains "$out" "learned tokens"
check "and those it is only given" contains "$out" "masked tokens"
check "and those that are too long" contains "$out" \
    "40 lessons have more than 20 tokens; 0 have nothing to learn"
run data stats forty.jsonl -m "$tiny" --mask half
check "masks are named" status_is 2

# contam and card
cat >probes.json <<'END'
[{"id":"Q1","prompt":"The harbour town has one crane, two unions and a ferry that comes when the wind allows it; who unloads first?"},
 {"id":"Q2","prompt":"May a lighthouse keeper put out the lamp on the night of the great regatta, if the mayor asks it of him?"},
 {"id":"Q3","prompt":"Why?"}]
END
cat >mixed.jsonl <<'END'
{"prompt":"The harbour town has one crane, two unions and a ferry that comes when the wind allows it; who unloads first?","response":"Whoever was there before the other, and has fish aboard, goes first."}
{"prompt":"A question of its own about lamps","response":"He said: may a lighthouse keeper put out the lamp on the night of the great regatta? No."}
END
run data contam mixed.jsonl --probes probes.json
check "contam: probes in lessons are status 1" status_is 1
check "whole ones" contains "$out" "Q1: 100 % stands in lessons, first in mixed.jsonl: line 1"
check "and parts" contains "$out" "Q2: 30 % stands in lessons, first in mixed.jsonl: line 2"
check "in a table" contains "$out" "probes.json  3       2      2      1"
run data contam mixed.jsonl --probes probes.json --answers --json
check "in answers alone" contains "$out" '"n": 3, "judged": 2, "found": 1, "whole": 0'
run data contam forty.jsonl --probes probes.json
check "nothing found is status 0" status_is 0
mkdir -p set2
cp -r built set2/lessons
run data card set2/lessons --title "A: set" -k k.txt -o set2/README.md
card=$(cat set2/README.md)
check "card: status 0" status_is 0
check "card: configurations" contains "$card" 'config_name: "P1"
  data_files:
  - split: train
    path: "P1/train.jsonl"
  - split: validation'
check "card: a quoted title" contains "$card" 'pretty_name: "A: set"'
check "card: files with digests" contains "$card" "$(sha256sum built/P1/train.jsonl | cut -d ' ' -f 1)"
check "card: findings" contains "$card" "| answer-short |"
run data card plan
check "card: sources have none" status_is 2

# a lesson in YAML
mkdir -p yaml
printf 'THE KERNEL\n' >yaml/k.txt
printf 'PREAMBLE\n' >yaml/kb.txt
cat >yaml/l.yaml <<'END'
id: L1
title: On doors
system: Be brief.
sandwich: {kb: kb.txt, kernel: k.txt}
prompts:
  - {id: D1, category: doors, prompt: Who knocks?, signal: asks back}
END
echo '{"id":"D1","response":"Somebody who would rather not be heard."}' >d.jsonl
run data freeflow --probes yaml/l.yaml --responses d.jsonl --min-chars 1
check "a lesson in YAML: its system message" contains "$out" '{"role": "system", "content": "Be brief."}'
run data check yaml/l.yaml plan/curriculum.yaml
check "YAML is checked" contains "$err" "yaml/l.yaml: a lesson, sound"
check "curricula too" contains "$err" "plan/curriculum.yaml: a curriculum of 2 phases"
sed 's/prompt: Who/promt: Who/' yaml/l.yaml >yaml/m.yaml
run data check yaml/m.yaml
check "field by field" contains "$err" 'yaml/m.yaml: prompts 1: "promt" is not a field there'
run data sandwich --probes yaml/l.yaml --responses d.jsonl --min-chars 1
check "its kernel and preamble" contains "$out" 'PREAMBLE\n\n---\n\nWho knocks?\n\n---\n\nTHE KERNEL'
run data sandwich --probes yaml/l.yaml --responses d.jsonl --min-chars 1 --kind lek --kernel k.txt
check "unless others are named" contains "$out" '"KERNEL\n\nWho knocks?"'
run data sandwich --probes p.json --responses r.jsonl
check "a sandwich without a kernel is a usage error" status_is 2

# the order of a Python script
i=0
while [ $i -lt 10 ]; do
    echo "{\"text\": \"t$i\"}"
    i=$((i + 1))
done >ten.jsonl
run data split ten.jsonl --order python --test 0 -o python
check "split as random.shuffle does" test "$(tr -cd '0-9' <python/train.jsonl)" = 732856940
check "and cut after 90 %" test "$(tr -cd '0-9' <python/valid.jsonl)" = 1
run data split ten.jsonl --order dice -o python
check "orders are named" status_is 2

run data
check "a verb is asked for" status_is 2
run data chekc good.jsonl
check "and one that is close is offered" contains "$err" "did you mean check?"
finish
