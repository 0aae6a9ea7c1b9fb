#!/usr/bin/env python3
"""MnistGpu's OpenCL kernels beside CLBlast and beside a plain OpenCL program in C, on the first OpenCL device.

    dotnet publish src/MnistGpu.Cli -c Release -o publish -p:Ilgpu=builtin
    /usr/bin/python3 benchmarks/peers/opencl.py --mnistgpu publish/mnistgpu --data mnist_data

Prints two Markdown tables. The first is a matrix product: CLBlast's SGEMM and MatrixMultiply.Tuned (the OpenCL C that
`mnistgpu kernels` prints) on the same queue, in turn. The second is what a training step takes, one image a step:
`mnistgpu train --device opencl` and opencl_steps.c, which launches the same kernels the same number of times. Both are
medians, with the median of the ratios of runs that stood next to each other. Installs nothing and says what is missing;
Debian has python3-numpy, python3-pyopencl, libclblast1, gcc and ocl-icd-opencl-dev. The data may not be packed (.gz).
"""
import argparse
import ctypes
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import mnistgpu  # noqa: E402  (lies one folder up)

SHAPES = ((32, 784, 100), (64, 784, 100), (256, 784, 256), (1024, 1024, 1024))


def kernel(arguments, name):
    run = subprocess.run([arguments.mnistgpu, "kernels", name], stdout=subprocess.PIPE, text=True)
    if "__kernel" not in run.stdout:
        raise SystemExit("a build with -p:Ilgpu=builtin is needed, which shows its kernels' OpenCL C")
    return run.stdout


def summary(theirs, ours):
    ratios = sorted(a / b for a, b in zip(theirs, ours))
    return (statistics.median(theirs), statistics.median(ours),
            f"**{statistics.median(ratios):.2f}** ({ratios[0]:.2f} to {ratios[-1]:.2f})")


