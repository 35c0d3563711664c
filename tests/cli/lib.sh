# lib.sh - what the scripts beside it share; each sources it and runs in a scratch folder of its own.
# It sets LEM (the program under test) and keeps the user's configuration out.
LEM=$LEM_ROOT/lem
HOME=$(pwd)/home
XDG_CONFIG_HOME=$HOME/.config
LEM_REAL_CACHE=${LEM_CACHE:-$(getent passwd "$(id -u)" 2>/dev/null | cut -d : -f 6)/.cache/lem}
unset LEM_CACHE LEM_CONFIG LEM_MODEL CLICOLOR_FORCE
export HOME XDG_CONFIG_HOME
mkdir -p "$HOME"
n_failed=0

# run ARGS...: runs lem; status, out and err hold what came of it.
run() {
    status=0
    "$LEM" "$@" >out.txt 2>err.txt </dev/null || status=$?
    out=$(cat out.txt)
    err=$(cat err.txt)
}

pass() { echo "ok - $1"; }

fail() {
    echo "not ok - $1"
    n_failed=$((n_failed + 1))
    printf '# status %s\n' "$status"
    sed 's/^/# out: /' out.txt
    sed 's/^/# err: /' err.txt
}

skip() { echo "ok - $1 # SKIP $2"; }

# check NAME COMMAND...: passes when the command succeeds.
check() {
    name=$1
    shift
    if "$@"; then pass "$name"; else fail "$name"; fi
}

status_is() { [ "$status" = "$1" ]; }
contains() { case $1 in *"$2"*) return 0 ;; *) return 1 ;; esac; }
lacks() { ! contains "$1" "$2"; }

# needs_model NAME: the path of a demo model in the user's cache, or a failure when it is not there.
needs_model() {
    model=$LEM_REAL_CACHE/$1.gguf
    [ -f "$model" ]
}

finish() { [ "$n_failed" = 0 ]; }
