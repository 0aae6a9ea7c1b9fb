#!/usr/bin/env python3
"""Larger networks in PyTorch, TorchSharp and MnistGpu's CPU engine, with one thread and with all, in turn.

    python3 benchmarks/peers/large.py                  results/large.csv
    python3 benchmarks/peers/large.py 512x2048         this batch size and these hidden units; the other rows stay

Each run of a peer has a run of MnistGpu beside it, with as many threads and at the same size; `slower` is the median of the
ratios. Both train one epoch, without momentum and at a rate low enough for both layers: the time does not depend on it.
"""
import argparse
import os
import statistics
import sys

import compare
import mnistgpu
import results

SIZES = ["256x1000", "1024x1024", "512x2048"]
PEERS = [compare.PYTORCH, compare.TORCHSHARP]


def main():
    parser = argparse.ArgumentParser(description="MnistGpu beside PyTorch with larger networks")
    mnistgpu.add_arguments(parser)
    parser.add_argument("sizes", nargs="*", default=SIZES, metavar="BATCHxHIDDEN")
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    compare.warn_without_fast_blas()
    # OpenBLAS 0.3.21 does not know newer CPUs, and takes AVX2 where they have AVX-512, which is 1.4 times as fast.
    with open("/proc/cpuinfo") as file:
        if "avx512f" in file.read():
            os.environ.setdefault("OPENBLAS_CORETYPE", "SKYLAKEX")

    rows = []
    for size in arguments.sizes:
        batch_size, hidden = map(int, size.split("x"))
        for threads in sorted({1, len(os.sched_getaffinity(0))}):
            rows += measure(arguments, threads, batch_size, hidden)
    measured = {(row["batch_size"], row["hidden"]) for row in rows}
    kept = results.read("large.csv") if os.path.exists(os.path.join(results.FOLDER, "large.csv")) else []
    results.write("large.csv", rows + [row for row in kept if (int(row["batch_size"]), int(row["hidden"])) not in measured])


def measure(arguments, threads, batch_size, hidden):
    """The rows of PyTorch and of MnistGpu."""
    options = ["--device", "cpu", "--epochs", "1", "--threads", str(threads), "--batch-size", str(batch_size),
               "--hidden", str(hidden)]
    rate = mnistgpu.train(arguments, *options)["outputLearningRate"]

    def ours():
        return mnistgpu.train(
            arguments, *options, "--learning-rate", str(rate), "--output-learning-rate", str(rate))["trainSeconds"]

    def theirs(peer):
        return peer.run(arguments, threads, 1, batch_size, rate, hidden)["seconds"]

    runs = {peer.title(): (lambda peer=peer: theirs(peer), []) for peer in PEERS if peer.is_installed()}
    runs["MnistGpu cpu"] = (ours, [])
    for repeat in range(arguments.repeats):
        # Who goes first alternates, so that neither always has the warmer machine.
        for run, measured in list(runs.values())[::1 if repeat % 2 == 0 else -1]:
            measured.append(run())
    beside = runs["MnistGpu cpu"][1]
    print(f"{batch_size}x{hidden}, {threads} threads: {[measured for _, measured in runs.values()]} s", file=sys.stderr)
    rows = []
    for name, (_, seconds) in runs.items():
        ratios = [each / mine for each, mine in zip(seconds, beside)]
        rows.append({
            "name": name, "threads": threads, "batch_size": batch_size, "hidden": hidden,
            "ms_per_epoch": f"{1000 * statistics.median(seconds):.4g}",
            "us_per_image": f"{1e6 / compare.IMAGES * statistics.median(seconds):.4g}",
            "slower": f"{statistics.median(ratios):.3g}", "least": f"{min(ratios):.3g}", "most": f"{max(ratios):.3g}"})
    return rows


if __name__ == "__main__":
    main()
