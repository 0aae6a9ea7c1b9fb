#!/usr/bin/env python3
"""Seconds from the first step to the first test at 97 % or more: NumPy, scikit-learn, PyTorch and MnistGpu, in turn.

    python3 benchmarks/peers/to_accuracy.py         results/to_accuracy.csv

The network is 784-100-10, and all are tested after each epoch, which counts. Single images have the seed project's rate,
all others the one that got there soonest of a few. MnistGpu's times are those of `mnistgpu benchmark --to-accuracy`,
after a warm-up. Peers that are not installed are left out.
"""
import argparse
import statistics
import sys

import compare  # and with it the folder above

import mnistgpu
import results

EPOCHS = 10
# Of a one-cycle schedule, which settles at its end.
FEW_EPOCHS = 3

# Threads, epochs, batch size, learning rate.
PEERS = {
    compare.NUMPY: [(1, EPOCHS, 1, 0.1), (1, EPOCHS, 32, 0.1)],
    compare.SCIKIT_LEARN: [(1, EPOCHS, 64, 0.02)],
    compare.PYTORCH: [(1, EPOCHS, 64, 0.5), (1, FEW_EPOCHS, 64, 0.5)],
}
OURS = [(1, EPOCHS, 64, "its own"), (2, EPOCHS, 64, "its own"), (2, FEW_EPOCHS, 64, "its own")]


def first_test(tests, target):
    """(epoch, accuracy, seconds) of the first test that reaches the target; without epoch and seconds if none does."""
    reached = [(epoch, accuracy, seconds) for epoch, (accuracy, seconds) in enumerate(tests, 1) if accuracy >= target]
    return reached[0] if reached else (None, max(accuracy for accuracy, _ in tests), None)


def ours(arguments, threads, epochs, batch_size):
    report = mnistgpu.run(
        arguments, "benchmark", "--json", "--to-accuracy", str(arguments.target), "--devices", "cpu", "--repeats", "1",
        "--epochs", str(epochs), "--batch-sizes", str(batch_size), environment={"DOTNET_PROCESSOR_COUNT": str(threads)})
    reached = report["results"][0]["toAccuracy"]
    return reached["epoch"], reached["accuracy"], reached["seconds"] and reached["seconds"]["median"]


def main():
    parser = argparse.ArgumentParser(description="Seconds to an accuracy: MnistGpu beside NumPy, scikit-learn and PyTorch")
    mnistgpu.add_arguments(parser)
    parser.add_argument("--target", type=float, default=97, help="percent of the test images")
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    compare.warn_without_fast_blas()

    contenders = {("MnistGpu cpu", *setting): lambda s=setting: ours(arguments, *s[:3]) for setting in OURS}
    for peer, settings in PEERS.items():
        if peer.is_installed():
            for setting in settings:
                contenders[peer.title(), *setting] = lambda peer=peer, s=setting: first_test(
                    peer.run(arguments, *s)["tests"], arguments.target / 100)

    measured = {contender: [] for contender in contenders}
    for _ in range(arguments.repeats):
        for contender, run in contenders.items():
            measured[contender].append(run())
            print(*contender, *measured[contender][-1], file=sys.stderr)

    rows = []
    for (name, threads, epochs, batch_size, rate), runs in measured.items():
        # The same seed is the same training; only its time differs.
        (epoch, accuracy, _), seconds = runs[0], [seconds for _, _, seconds in runs if seconds is not None]
        rows.append({
            "name": name, "threads": threads, "batch_size": batch_size, "rate": rate, "epochs": epochs, "epoch": epoch,
            "accuracy": f"{100 * accuracy:.2f}",
            **{key: f"{of(seconds):.3g}" if seconds else "" for key, of in
               (("seconds", statistics.median), ("least", min), ("most", max))}})
    results.write("to_accuracy.csv", rows)


if __name__ == "__main__":
    main()
