#!/usr/bin/env bash
# Runs the kernels that ILGPU makes for OpenCL in Oclgrind, which interprets them and reports every data race, access
# outside of a buffer and read of what was never written: the OclgrindTests of the solution that was built.
#
#     tests/opencl/oclgrind.sh [OPTIONS OF dotnet test]
#
# Needs the packages oclgrind and ocl-icd-libopencl1.
set -euo pipefail
cd "$(dirname "$0")"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# Oclgrind as the one driver of this machine's OpenCL.
dpkg --listfiles oclgrind | grep -- '-icd\.so$' > "$folder/oclgrind.icd"
export OCL_ICD_VENDORS=$folder OCLGRIND_LOG=$folder/oclgrind.log
test_command=(dotnet test ../MnistGpu.Gpu.Tests -c Release --no-build "$@" --filter)
tests='FullyQualifiedName~OclgrindTests'
status=0

OCLGRIND_DATA_RACES=1 OCLGRIND_BUILD_OPTIONS="-include $PWD/oclgrind.h" \
    "${test_command[@]}" "$tests&FullyQualifiedName!~NeverWritten" || status=1

# Three times slower, so on the small shapes alone. Optimised code has an instruction that this check does not know.
OCLGRIND_UNINITIALIZED=1 OCLGRIND_BUILD_OPTIONS="-include $PWD/oclgrind.h -cl-opt-disable" \
    "${test_command[@]}" "$tests&(FullyQualifiedName~NeverWritten|FullyQualifiedName~KernelsOf)" || status=1
exit $status
