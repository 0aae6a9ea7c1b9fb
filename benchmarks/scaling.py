#!/usr/bin/env python3
"""How the time of an epoch grows with the number of images, the hidden units and the batch size, and falls with threads.

    dotnet publish src/MnistGpu.Cli -c Release -o publish
    python3 benchmarks/scaling.py --mnistgpu publish/mnistgpu --data mnist_data

Runs on one thread but where threads are compared, so that the tables show the work and not how busy the other cores
are. Prints Markdown tables: the median of the epochs after the first (in which the compiler still works) over all
repeats, and the exponent e of the growth from the line before, time ~ size^e.
"""
import argparse
import math
import statistics

import mnistgpu

TABLES = [
    ("images", "--limit", (7500, 15000, 30000, 60000)),
    ("hidden units", "--hidden", (32, 64, 128, 256, 512, 1024)),
    ("batch size", "--batch-size", (1, 4, 16, 64, 256, 1024)),
    ("threads", "--threads", (1, 2)),
]


def epoch_seconds(arguments, option, size):
    # A rate so small that no size diverges: it costs the same.
    metrics = mnistgpu.train(arguments, "--epochs", "4", "--schedule", "constant", "--learning-rate", "0.001",
                             *(() if option == "--threads" else ("--threads", "1")), option, str(size))
    return [epoch["trainSeconds"] for epoch in metrics["history"][1:]]


def main():
    parser = argparse.ArgumentParser(description="The time of an epoch against the size of the work")
    mnistgpu.add_arguments(parser)
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()

    for name, option, sizes in TABLES:
        seconds = {size: [] for size in sizes}
        for _ in range(arguments.repeats):
            for size in sizes:
                seconds[size] += epoch_seconds(arguments, option, size)
        print(f"| {name} | ms an epoch | exponent |")
        print("| ---: | ---: | ---: |")
        before = None
        for size in sizes:
            median = statistics.median(seconds[size])
            exponent = f"{math.log(median / before[1]) / math.log(size / before[0]):.2f}" if before else ""
            print(f"| {size:,} | {median * 1000:.1f} | {exponent} |")
            before = (size, median)
        print(flush=True)


if __name__ == "__main__":
    main()
