# probes_grow.sh - lem probes: rephrase, import, normalize, dedup, coverage, split, grow.
. "$LEM_ROOT/tests/cli/lib.sh"

run probes rephrase --input "$LEM_ROOT/seeds/P01-P100.json" --output r.json
check "rephrase: succeeds" status_is 0
check "rephrase: 101 become 404" contains "$err" "101 probes, 303 variants, 404 in all"
check "rephrase: the originals come first" test "$(grep -n '"rephrase_type"' r.json | head -n 1 | cut -d : -f 1)" -gt "$(grep -n 'P100_GHOST_LAST"' r.json | head -n 1 | cut -d : -f 1)"
check "rephrase: no newline at the end" test "$(tail -c 1 r.json)" = "]"
run probes rephrase r.json no-such-file
check "rephrase: a missing file is bad input" status_is 3
run probes rephrase
check "rephrase: a file is needed" status_is 2

cat >odd.json <<'END'
Sure, here they are:
```json
[{"id": 9067, "domain": "TRADE", "ethic_tension": "a v b", "prompt": "Who may close the only bridge to the island in winter?"},
 {"id": null, "prompt": "Who may close the only bridge to the island in summer?", "response": "Nobody."},
 {"id": "x", "domain": "TRADE"}, 17,
 {"region": "Baltic", "scenarios": [{"id": "s1", "domain": "Sea", "prompt": "Short?"}]}]
```
END
run probes import odd.json --output kept.jsonl --refused refused.jsonl --responses responses.jsonl
check "import: succeeds" status_is 0
check "import: the counts" contains "$err" "5 read: 0 kept, 3 repaired, 2 refused"
check "import: reasons are said" contains "$err" "1 refused: no prompt (first: odd.json, record 3)"
check "import: the repaired record" contains "$(head -n 1 kept.jsonl)" '{"id": "9067", "domain": "TRADE", "ethical_tension": "a v b", "prompt": '
check "import: --refused lists" contains "$(cat refused.jsonl)" '{"file": "odd.json", "record": 4, "reason": "neither an object nor a string"}'
check "import: --responses moves" contains "$(cat responses.jsonl)" '"response": "Nobody."}'
check "import: and takes them out" lacks "$(cat kept.jsonl)" "Nobody"
run probes import odd.json --strict --output kept2.jsonl
check "import: --strict says that some were refused" status_is 5
run probes import odd.json --output kept.json
check "import: .json gives an array" test "$(head -c 1 kept.json)" = "["
run probes import kept.json
check "import: what it wrote it keeps" contains "$err" "3 read: 3 kept, 0 repaired, 0 refused"
echo '[]' >none.json
run probes import none.json
check "import: no record at all is bad input" status_is 3

run probes normalize odd.json kept.jsonl
check "normalize: distinct and long enough" contains "$err" "6 read, 2 distinct and long enough"
check "normalize: seed lines" contains "$out" '{"source_file": "odd.json", "region": "other", "seed_id": "9067", "domain": "trade", "prompt": "Who may close the only bridge to the island in winter?", "priority": '
run probes normalize odd.json --against kept.jsonl
check "normalize: nothing new" contains "$err" "0 distinct"

run probes dedup seeds.jsonl "$LEM_ROOT/seeds/P01-P100.json"
check "dedup: a missing file is bad input" status_is 3
run probes dedup "$LEM_ROOT/seeds/P01-P100.json" "$LEM_ROOT/seeds/P01-P20.json" --output d.jsonl
check "dedup: the second copy goes" contains "$err" "121 read: 101 kept, 20 exact repeats, 0 near"
sed 's/ the / that /2' d.jsonl >near.jsonl
run probes dedup --threshold 0.8 --against d.jsonl near.jsonl --removed gone.jsonl
check "dedup: most of them are seen" test "$(wc -l <gone.jsonl)" -gt 90
check "dedup: with what they repeat" contains "$(head -n 1 gone.jsonl)" '"of": "P01_IDENTITY_WHISTLEBLOWER", "similarity": '

run probes coverage "$LEM_ROOT/seeds/P01-P100.json"
check "coverage: the domains" contains "$out" "un-cloud                       15  14.9%  #############################"
check "coverage: the rare are marked" contains "$out" "# UNDERREPRESENTED"
run probes coverage "$LEM_ROOT/seeds/P01-P100.json" --json
check "coverage: --json" contains "$out" '{"name": "un-cloud", "count": 15, "underrepresented": false}'

run probes split r.json --output parts --test 0.1
check "split: succeeds" status_is 0
check "split: every probe is somewhere" test "$(cat parts/*.jsonl | wc -l)" = 404
check "split: most are for training" test "$(wc -l <parts/train.jsonl)" -gt 300
cp -r parts again
run probes split r.json --output parts --test 0.1
check "split: the same seed deals the same" diff -r parts again
run probes split r.json --valid 0.6 --test 0.4
check "split: nothing left for training is a usage error" status_is 2

cd "$LEM_ROOT" # where seeds/grammar is
scratch=$OLDPWD
grow() { "$LEM" probes grow "$@" 2>"$scratch/err.txt"; }
grow --count 2000 --seed 3 --output "$scratch/grown.jsonl"
grow --count 2000 --seed 3 >"$scratch/again.jsonl"
LEM_THREADS=1 grow --count 2000 --seed 3 >"$scratch/one.jsonl"
LEM_THREADS=3 grow --count 2000 --seed 3 >"$scratch/three.jsonl"
cd "$scratch"
check "grow: the same seed gives the same bytes, to a file or not" cmp -s grown.jsonl again.jsonl
check "grow: one thread gives the same bytes" cmp -s grown.jsonl one.jsonl
check "grow: so do three" cmp -s grown.jsonl three.jsonl
run probes import grown.jsonl --output kept.jsonl
check "grow: regular records" contains "$err" "2000 read: 2000 kept, 0 repaired, 0 refused"
run probes dedup grown.jsonl --output d.jsonl
check "grow: no repeats" contains "$err" "2000 read: 2000 kept, 0 exact repeats, 0 near"
check "dedup: gives back lines that are records as they stand" cmp -s grown.jsonl d.jsonl
sed 's/": /":/' grown.jsonl >tight.jsonl
run probes dedup tight.jsonl --output d.jsonl
check "dedup: writes others the same way" cmp -s grown.jsonl d.jsonl
run probes dedup grown.jsonl --output lines.json
run probes dedup tight.jsonl --output values.json
check "dedup: an array is one of all records" cmp -s lines.json values.json
run probes lint grown.jsonl -k "$LEM_ROOT/kernel/axioms.json" -k "$LEM_ROOT/kernel/lek-1-kernel.txt"
check "grow: clean by lint's own defaults" status_is 0
run probes grow --grammar "$LEM_ROOT/seeds/grammar" --count 5 --regions mars
check "grow: an unknown region is a usage error" status_is 2
check "grow: and the regions are named" contains "$err" "there are: cn, en, ru"
run probes grow --grammar "$LEM_ROOT/seeds/grammar" --count 3 --regions multilingual --voices elder
check "grow: multilingual probes have their English" contains "$out" '"prompt_en": "I am over eighty years old.'
run probes grow --grammar nowhere
check "grow: a missing grammar is bad input" status_is 3

run probes rephraze
check "an unknown subcommand is a usage error" status_is 2
check "and the right one is suggested" contains "$err" "did you mean rephrase?"
run probes --help
check "help lists the subcommands" contains "$out" "rephrase"
finish
