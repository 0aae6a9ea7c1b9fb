#!/usr/bin/env python3
"""MnistGpu's CPU engine beside the same training in NumPy, scikit-learn and PyTorch, in turn, in one run.

    dotnet publish src/MnistGpu.Cli -c Release -o publish
    python3 benchmarks/peers/compare.py --mnistgpu publish/mnistgpu --data mnist_data

Prints a Markdown table: the median seconds of the training alone (no start, no loading, no evaluation), per image, and
how many times faster MnistGpu is, as the median of the ratios of runs that stood next to each other. Installs nothing
and says what is missing; Debian has python3-numpy, python3-sklearn, python3-torch, and libopenblas0, without which all
three compute five to ten times slower. NumPy and scikit-learn get one thread: with more they are slower at these sizes.
"""
import argparse
import importlib.util
import json
import os
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import mnistgpu  # noqa: E402  (lies one folder up)

# Settings that choose a kernel by hand would slow NumPy down: the peers choose their own.
ENVIRONMENT = {k: v for k, v in os.environ.items() if k not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")}
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def ours(arguments, *options):
    metrics = mnistgpu.train(arguments, *options)
    return {"seconds": metrics["trainSeconds"], "accuracy": metrics["testAccuracy"],
            "train": metrics["dataset"]["train"], "epochs": metrics["epochs"]}


def peer(script, *options, environment={}):
    run = subprocess.run([sys.executable, os.path.join(HERE, script), *options], check=True,
                         env=ENVIRONMENT | environment, stdout=subprocess.PIPE, text=True)
    return json.loads(run.stdout)


def has_fast_blas():
    """Whether NumPy multiplies with a tuned library; what Linux shows of this process tells."""
    import numpy
    numpy.ones((2, 2)) @ numpy.ones((2, 2))
    try:
        with open("/proc/self/maps") as maps:
            loaded = maps.read()
    except OSError:
        return True
    return any(name in loaded for name in ("openblas", "mkl", "blis", "atlas"))


def main():
    parser = argparse.ArgumentParser(description="MnistGpu beside NumPy, scikit-learn and PyTorch")
    mnistgpu.add_arguments(parser)
    parser.add_argument("--batch-size", default="64", help="of scikit-learn and PyTorch")
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()

    missing = [name for name in ("numpy", "sklearn", "torch") if importlib.util.find_spec(name) is None]
    for name in missing:
        print(f"{sys.executable} has no {name}: it is left out", file=sys.stderr)
    if "numpy" not in missing and not has_fast_blas():
        print("NumPy has no tuned BLAS here, so the comparison is not fair: apt-get install libopenblas0", file=sys.stderr)

    # Each row: the peer's name, the module it needs, its run, ours beside it. One epoch for the loop, which takes seconds.
    batch = arguments.batch_size
    default = ("--batch-size", batch, "--epochs", "3")
    single = ("--batch-size", "1", "--epochs", "1", "--schedule", "constant", "--learning-rate", "0.1")
    loop = lambda: peer("numpy_loop.py", arguments.data, "1", "0.1", environment=ONE_THREAD)
    rows = [
        ("NumPy, a loop over the images, against batch size 1", "numpy", 1, loop, single),
        (f"NumPy, a loop over the images, against batch size {batch}", "numpy", 1, loop, default),
        (f"scikit-learn MLPClassifier, batch size {batch}", "sklearn", 3,
         lambda: peer("sklearn_mlp.py", arguments.data, "3", batch, "0.1", environment=ONE_THREAD), default),
        (f"PyTorch, batch size {batch}, 1 thread", "torch", 3,
         lambda: peer("pytorch_mlp.py", arguments.data, "3", batch, "0.5", "1"), default),
        (f"PyTorch, batch size {batch}, 2 threads", "torch", 3,
         lambda: peer("pytorch_mlp.py", arguments.data, "3", batch, "0.5", "2"), default),
    ]
    rows = [row for row in rows if row[1] not in missing]

    results = {row[0]: [] for row in rows}
    for repeat in range(arguments.repeats):
        for name, _, epochs, run_peer, options in rows:
            # Whose turn is first changes from repeat to repeat, so that neither always has the warmer machine.
            order = (run_peer, lambda: ours(arguments, *options))
            first, second = (order if repeat % 2 == 0 else order[::-1])
            pair = (first(), second())
            theirs, mine = pair if repeat % 2 == 0 else pair[::-1]
            theirs["per_image"] = theirs["seconds"] / (mine["train"] * epochs)
            mine["per_image"] = mine["seconds"] / (mine["train"] * mine["epochs"])
            results[name].append((theirs, mine))
            print(f"{name}: {theirs['seconds']:.3f} s, MnistGpu {mine['seconds']:.3f} s", file=sys.stderr)

    print(f"| against | µs an image | accuracy | MnistGpu, µs an image | accuracy | times faster (least to most of {arguments.repeats}) |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, pairs in results.items():
        def median(side, figure):
            return statistics.median(pair[side][figure] for pair in pairs)
        ratios = sorted(theirs["per_image"] / mine["per_image"] for theirs, mine in pairs)
        print(f"| {name} | {median(0, 'per_image') * 1e6:.2f} | {median(0, 'accuracy'):.2%} "
              f"| {median(1, 'per_image') * 1e6:.3f} | {median(1, 'accuracy'):.2%} "
              f"| **{statistics.median(ratios):.1f}** ({ratios[0]:.1f} to {ratios[-1]:.1f}) |")


if __name__ == "__main__":
    main()
