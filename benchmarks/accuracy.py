#!/usr/bin/env python3
"""Test accuracy over several seeds: of the default settings at the default size, and at others.

    python3 benchmarks/accuracy.py --devices cpu,reference   results/accuracy.csv: the defaults and the seed project's
    python3 benchmarks/accuracy.py --sizes                   results/sizes.csv: the defaults at other sizes

Exits with 1 if the defaults miss what is promised of them.
"""
import argparse
import sys

import mnistgpu
import results

# What the default settings promise, in percent.
LEAST_MEAN = 97.1
LEAST = 96.9

SEED_PROJECT = "--schedule constant --batch-size 1 --learning-rate 0.1 --output-bias 0"

# Hidden units, batch size and the least mean in percent after three epochs.
SIZES = [(100, 64, 97.2), (100, 256, 96.6), (100, 1024, 95.2),
         (300, 64, 97.4), (300, 256, 97.2), (300, 1024, 94.8),
         (1000, 64, 97.5), (1000, 256, 97.3), (1000, 1024, 94.8), (2048, 512, 96.0)]

# Few steps: options, and the least mean in percent.
FEW_STEPS = [("--batch-size 10000 --epochs 20", 92), ("--batch-size 60000 --epochs 100", 87.5),
             ("--limit 1000 --epochs 1", 0), ("--limit 1000 --epochs 3", 0), ("--limit 1000 --epochs 10", 0),
             ("--limit 6000 --epochs 1", 0), ("--limit 6000 --epochs 2", 0), ("--limit 6000 --epochs 10", 0),
             ("--epochs 1", 0), ("--epochs 10", 0), ("--epochs 30", 0), ("--hidden 30", 0), ("--batch-size 1", 0)]


def measure(arguments, device, options):
    """Mean, deviation, least and most of the accuracy over the seeds, in percent."""
    sweep = mnistgpu.run(arguments, "sweep", "--json", "--quiet", "--device", device, "--seeds", f"1-{arguments.seeds}", *options.split())
    result, = sweep["results"]
    if result["failed"]:
        raise SystemExit(f"{device} {options}: {result['failed']} trainings failed")
    row = {"seeds": arguments.seeds} | {name: f"{100 * part:.2f}" for name, part in result["testAccuracy"].items()}
    print(f"{device} {options or 'the defaults'}: {row['mean']} ({row['least']} to {row['most']})", file=sys.stderr)
    return row


def main():
    parser = argparse.ArgumentParser(description="Test accuracy over several seeds")
    mnistgpu.add_arguments(parser)
    parser.add_argument("--devices", default="cpu", help="separated by commas; the sweeps take the first")
    parser.add_argument("--seeds", type=int, default=5, help="train with seeds 1 to N")
    parser.add_argument("--sizes", action="store_true", help="the defaults at other sizes instead")
    arguments = parser.parse_args()
    if arguments.seeds < 2:
        parser.error("a deviation needs at least two seeds")

    devices = arguments.devices.split(",")
    if arguments.sizes:
        promises = [(f"--hidden {hidden} --batch-size {batch}", least) for hidden, batch, least in SIZES] + FEW_STEPS
        rows = [{"options": options, "least_mean": least} | measure(arguments, devices[0], options)
                for options, least in promises]
        results.write("sizes.csv", rows)
        missed = [row["options"] for row in rows if float(row["mean"]) < row["least_mean"]]
        for options in missed:
            print(f"{options}: less than promised", file=sys.stderr)
        return 1 if missed else 0

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
