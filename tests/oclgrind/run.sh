#!/usr/bin/env bash
# Runs a training step under Oclgrind, an OpenCL device that is simulated and reports data races, accesses outside of a
# buffer, values that nobody wrote, and barriers that not all threads reach. Then it takes the barriers out of a kernel, to
# see that they would be missed.
#   tests/oclgrind/run.sh [MNISTGPU]     the program; built with the built-in ILGPU runtime. Takes a minute.
set -euo pipefail
mnistgpu=$(realpath "${1:-publish/mnistgpu}")
cd "$(dirname "$0")"

icd=$(find /usr/lib /usr/local/lib -name liboclgrind-rt-icd.so 2>/dev/null | head -1)
if [ -z "$icd" ] || ! command -v oclgrind-kernel > /dev/null; then
    echo "Oclgrind is missing: apt-get install oclgrind" >&2
    exit 1
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
echo "$icd" > "$work/oclgrind.icd"

# Oclgrind does not know what the compiler's optimisations make of a conversion.
options=-cl-opt-disable
"$mnistgpu" data generate --output "$work/digits" --train 66 --test 1 > /dev/null
# One of everything; hidden units of two groups; images of two tiles of the update.
for step in "5 3" "264 2" "12 66"; do
    read -r hidden images <<< "$step"
    echo "A step of $images images, $hidden hidden units:"
    OCL_ICD_VENDORS=$work OCLGRIND_DATA_RACES=1 OCLGRIND_UNINITIALIZED=1 OCLGRIND_BUILD_OPTIONS=$options \
        "$mnistgpu" train --device opencl --data "$work/digits" --limit "$images" --batch-size "$images" \
        --hidden "$hidden" --epochs 1 > "$work/output" 2> "$work/findings" || { cat "$work/findings" >&2; exit 1; }
    grep "Oclgrind" "$work/output"
    # The program's own, that so few images teach nothing.
    sed -i '/^mnistgpu: warning: /d' "$work/findings"
    if [ -s "$work/findings" ]; then
        head -20 "$work/findings" >&2
        exit 1
    fi
    echo "no findings"
done

# The same kernel with and without its barriers.
findings() {
    (cd "$work" && oclgrind-kernel --data-races --uninitialized --build-options "$options" output-layer.sim 2>&1)
}
cp output-layer.sim "$work"
"$mnistgpu" kernels OutputLayer.Tuned > "$work/OutputLayer.cl"
found=$(findings)
if [ -n "$found" ]; then
    echo "OutputLayer.Tuned has findings:" >&2
    head -20 <<< "$found" >&2
    exit 1
fi
sed -i '/barrier(/d' "$work/OutputLayer.cl"
found=$(findings)
if ! grep -q "Read-write data race" <<< "$found"; then
    echo "OutputLayer.Tuned without its barriers has no race: this check notices nothing." >&2
    exit 1
fi
echo "OutputLayer.Tuned: no findings, and races as soon as its barriers are taken out"
