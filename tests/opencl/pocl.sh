#!/usr/bin/env bash
# Runs a command, or the OpenCL tests of the solution that was built, where there is an OpenCL device: in a folder that
# holds Debian 13 and its PoCL 6, which runs OpenCL on the CPU. ILGPU needs generic address space, and the PoCL of
# Debian 12 has none. The first run makes the folder, in half a minute and 600 MB; nothing is installed outside of it.
#
#     tests/opencl/pocl.sh [OPTIONS OF dotnet test]
#     tests/opencl/pocl.sh dotnet run -c Release --no-build --project src/MnistGpu.Cli -- verify --device opencl
#
# Needs root, a Debian with the package mmdebstrap, and the .NET SDK, which the command shares with this machine, as it
# does the packages, this folder, $MNIST_DATA and /tmp. The folder is $POCL_ROOT, or /tmp/mnistgpu-pocl.
set -euo pipefail
cd "$(dirname "$0")/../.."
root=${POCL_ROOT:-/tmp/mnistgpu-pocl}
sdk=$(dirname "$(readlink -f "$(command -v dotnet)")")

if [ ! -e "$root/made" ]; then
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' | sed -n 1p)
    [ -n "$mirror" ] || { echo 'There is no Debian mirror in the settings of apt: try apt-get update.' >&2; exit 1; }
    rm -rf "$root"
    # Unpacked only: the libraries need no installation. The .NET runtime wants libssl3t64, the tests the rest.
    mmdebstrap --quiet --variant=extract --aptopt='APT::Install-Recommends "false"' \
        --include=pocl-opencl-icd,ocl-icd-libopencl1,libssl3t64,python3-numpy,bash,coreutils,procps,mount \
        trixie "$root" "$mirror"
    touch "$root/made"
fi

case ${1:-} in
'' | -*) set -- dotnet test MnistGpu.sln -c Release --no-build --filter 'FullyQualifiedName~OpenCl|DisplayName~opencl' "$@" ;;
esac

export root sdk
exec unshare --mount --propagation private bash -c '
    set -e
    for folder in /dev /proc /sys /tmp; do
        mount --rbind "$folder" "$root$folder"
    done
    for folder in "$sdk" "$HOME/.nuget" "$PWD" ${MNIST_DATA:+"$MNIST_DATA"}; do
        mkdir -p "$root$folder"
        mount --bind "$folder" "$root$folder"
    done
    # NumPy finds its BLAS there only because it is not installed.
    exec chroot "$root" env -i -C "$PWD" HOME="$HOME" PATH="$sdk:/usr/bin:/bin" ${MNIST_DATA:+MNIST_DATA="$MNIST_DATA"} \
        DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_CLI_UI_LANGUAGE=en DOTNET_NOLOGO=1 DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 \
        MSBUILDDISABLENODEREUSE=1 \
        LD_LIBRARY_PATH=/usr/lib/x86_64-linux-gnu/blas:/usr/lib/x86_64-linux-gnu/lapack "$@"' _ "$@"