def products(arguments):
    try:
        import numpy
        import pyopencl
        clblast = ctypes.CDLL("libclblast.so.1")
    except (ImportError, OSError) as missing:
        print(f"no comparison with CLBlast: {missing}", file=sys.stderr)
        return
    context = pyopencl.Context(pyopencl.get_platforms()[0].get_devices()[:1])
    queue = pyopencl.CommandQueue(context)
    tuned = pyopencl.Program(context, kernel(arguments, "MatrixMultiply.Tuned")).build().MatrixMultiply_Tuned
    print(f"{context.devices[0].name.strip()}, {arguments.repeats} pairs:\n")
    print("| product | CLBlast, µs | MatrixMultiply.Tuned, µs | GFLOP/s | times faster (least to most) |")
    print("| --- | --- | --- | --- | --- |")

    for rows, depth, columns in SHAPES:
        random = numpy.random.default_rng(1)
        a = random.standard_normal((rows, depth), dtype=numpy.float32)
        b = random.standard_normal((depth, columns), dtype=numpy.float32)
        expected = a @ b
        read = pyopencl.mem_flags.READ_ONLY | pyopencl.mem_flags.COPY_HOST_PTR
        on_device = [pyopencl.Buffer(context, read, hostbuf=matrix) for matrix in (a, b)]
        on_device.append(pyopencl.Buffer(context, pyopencl.mem_flags.READ_WRITE, expected.nbytes))

        def sgemm():
            size, handle = ctypes.c_size_t, [ctypes.c_void_p(matrix.int_ptr) for matrix in on_device]
            row_major, not_transposed = 101, 111
            status = clblast.CLBlastSgemm(
                row_major, not_transposed, not_transposed, size(rows), size(columns), size(depth),
                ctypes.c_float(1), handle[0], size(0), size(depth), handle[1], size(0), size(columns),
                ctypes.c_float(0), handle[2], size(0), size(columns),
                ctypes.byref(ctypes.c_void_p(queue.int_ptr)), None)
            assert status == 0, status

        def ours():
            views = []
            for matrix, count in zip(on_device, (rows * depth, depth * columns, rows * columns)):
                views += [matrix, numpy.int64(0), numpy.int64(count)]
            numbers = [numpy.int32(n) for n in (rows, depth, columns, depth, 1, columns, 1)]
            groups = (-(-rows // 32), -(-columns // 64))
            tuned(queue, (groups[0] * 64, groups[1]), (64, 1), *views, *numbers)

        def sample(launch, count):
            start = time.perf_counter()
            for _ in range(count):
                launch()
            queue.finish()
            return (time.perf_counter() - start) / count

        for launch in (sgemm, ours):
            sample(launch, 3)
            result = numpy.empty_like(expected)
            pyopencl.enqueue_copy(queue, result, on_device[2])
            assert numpy.allclose(result, expected, atol=1e-3 * depth ** 0.5), "a wrong product"
        count = max(1, int(0.05 / sample(ours, 3)))
        times = [], []
        for repeat in range(arguments.repeats):
            sides = [(0, sgemm), (1, ours)]
            for side, launch in sides if repeat % 2 == 0 else sides[::-1]:
                times[side].append(sample(launch, count))
        theirs, mine, ratio = summary(*times)
        print(f"| {rows}×{depth} · {depth}×{columns} | {theirs * 1e6:,.0f} | {mine * 1e6:,.0f} "
              f"| {2e-9 * rows * depth * columns / mine:.1f} | {ratio} |")
    print()


def launches(arguments):
    images = [os.path.join(arguments.data, name) for name in ("train-images.idx3-ubyte", "train-images-idx3-ubyte")]
    images = next((path for path in images if os.path.exists(path)), None)
    if images is None:
        print(f"no comparison of launches: {arguments.data} has no unpacked training images", file=sys.stderr)
        return
    compiler = shutil.which("gcc")
    if compiler is None:
        print("no comparison of launches: there is no gcc", file=sys.stderr)
        return
    steps = 5000
    with tempfile.TemporaryDirectory() as folder:
        program = os.path.join(folder, "opencl_steps")
        subprocess.run([compiler, "-O2", "-o", program, os.path.join(HERE, "opencl_steps.c"), "-lOpenCL"], check=True)
        sources = []
        for name in ("HiddenLayer.Tuned", "OutputLayerAndDeltas.Tuned", "ParameterUpdate.Tuned"):
            sources.append(os.path.join(folder, name + ".cl"))
            with open(sources[-1], "w") as file:
                file.write(kernel(arguments, name))

        def plain():
            run = subprocess.run([program, *sources, images, "1", "100", str(steps)], check=True,
                                 stdout=subprocess.PIPE, text=True)
            return float(run.stdout) / steps

        # Of three epochs the fastest, as the C program times its last round: the first one warms up.
        def ours():
            metrics = mnistgpu.train(arguments, "--batch-size", "1", "--epochs", "3", "--limit", str(steps), "--no-shuffle")
            return min(epoch["trainSeconds"] for epoch in metrics["history"]) / steps

        times = [], []
        for repeat in range(arguments.repeats):
            sides = [(0, plain), (1, ours)]
            for side, run in sides if repeat % 2 == 0 else sides[::-1]:
                times[side].append(run())
    theirs, mine, _ = summary(*times)
    ratios = sorted(b / a - 1 for a, b in zip(*times))
    print(f"| {steps:,} steps of one image | plain C, µs a step | MnistGpu, µs a step | more (least to most) |")
    print("| --- | --- | --- | --- |")
    print(f"| three launches a step | {theirs * 1e6:.1f} | {mine * 1e6:.1f} "
          f"| **{statistics.median(ratios):+.1%}** ({ratios[0]:+.1%} to {ratios[-1]:+.1%}) |")


def main():
    parser = argparse.ArgumentParser(description="MnistGpu's OpenCL kernels beside CLBlast and plain C")
    mnistgpu.add_arguments(parser)
    parser.set_defaults(device="opencl")
    parser.add_argument("--repeats", type=int, default=9)
    arguments = parser.parse_args()
    products(arguments)
    launches(arguments)


if __name__ == "__main__":
    main()
