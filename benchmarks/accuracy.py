#!/usr/bin/env python3
"""Test accuracy over several seeds: of the default settings, and of those that they were chosen from.

    python3 benchmarks/accuracy.py --devices cpu,reference   results/accuracy.csv: the defaults and the seed project's
    python3 benchmarks/accuracy.py --sweep                   results/defaults.csv: batch sizes, peaks and warm-ups
    python3 benchmarks/accuracy.py --sizes                   results/sizes.csv: the defaults at other sizes

Exits with 1 if the defaults miss what is promised of them.
"""
import argparse
import statistics
import sys

import mnistgpu
import results

# What the default settings promise, in percent.
LEAST_MEAN = 96.9
LEAST = 96.7

SEED_PROJECT = "--schedule constant --batch-size 1 --learning-rate 0.1"

SWEEP = [(batch, peak, warmup)
         for batch, peaks in ((32, (0.3, 0.5, 0.7)), (64, (0.3, 0.5, 0.6, 0.8)),
                              (128, (0.2, 0.3, 0.4, 0.5)), (256, (0.2, 0.3)))
         for peak in peaks for warmup in (0.2, 0.3, 0.4)]

# The default learning rate depends on these.
SIZES = ["--hidden 30", "--hidden 200", "--hidden 300", "--hidden 1000",
         "--batch-size 1", "--batch-size 16", "--batch-size 256", "--batch-size 1024", "--batch-size 256 --hidden 300",
         "--epochs 1", "--limit 20000", "--limit 2000",
         "--schedule constant", "--schedule constant --hidden 300", "--schedule constant --batch-size 256"]


def measure(arguments, device, options):
    """Mean, deviation, least and most of the accuracy over the seeds, in percent."""
    runs = [mnistgpu.train(arguments, "--device", device, "--seed", str(seed), *options.split())
            for seed in range(1, arguments.seeds + 1)]
    accuracy = [100 * metrics["testAccuracy"] for metrics in runs]
    row = {"seeds": len(accuracy), "mean": f"{statistics.mean(accuracy):.2f}",
           "deviation": f"{statistics.stdev(accuracy):.2f}",
           "least": f"{min(accuracy):.2f}", "most": f"{max(accuracy):.2f}"}
    print(f"{device} {options or 'the defaults'}: {row['mean']} ({row['least']} to {row['most']})", file=sys.stderr)
    return row


def main():
    parser = argparse.ArgumentParser(description="Test accuracy over several seeds")
    mnistgpu.add_arguments(parser)
    parser.add_argument("--devices", default="cpu", help="separated by commas; the sweeps take the first")
    parser.add_argument("--seeds", type=int, default=5, help="train with seeds 1 to N")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--sweep", action="store_true", help="batch sizes, peaks and warm-ups instead of the defaults")
    what.add_argument("--sizes", action="store_true", help="the defaults at other sizes instead")
    arguments = parser.parse_args()
    if arguments.seeds < 2:
        parser.error("a deviation needs at least two seeds")

    devices = arguments.devices.split(",")
    if arguments.sweep:
        results.write("defaults.csv", [
            {"batch_size": batch, "peak": peak, "warmup": warmup}
            | measure(arguments, devices[0], f"--batch-size {batch} --learning-rate {peak} --warmup {warmup}")
            for batch, peak, warmup in SWEEP])
        return 0
    if arguments.sizes:
        results.write("sizes.csv", [
            {"options": options} | measure(arguments, devices[0], options) for options in SIZES])
        return 0

    # The defaults are trained without options, so that a change of a default shows here.
    rows = [{"options": options, "device": device} | measure(arguments, device, options)
            for options in ("", SEED_PROJECT) for device in devices
            # Steps of one image would take an accelerator minutes.
            if options == "" or device in ("cpu", "reference")]
    results.write("accuracy.csv", rows)
    missed = [row["device"] for row in rows if row["options"] == ""
              and (float(row["mean"]) < LEAST_MEAN or float(row["least"]) < LEAST)]
    for device in missed:
        print(f"{device}: the defaults must reach {LEAST_MEAN} % on average, {LEAST} % with every seed", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
