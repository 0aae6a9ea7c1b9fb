#!/usr/bin/env python3
"""Whether the default rates learn every class, at any size, on any data: all combinations of the sizes below.

    python3 benchmarks/default_rates.py mnist=mnist_data fashion=FOLDER drawn=FOLDER

Writes results/default_rates.csv: accuracy and the worst class's share of right answers, in percent, with the rates that
depended on neither batch nor data ("before"), and with the defaults ("now"). Cheap combinations come first; rows that the
file has already are kept, so that an interrupted run can go on. `--random N` trains N of those that are missing, drawn at
random, and with the defaults only. `--report` only sums up what the file has.

Exits with 1 if a class is never said, or is read right less than once in five from 60 steps up, or if more epochs of the same
setting end more than 0.5 points lower.
"""
import argparse
import concurrent.futures
import csv
import itertools
import math
import os
import random
import sys

import mnistgpu
import results

HIDDEN = [30, 100, 300, 512, 1000, 2048]
BATCH = [16, 64, 100, 128, 256, 512, 1000, 2048, 6000, 10000]
EPOCHS = [1, 3, 10, 30]
IMAGES = [1000, 6000, 60000]
LEAST_STEPS = 30
FEW_STEPS = 300
SEEDS = [1, 2, 3]

FILE = os.path.join(results.FOLDER, "default_rates.csv")
COLUMNS = ["data", "hidden", "batch", "epochs", "images", "steps", "seeds", "before_mean", "before_worst_class",
           "before_never_said", "now_mean", "now_worst_class", "now_never_said", "difference"]
KEY = COLUMNS[:5]


def steps(batch, epochs, images):
    return math.ceil(images / batch) * epochs


def seconds(hidden, batch, epochs, images):
    """About how long one thread takes."""
    return epochs * images / 60000 * (0.3 + hidden / 120) * max(1, 64 / batch)


def rates_before(hidden, batch, epochs, images):
    """The options that set the rates as they were chosen before."""
    work, count = min(batch, images) * hidden, steps(batch, epochs, images)
    if work <= 9000 and count >= 900:
        return ["--learning-rate", "0.5", "--output-learning-rate", "0.5", "--momentum", "0"]
    rate = min(0.5, 0.1 * math.sqrt(hidden / 100))
    output = min(rate, 420 * 1.9 * min(1, max(0.15, count * 0.3 / 200)) / work)
    return ["--learning-rate", repr(rate), "--output-learning-rate", repr(output), "--momentum", "0.9"]


def measure(arguments, folder, size, rates):
    """Mean accuracy, the worst class's share of right answers over all seeds, and how many seeds never say some class."""
    hidden, batch, epochs, images = size
    accuracy, worst, lost = [], [], 0
    seeds = SEEDS if steps(batch, epochs, images) < FEW_STEPS else SEEDS[:1]
    for seed in seeds:
        metrics = mnistgpu.train(
            argparse.Namespace(mnistgpu=arguments.mnistgpu, data=folder), "--device", "cpu", "--threads", "1",
            *itertools.chain.from_iterable(zip(["--hidden", "--batch-size", "--epochs", "--limit", "--seed"],
                                               map(str, [*size, seed]))), *rates)
        accuracy.append(100 * metrics["testAccuracy"])
        worst.append(100 * min(metrics["digitAccuracy"]))
        lost += bool(metrics["neverSaid"])
    return sum(accuracy) / len(accuracy), min(worst), lost


def row_of(arguments, name, folder, size):
    before = None if arguments.random else measure(arguments, folder, size, rates_before(*size))
    now = measure(arguments, folder, size, [])
    hidden, batch, epochs, images = size
    return dict(zip(COLUMNS, [
        name, hidden, batch, epochs, images, steps(batch, epochs, images),
        len(SEEDS) if steps(batch, epochs, images) < FEW_STEPS else 1, *figures(before), *figures(now),
        f"{now[0] - before[0]:.1f}" if before else ""]))


