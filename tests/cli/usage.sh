# usage.sh - help, versions, mistakes on the command line, exit statuses.
. "$LEM_ROOT/tests/cli/lib.sh"

run
check "no arguments: help and status 2" status_is 2
check "no arguments: lists commands" contains "$out" "info"

run --help
check "--help is a success" status_is 0
check "--help says nothing on stderr" test -z "$err"

run --version
check "--version names the program" contains "$out" "lem $(cat "$LEM_ROOT/VERSION")"

run help info
check "help COMMAND is a success" status_is 0
check "help COMMAND shows the usage" contains "$out" "Usage: lem info"
help_text=$out
run info -h
check "COMMAND -h shows the same" test "$out" = "$help_text"

run inof
check "an unknown command is a usage error" status_is 2
check "an unknown command gets a hint" contains "$err" "did you mean info?"
check "an unknown command prints no data" test -z "$out"

run zzzzzz
check "nothing near: the list is named" contains "$err" "lem --help"

run info --jsn
check "an unknown flag is a usage error" status_is 2
check "an unknown flag gets a hint" contains "$err" "did you mean --json?"

run info extra
check "an argument too many is a usage error" status_is 2
check "and is named" contains "$err" '"extra"'

run --json info
check "global flags may stand before the command" contains "$out" '"version"'

run info --no_color --json=false
check "underscores are accepted in names" status_is 0
check "a boolean can be switched off" lacks "$out" '"version"'

run info --json=perhaps
check "a boolean is true or false" status_is 2

run info -- --json
check "after -- flags are arguments" contains "$err" '"--json"'

# Where values come from: flag, environment, ./lem.config.json, the user's file.
LEM_JSON=1 run info
check "the environment sets flags" contains "$out" '"version"'
LEM_JSON=1 run info --json=false
check "a flag beats the environment" lacks "$out" '"version"'
LEM_JSON=maybe run info
check "a bad value in the environment is named" contains "$err" "LEM_JSON"

mkdir -p "$XDG_CONFIG_HOME/lem"
echo '{"lem": {"json": true}}' >"$XDG_CONFIG_HOME/lem/config.json"
run info
check "the user's configuration sets flags" contains "$out" '"version"'
echo '{"lem": {"json": false}, "max_tokens": 7}' >lem.config.json
run info
check "the folder's configuration beats the user's" lacks "$out" '"version"'
echo '{"json": true}' >lem.config.json
run info --config lem.config.json
check "keys outside \"lem\" are left alone" lacks "$out" '"version"'
echo '{"lem": ' >lem.config.json
run info
check "a malformed configuration is status 3" status_is 3
check "and named" contains "$err" "lem.config.json"
rm lem.config.json "$XDG_CONFIG_HOME/lem/config.json"

run info --config missing.json
check "a missing configuration that was asked for is status 3" status_is 3

run info --json
check "an empty cache is no error" contains "$out" '"models": []'

if [ -e /dev/full ]; then
    status=0
    "$LEM" info >/dev/full 2>err.txt || status=$?
    err=$(cat err.txt)
    check "a full disk is not silent" contains "$err" "standard output"
    check "a full disk is status 1" status_is 1
fi

finish
