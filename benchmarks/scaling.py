#!/usr/bin/env python3
"""How the time of an epoch grows with images, hidden units and batch size, and falls with threads.

    python3 benchmarks/scaling.py       results/scaling.csv

Runs on one thread, except where threads are compared, so that the figures show the work and not how busy the other
cores are. Each figure is the median, over all repeats, of the epochs after the first, in which code is still compiled.
The exponent e is that of the growth since the row before: time ~ size^e.
"""
import argparse
import math
import statistics
import sys

import mnistgpu
import results

SWEEPS = [
    ("images", "--limit", (7500, 15000, 30000, 60000)),
    ("hidden units", "--hidden", (32, 64, 128, 256, 512, 1024)),
    ("batch size", "--batch-size", (1, 4, 16, 64, 256, 1024)),
    ("threads", "--threads", (1, 2)),
]


def epoch_seconds(arguments, option, size):
    # At so small a rate every size learns, and the work is the same.
    metrics = mnistgpu.train(arguments, "--device", "cpu", "--epochs", "4",
                             "--schedule", "constant", "--learning-rate", "0.001",
                             *(() if option == "--threads" else ("--threads", "1")), option, str(size))
    return [epoch["trainSeconds"] for epoch in metrics["history"][1:]]


def main():
    parser = argparse.ArgumentParser(description="The time of an epoch against the size of the work")
    mnistgpu.add_arguments(parser)
    parser.add_argument("--repeats", type=int, default=7)
    arguments = parser.parse_args()

    rows = []
    for name, option, sizes in SWEEPS:
        seconds = {size: [] for size in sizes}
        for _ in range(arguments.repeats):
            for size in sizes:
                seconds[size] += epoch_seconds(arguments, option, size)
        before = None
        for size in sizes:
            median = statistics.median(seconds[size])
            exponent = f"{math.log(median / before[1]) / math.log(size / before[0]):.2f}" if before else ""
            rows.append({"varied": name, "size": size, "ms_per_epoch": f"{median * 1000:.1f}", "exponent": exponent})
            print(*rows[-1].values(), file=sys.stderr)
            before = (size, median)
    results.write("scaling.csv", rows)


if __name__ == "__main__":
    main()
