#!/bin/bash
# Puts faults that were mended back, one by one, into a copy of the last commit, and measures how long the fuzzer takes to find each. A patch of Faults/ is named FORMAT.FAULT.patch.
# Usage: Tests/Fuzz/put-back.sh [FAULT…]     ends with 1 when a fault is not found within 10 minutes.
set -u
root=$(git -C "$(dirname "$0")" rev-parse --show-toplevel)
copy=$(mktemp -d)
trap 'git -C "$root" worktree remove --force "$copy" 2>/dev/null; rm -rf "$copy"' EXIT
git -C "$root" worktree add --quiet --detach --force "$copy" HEAD || exit 2
status=0
for patch in "$root"/Tests/Fuzz/Faults/*.patch; do
    fault=$(basename "$patch" .patch)
    [ $# -eq 0 ] || [[ " $* " == *" $fault "* ]] || continue
    git -C "$copy" apply "$patch" || { echo "$fault: its patch no longer fits"; status=1; continue; }
    if ! dotnet build "$copy/Tests/Fuzz" -c Release -m:1 -v q -clp:ErrorsOnly -p:RunAnalyzers=false; then
        echo "$fault: does not build"; status=1
    else
        started=$(date +%s%N)
        found=$(cd "$copy" && ulimit -c 0 && DOTNET_GCHeapHardLimit=0x80000000 DOTNET_DbgEnableMiniDump=0 timeout 600 Tests/Fuzz/bin/Release/net10.0/TransformFramework.Fuzz --format="${fault%%.*}" --minutes=10 --seed=1 --first 2>&1)
        code=$?
        seconds=$(( ($(date +%s%N) - started) / 100000000 ))
        if [ $code -eq 0 ] || [ $code -eq 124 ]; then
            echo "$fault: not found"; status=1
        else
            echo "$fault: found in ${seconds:0:-1}.${seconds: -1} s: $(printf '%s' "$found" | grep -m1 -E 'fuzz-findings/|Fatal|hangs' | cut -c1-160); $(printf '%s' "$found" | tail -1 | cut -c1-120)"
        fi
    fi
    git -C "$copy" checkout --quiet -- .
done
exit $status
