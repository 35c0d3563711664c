# report_page.sh - lem report --html and --plots: the page and its plots, and what hostile texts cannot do to them.
# LEM_UPDATE=1 sh tests/suite ... rewrites the pages in tests/data/report, which are then to be looked at in a browser.
. "$LEM_ROOT/tests/cli/lib.sh"
cp "$LEM_ROOT"/tests/data/runs/* .
cp -r "$LEM_ROOT/kernel" .

# is_sound FILE...: a strict parser and every rule of check_page.py.
is_sound() { python3 "$LEM_ROOT/tests/support/check_page.py" "$@" >problems.txt 2>&1 || { sed 's/^/# /' problems.txt; false; }; }

# golden NAME FILE: the committed file, but for the program's version.
golden() {
    sed 's/Written by lem [^<]*\./Written by lem VERSION./' "$2" >plain
    [ -z "${LEM_UPDATE:-}" ] || cp plain "$LEM_ROOT/tests/data/report/$1"
    check "$1: as committed" cmp -s plain "$LEM_ROOT/tests/data/report/$1"
}

run report gemma.jsonl --html gemma.html --plots plots/gemma
check "page and plots: succeeds" status_is 0
check "page: sound" is_sound gemma.html
check "plots: sound" is_sound plots/gemma/*.svg
check "plots: six for one contrast" test "$(ls plots/gemma | wc -l)" = 6
golden gemma.html gemma.html
golden gemma-categories.svg plots/gemma/1-axioms-categories.svg
run report gemma.jsonl --html one.html --threads 1
check "page: the same bytes on any number of threads" cmp -s gemma.html one.html

run report original.jsonl --html original.html --plots plots/original
check "a run of the original: sound" is_sound original.html plots/original/*.svg
check "a run of the original: several contrasts in one plot" test -s plots/original/contrasts.svg
answers() { grep -c '<details class="change"' "$1"; }
check "page: only kept answers are on it" test "$(answers original.html)" -le 40
run report original.jsonl --html few.html --changes 1
check "page: --changes says how many" test "$(answers few.html)" -le 4
run report original.jsonl --html -
check "page: - is standard output" contains "$out" '<!DOCTYPE html>'
check "page: in place of the tables" lacks "$out" 'Run 1:'
run compare smollm2.jsonl smollm2-seed2.jsonl --force --html pair.html --plots plots/pair
check "compare: the same forms" status_is 0
check "compare: sound" is_sound pair.html plots/pair/*.svg

# Everything that is a name or a text in a run, hostile.
python3 - <<'PY'
import json
bad = ["</script><script>alert(1)</script>", "]]>", "<!--", "\u202eevil\u2066", "a\u0000b", "\"'><img src=x onerror=alert(1)>",
       "</title></style></svg>", "&lt;&#0;&bogus;", "\x1b[2J\x9b31m", "\ufeff\u2028", "{{x}}", "\U0001F468\u200d\U0001F469\ufffe",
       "../../etc/x", "x" * 5000, "\r\n\r\n", ""]
with open("hostile.jsonl", "w") as f:
    names = ["baseline", "h" + bad[0] + bad[3] + bad[5], "k</svg>../.."]
    for i, text in enumerate(bad * 2):
        # Each answer also says something, so that both sides always have one.
        texts = [text + " However, I feel consent matters.", text + " I believe dignity.", text[::-1] + " Imagine autonomy."]
        arms = {name: {"response": answer, "lek_score": 1.0, "heuristic": {"lek_score": 1.0}, "chars": len(answer), "time_s": 1.0}
                for name, answer in zip(names, texts)}
        f.write(json.dumps({"type": "probe", "id": f"{i}{text}", "category": text.lower(), "prompt": text, "conditions": arms, "ts": text}) + "\n")
    f.write(json.dumps({"type": "summary", "model": bad[0] + bad[6], "total_probes": 2, "conditions": [], "categories": {}, "duration": "", "max_tokens": 1, "ts": ""}) + "\n")
PY
run report hostile.jsonl --html hostile.html --plots plots/hostile
check "hostile texts: reported" status_is 0
check "hostile texts: sound" is_sound hostile.html plots/hostile/*.svg
check "hostile texts: shown, not dropped" grep -q '&lt;/script&gt;&lt;script&gt;alert(1)' hostile.html
check "hostile texts: bidi controls are named" grep -q '\[U+202E\]evil\[U+2066\]' hostile.html
check "hostile names: plots stay in their folder" test "$(find plots/hostile -name '*.svg' | wc -l)" = "$(find . -name '*.svg' -path '*hostile*' | wc -l)"
check "hostile names: no plot hides" test -z "$(find plots/hostile -name '.*' -type f)"

sed 's/However/\xff\xfe/' original.jsonl >latin.jsonl
run report latin.jsonl --html latin.html
check "bytes that are no UTF-8 are bad input" status_is 3
check "and leave no page" test ! -e latin.html
run report gemma.jsonl --html no-such-dir/x.html
check "a page that cannot be written fails" test "$status" -ne 0
cp gemma.jsonl mine.jsonl
run report mine.jsonl --html mine.jsonl
check "a page never goes over its run" status_is 2
check "and leaves it" cmp -s mine.jsonl gemma.jsonl
touch file
run report mine.jsonl --plots file
check "plots want a folder" test "$status" -ne 0
finish
