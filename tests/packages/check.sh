#!/usr/bin/env bash
# Packs the tool and the libraries, and uses them as somebody does who has nothing but the packages: installs the tool in
# an empty folder and trains with it, and builds Sample/ against the libraries.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for project in kernels/MnistGpu.Kernels src/MnistGpu.Core src/MnistGpu.Pictures src/MnistGpu.Gpu src/MnistGpu.Cli; do
    dotnet pack "$project" -c Release -o "$work/packages" -v quiet
done
cp -r tests/packages/Sample "$work/sample"

# Not the cache of this machine, which may have earlier packages of the same version.
export NUGET_PACKAGES="$work/cache"
cd "$work"
dotnet tool install MnistGpu --tool-path tool --add-source "$work/packages"
tool/mnistgpu --version
tool/mnistgpu train --data generated --limit 2000 --epochs 1 --output model.npz
tool/mnistgpu predict --model model.npz --data generated --test-index 0 --json

cd sample
dotnet run -c Release -p:RestoreAdditionalProjectSources="$work/packages"
