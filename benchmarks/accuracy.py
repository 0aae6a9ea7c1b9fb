#!/usr/bin/env python3
"""Test accuracy after 3 epochs over several seeds, for the settings named: what chose the defaults, and what keeps them.

    dotnet publish src/MnistGpu.Cli -c Release -o publish
    python3 benchmarks/accuracy.py --mnistgpu publish/mnistgpu --data mnist_data          the defaults and the seed project's
    python3 benchmarks/accuracy.py --mnistgpu publish/mnistgpu --data mnist_data --defaults  the defaults alone
    python3 benchmarks/accuracy.py --mnistgpu publish/mnistgpu --data mnist_data --sweep  batch sizes, peaks and warm-ups
    python3 benchmarks/accuracy.py --mnistgpu publish/mnistgpu --data mnist_data --sizes  the default learning rate at other sizes

Prints a Markdown table: mean, standard deviation, least and most over the seeds. Ends with 1 when the defaults miss
what is promised of them.
"""
import argparse
import statistics
import sys

import mnistgpu

# What is promised of the default settings, in percent.
LEAST_MEAN = 96.9
LEAST = 96.7

SWEEP = [(batch, peak, warmup)
         for batch, peaks in (("32", ("0.3", "0.5", "0.7")), ("64", ("0.3", "0.5", "0.6", "0.8")),
                              ("128", ("0.2", "0.3", "0.4", "0.5")), ("256", ("0.2", "0.3")))
         for peak in peaks for warmup in ("0.2", "0.3", "0.4")]

# Sizes other than the defaults: the learning rate goes by them.
SIZES = [("--hidden", "30"), ("--hidden", "200"), ("--hidden", "300"), ("--hidden", "1000"), ("--batch-size", "1"),
         ("--batch-size", "16"), ("--batch-size", "256"), ("--batch-size", "1024"), ("--batch-size", "256", "--hidden", "300"),
         ("--epochs", "1"), ("--limit", "20000"), ("--limit", "2000"), ("--schedule", "constant"),
         ("--schedule", "constant", "--hidden", "300"), ("--schedule", "constant", "--batch-size", "256")]


def main():
    parser = argparse.ArgumentParser(description="Test accuracy after 3 epochs over several seeds")
    mnistgpu.add_arguments(parser)
    parser.add_argument("--seeds", type=int, default=5, help="train with seeds 1 to N")
    parser.add_argument("--defaults", action="store_true", help="leave out the seed project's settings")
    parser.add_argument("--sweep", action="store_true", help="batch sizes, peaks and warm-ups instead of the defaults")
    parser.add_argument("--sizes", action="store_true", help="other sizes and the constant schedule instead")
    arguments = parser.parse_args()

    if arguments.seeds < 1:
        parser.error("at least one seed is needed")

    if arguments.sweep:
        settings = [(f"one-cycle, batch size {batch}, peak {peak}, warm-up {warmup}",
                     ("--batch-size", batch, "--learning-rate", peak, "--warmup", warmup))
                    for batch, peak, warmup in SWEEP]
    elif arguments.sizes:
        settings = [("the defaults, but " + " ".join(options), options) for options in SIZES]
    else:
        # No options: a default that changes is to show here.
        settings = [("the defaults", ())]
        if not arguments.defaults:
            settings.append(("constant 0.1, batch size 1 (the seed project's)",
                             ("--schedule", "constant", "--batch-size", "1", "--learning-rate", "0.1")))

    print(f"| 3 epochs, {arguments.seeds} seeds, {arguments.device} | mean % | deviation | least | most |")
    print("| --- | --- | --- | --- | --- |")
    missed = False
    for name, options in settings:
        results = [100 * mnistgpu.train(arguments, "--seed", str(seed), *options)["testAccuracy"]
                   for seed in range(1, arguments.seeds + 1)]
        mean = statistics.mean(results)
        deviation = f"{statistics.stdev(results):.2f}" if len(results) > 1 else "–"
        print(f"| {name} | {mean:.2f} | {deviation} | {min(results):.2f} | {max(results):.2f} |", flush=True)
        if not options and (mean < LEAST_MEAN or min(results) < LEAST):
            missed = True
            print(f"the defaults are to reach {LEAST_MEAN} % on average and {LEAST} % with each seed", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
