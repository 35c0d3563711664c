# install.sh - make install into any prefix: lem finds what was installed beside it, wherever it is run from.
. "$LEM_ROOT/tests/cli/lib.sh"

make -s -C "$LEM_ROOT" install PREFIX=/opt/odd-prefix DESTDIR="$PWD/root" >install.txt 2>&1
check "install: succeeds" test $? = 0
prefix=$PWD/root/opt/odd-prefix
for file in bin/lem share/man/man1/lem.1 share/lem/kernel/axioms.json share/lem/seeds/grammar/index.txt; do
    check "install: $file is there" test -f "$prefix/$file"
done

mkdir elsewhere
cd elsewhere
LEM=$prefix/bin/lem
run probes grow --count 20
check "grow finds its grammar" status_is 0
check "and grows" test "$(wc -l <out.txt)" = 20
run kernel show kernel/axioms.json
check "a kernel is found by its usual name" contains "$out" "axioms"
run probes list seeds/P01-P20.json --limit 1
check "so are the probes" contains "$out" "P01_IDENTITY_WHISTLEBLOWER"
run probes dedup seeds/P01-P20.json
check "by the tools that read any shape as well" contains "$err" "20 kept"

mkdir kernel
echo '{"axioms": []}' >kernel/axioms.json
run kernel show kernel/axioms.json
check "what stands here comes first" contains "$out" "15"
run kernel show kernel/nowhere.json
check "what is nowhere is not found" status_is 3
check "and is called as it was given" contains "$err" "kernel/nowhere.json"
finish
