# catalog.sh - docs/DATA_CATALOG.md is true: its counts are the files', and no data file is left out.
. "$LEM_ROOT/tests/cli/lib.sh"
page=$LEM_ROOT/docs/DATA_CATALOG.md
status=0
: >out.txt
: >err.txt

# Rows | `path` | number | ... as "path number".
sed -n 's/^| `\([^`]*\)` | \([0-9][0-9]*\) |.*/\1 \2/p' "$page" >rows.txt
check "the page has rows" test "$(wc -l <rows.txt)" -gt 20

count() {
    case $1 in
    *.json) [ "${1#kernel/}" = "$1" ] && "$LEM" probes list "$LEM_ROOT/$1" --json | wc -l || wc -c <"$LEM_ROOT/$1" ;;
    kernel/*) wc -c <"$LEM_ROOT/$1" ;;
    *) cat "$LEM_ROOT"/$1 | grep -c '^- ' ;;
    esac
}
while read -r path said; do
    check "$path: $said" test "$(count "$path" | tr -d ' ')" = "$said"
done <rows.txt

# First and last id, where the row gives them.
sed -n 's/^| `\(seeds[^`]*\)` | [0-9]* | `\([^`]*\)` to `\([^`]*\)` |.*/\1 \2 \3/p' "$page" >ids.txt
while read -r path first last; do
    "$LEM" probes list "$LEM_ROOT/$path" --json >list.txt
    check "$path: first id" contains "$(head -n 1 list.txt)" "\"$first\""
    check "$path: last id" contains "$(tail -n 1 list.txt)" "\"$last\""
done <ids.txt

(cd "$LEM_ROOT" && find seeds kernel -type f ! -path 'seeds/grammar/*') | sort >files.txt
while read -r file; do
    check "$file is in the catalogue" grep -q "\`$file\`" "$page"
done <files.txt
for folder in $(sed -n 's/^| `\(training[^`]*\)` |.*/\1/p' "$page"); do
    check "$folder is there" test -d "$LEM_ROOT/$folder"
done

# What the page says of growing.
run probes grow --grammar "$LEM_ROOT/seeds/grammar" --count 400
check "domains" test "$(ls "$LEM_ROOT"/seeds/grammar/domains | wc -l)" = 30
check "regions" test "$(ls "$LEM_ROOT"/seeds/grammar/regions | wc -l)" = 12
check "languages" test "$(ls "$LEM_ROOT"/seeds/grammar/languages | wc -l)" = 6
check "voices" test "$(grep -c '^voice: ' "$LEM_ROOT/seeds/grammar/voices.txt")" = 11

# Every term of the glossary that names a command or a file names one that is there.
for file in $(grep -o '`[a-z]*/[A-Za-z0-9._/-]*`' "$LEM_ROOT/docs/GLOSSARY.md" | tr -d '`'); do
    check "glossary: $file is there" test -e "$LEM_ROOT/$file"
done
finish