def figures(measured):
    if not measured:
        return "", "", ""
    mean, worst, lost = measured
    return f"{mean:.1f}", f"{worst:.0f}", lost


def faults(rows):
    """What breaks the promise, a line each."""
    accuracy = {tuple(row[key] for key in KEY): float(row["now_mean"]) for row in rows}
    for row in rows:
        key = tuple(row[name] for name in KEY)
        if int(row["now_never_said"]):
            yield f"{key}: {row['now_never_said']} of {row['seeds']} seeds never say some class"
        elif int(row["steps"]) >= 60 and float(row["now_worst_class"]) < 20:
            yield f"{key}: a class is right in {row['now_worst_class']} % only"
        for epochs in map(str, EPOCHS):
            shorter = (*key[:3], epochs, key[4])
            if int(epochs) < int(row["epochs"]) and accuracy.get(shorter, 0) > accuracy[key] + 0.5:
                yield f"{key}: {accuracy[key]} %, and {accuracy[shorter]} % after {epochs} epochs"


def summary(rows):
    """For each data set: how many combinations, in how many of them a class is lost, and how the accuracy changes."""
    for name in dict.fromkeys(row["data"] for row in rows):
        own = [row for row in rows if row["data"] == name]
        compared = [row for row in own if row["difference"]]
        if compared:
            before, now = (sum(row[f"{when}_never_said"] != "0" for row in compared) for when in ("before", "now"))
            difference = sorted(float(row["difference"]) for row in compared)
            yield (f"{name}: {len(compared)} combinations; a class is never said in {before} before, {now} now; difference "
                   f"{difference[0]:+.1f} to {difference[-1]:+.1f}, median {difference[len(compared) // 2]:+.1f} points")
        alone = [row for row in own if not row["difference"]]
        if alone:
            yield (f"{name}: {len(alone)} combinations with the defaults only; a class is never said in "
                   f"{sum(row['now_never_said'] != '0' for row in alone)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="*", metavar="NAME=FOLDER", help="data sets in MNIST's form")
    parser.add_argument("--mnistgpu", default="publish/mnistgpu", help="the published program")
    parser.add_argument("--most-seconds", type=float, default=60, help="leave out what one thread takes longer for")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--random", type=int, metavar="N", help="N of the missing combinations, without the rates of before")
    parser.add_argument("--report", action="store_true", help="measure nothing")
    arguments = parser.parse_args()

    rows = []
    if os.path.exists(FILE):
        rows = results.read("default_rates.csv")
    done = {tuple(row[key] for key in KEY) for row in rows}
    jobs = sorted(
        ((seconds(*size), name, folder, size)
         for name, folder in (argument.split("=", 1) for argument in arguments.data)
         for size in itertools.product(HIDDEN, BATCH, EPOCHS, IMAGES)
         # A batch beyond all images is the same training as a batch of all.
         if steps(*size[1:]) >= LEAST_STEPS and size[1] <= max(size[3], min(BATCH)) and seconds(*size) <= arguments.most_seconds
         and (name, *map(str, size)) not in done))
    if arguments.random:
        jobs = random.Random(len(rows)).sample(jobs, min(arguments.random, len(jobs)))
    if not arguments.report:
        new_file = not rows
        with open(FILE, "a", newline="") as file, concurrent.futures.ThreadPoolExecutor(arguments.workers) as pool:
            table = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            if new_file:
                file.write("# python3 benchmarks/default_rates.py mnist=mnist_data fashion=FOLDER drawn=FOLDER\n")
                file.write(f"# {results.machine()}\n")
                table.writeheader()
            for row in pool.map(lambda job: row_of(arguments, *job[1:]), jobs):
                table.writerow(row)
                file.flush()
        rows = results.read("default_rates.csv")
    for line in summary(rows):
        print(line)
    found = list(faults(rows))
    for line in found:
        print(line, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
