#!/usr/bin/env bash
# Uses the program as it is published for another platform, on this one: for Windows under Wine, for 64-bit ARM under QEMU.
#
#     tests/platforms/check.sh win-x64
#     tests/platforms/check.sh linux-arm64
#
# Needs the packages wine and wine64; or, after `dpkg --add-architecture arm64`, qemu-user, libc6:arm64 and libstdc++6:arm64.
# It does not run `verify --device ilgpu-cpu`: ILGPU's debugging device dies under Wine.
set -euo pipefail
cd "$(dirname "$0")/../.."
platform=$1
# A path with a space, since many have one.
work="$(mktemp -d)/a folder"
mkdir "$work"
trap 'rm -rf "${work%/*}"' EXIT

dotnet publish src/MnistGpu.Cli -c Release -r "$platform" --self-contained -o "$work/program" -v quiet -nologo
cp docs/three.png "$work/three.png"
case $platform in
win-x64)
    export WINEDEBUG=-all WINEPREFIX="$work/prefix"
    # .NET maps memory twice, once to write and once to execute; under Wine 8 it crashes now and then because of that.
    export DOTNET_EnableWriteXorExecute=0
    # Stops the processes that Wine leaves in the background, which would still write to its folder.
    trap 'wineserver -k || /usr/lib/wine/wineserver64 -k || true; sleep 1; rm -rf "${work%/*}"' EXIT
    mnistgpu() { wine "$work/program/mnistgpu.exe" "$@" | tr -d '\r'; }
    ;;
linux-arm64)
    mnistgpu() { qemu-aarch64 "$work/program/mnistgpu" "$@"; }
    ;;
*)
    echo "$0: win-x64 or linux-arm64?" >&2
    exit 2
    ;;
esac

# Runs a command. Unless its output matches the pattern, prints it and stops.
expect() {
    local words=$1 output
    shift
    output=$(mnistgpu "$@" 2>&1) || true
    if ! grep -q -e "$words" <<< "$output"; then
        printf '%s: mnistgpu %s printed\n%s\nand not: %s\n' "$platform" "$*" "$output" "$words"
        exit 1
    fi
}

cd "$work"
expect '^[0-9]*\.[0-9]' --version
expect 'digits' data generate --output digits --train 5000 --test 500
expect '^Test accuracy' train --device cpu --data digits --output 'a model.npz'
expect 'accuracy 9' evaluate --device cpu --data digits --model 'a model.npz'
expect 'three.png: 3' predict --model 'a model.npz' three.png
expect 'model.onnx' export --model 'a model.npz' model.onnx
expect 'draw.html' draw --model 'a model.npz' --output draw.html
expect '^Test accuracy' train --device cpu --data digits --limit 1000 --epochs 1 --report report.html
expect 'mnistgpu: .*missing.npz' evaluate --model missing.npz --data digits
for file in 'a model.npz' model.onnx draw.html report.html; do
    [ -s "$file" ] || { echo "$platform: there is no $file"; exit 1; }
done
echo "$platform: trained, evaluated, predicted, exported, drawn, reported"
