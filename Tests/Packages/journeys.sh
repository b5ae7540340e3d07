#!/usr/bin/env bash
# What users do with the packages, in an empty folder with an empty HOME and no cached packages. Prints each journey with its time.
# usage: journeys.sh FEED WORK [JOURNEY…]     FEED: the folder of packages; WORK: an empty folder, kept between calls so that packages are fetched once; without names all are run
# A journey that this machine cannot make ends with 77 and its reason.
set -u
here=$(cd "$(dirname "$0")" && pwd)
feed=$(cd "$1" && pwd)
mkdir -p "$2"
work=$(cd "$2" && pwd)
shift 2
mkdir -p "$work/home" "$work/packages" "$work/own"
export HOME="$work/home" NUGET_PACKAGES="$work/packages" DOTNET_CLI_HOME="$work/home" DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_CLI_USE_MSBUILD_SERVER=0 MSBUILDDISABLENODEREUSE=1
cat > "$work/nuget.config" <<CONFIG
<configuration>
  <packageSources><clear /><add key="packed" value="$feed" /><add key="own" value="$work/own" /><add key="nuget.org" value="https://api.nuget.org/v3/index.json" /></packageSources>
  <packageSourceMapping><packageSource key="packed"><package pattern="TransformFramework.*" /></packageSource><packageSource key="own"><package pattern="Halving" /></packageSource><packageSource key="nuget.org"><package pattern="*" /></packageSource></packageSourceMapping>
</configuration>
CONFIG
ln -sfn "$here/../../examples/01-digits" "$work/digits"
cd "$work" || exit 1

build() { dotnet build "$1" -c Release -v q -clp:ErrorsOnly "${@:2}"; }

take() { cp -r "$here/Journeys/$1" "$work/" && cp -r "$here/../../examples/01-digits/." "$work/$1/digits" && cd "$work/$1"; }

# The README's command, by the tool. WORK/tool is on no PATH: the journey of plugins uses it too.
tool() {
    [ -x "$work/tool/transform_graph" ] || dotnet tool install TransformFramework.Tool --tool-path "$work/tool" --version 1.0.0 --configfile "$work/nuget.config" || return 1
    [ "${1:-}" = only ] && return
    "$work/tool/transform_graph" --in_graph=digits/digits_cnn.pb --out_graph=digits_int8.pb --inputs=Placeholder --outputs=DigitsNet/Predictions/Reshape_1 --transforms_file=digits/int8.gtt \
        --evaluate='digits/digits_test.npz?divide=255' && test -s digits_int8.pb
}

console() { take Console && build . -o out && out/Console && test -s digits_int8.pb; }

service() { take Service && build . -o out && out/Service; }

mlnet() { take MLNet && build . -o out && out/MLNet; }

# A model is made by a build, once, and copied; a mistake of the script has its place.
build_item() {
    take Build && dotnet build . -v minimal > first.txt || { cat first.txt; return 1; }
    grep -q 'digits_cnn.pb -> digits_int8.pb' first.txt && test -s bin/Debug/net10.0/digits_int8.pb || return 1
    dotnet build . --no-restore -v minimal > second.txt && ! grep -q 'digits_cnn.pb ->' second.txt || return 1
    printf 'remove_device\n  fold_constant\n' > digits/int8.gtt
    if dotnet build . --no-restore -v minimal > third.txt; then return 1; fi
    grep -q 'int8.gtt(2,3): error TFX1010' third.txt
}

# A plugin from the template passes its own tests, becomes a package, is added by it, locked, and used by the tool; a changed DLL is refused by name.
template() {
    tool only || return 1
    cd "$work" && rm -rf Halving && dotnet new install TransformFramework.Templates@1.0.0 --nuget-source "$feed" --force > /dev/null && dotnet new tf-plugin -o Halving || return 1
    cd Halving && dotnet test -v q && dotnet pack Halving -o "$work/own" -v q || return 1
    cd "$work" && tool/transform_graph plugins add Halving@1.0.0 && tool/transform_graph plugins lock && tool/transform_graph plugins verify || return 1
    tool/transform_graph --in_graph=digits/digits_cnn.pb --out_graph=plugged.pb --inputs=Placeholder --outputs=DigitsNet/Predictions/Reshape_1 --transforms='Halving::remove_double_negation' || return 1
    printf ' ' >> home/.transformframework/plugins/Halving/Halving.dll
    if tool/transform_graph --in_graph=digits/digits_cnn.pb --out_graph=plugged.pb --inputs=Placeholder --outputs=DigitsNet/Predictions/Reshape_1 --transforms='Halving::remove_double_negation' 2> refused.txt; then return 1; fi
    tool/transform_graph plugins verify > changed.txt; grep -q "changed   Halving.*'Halving.dll' has SHA-256" changed.txt || return 1
    rm -r home/.transformframework
}

# A plugin that is one file, used by the tool.
single_file() {
    tool only || return 1
    cp "$here/Journeys/Placing.cs" "$work/" && cd "$work" || return 1
    tool/transform_graph --plugin=Placing.cs --in_graph=digits/digits_cnn.pb --out_graph=placed.pb --inputs=Placeholder --outputs=DigitsNet/Predictions/Reshape_1 --transforms='place(device="/cpu:1")' || return 1
    tool/transform_graph view placed.pb | grep -q '/cpu:1'
}

# A program compiled ahead of time says the same as a managed one, with no warning of the trimmer.
native() {
    command -v clang > /dev/null || command -v gcc > /dev/null || { echo "there is no linker (clang or gcc)"; return 77; }
    take Native
    dotnet restore . -r linux-x64 -v q || { echo "the ILCompiler package cannot be restored"; return 77; }
    command -v clang > /dev/null || linker=-p:CppCompilerAndLinker=gcc
    dotnet publish . -c Release -r linux-x64 -v q -o out ${linker:-} || return 1
    dotnet build . -c Release -v q -p:PublishAot=false -o managed || return 1
    out/Native digits/digits_cnn.pb | tee native.txt && managed/Native digits/digits_cnn.pb | tee managed.txt
    [ "$(sed 's/^native: //' native.txt)" = "$(sed 's/^managed: //' managed.txt)" ] && grep -q '^native: ' native.txt
}

failed=0
for journey in "${@:-tool console service mlnet build_item template single_file native}"; do
    for name in $journey; do
        start=$(date +%s%N)
        ("$name")
        status=$?
        seconds=$(awk -v n=$(($(date +%s%N) - start)) 'BEGIN { printf "%.1f", n / 1e9 }')
        case $status in
            0) echo "$name: done in $seconds s" ;;
            77) echo "$name: skipped after $seconds s"; [ $failed = 0 ] && failed=77 ;;
            *) echo "$name: failed after $seconds s" >&2; failed=1 ;;
        esac
    done
done
exit $failed
