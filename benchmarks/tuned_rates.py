#!/usr/bin/env python3
"""How much better rates tuned by hand would be than the defaults.

    python3 benchmarks/tuned_rates.py mnist=mnist_data fashion=FOLDER

For each size, seed 1 is trained with the default rates and with both of them multiplied by the factors below; the best of
these and the defaults are then trained with three seeds. Writes results/tuned_rates.csv: mean accuracy in percent. Rows that
the file has already are kept. Exits with 1 if the defaults are further behind than they may be.
"""
import argparse
import csv
import os
import sys

import mnistgpu
import results

# Hidden units, batch size, epochs, images: cheap ones first.
SIZES = [(100, 64, 10, 1000), (1000, 1000, 30, 1000), (100, 6000, 30, 6000), (100, 64, 3, 60000), (1000, 256, 10, 6000),
         (1000, 3000, 20, 6000), (100, 1000, 10, 60000), (100, 64, 10, 60000), (300, 64, 3, 60000), (1000, 256, 3, 60000),
         (1024, 1000, 3, 60000), (512, 2048, 3, 60000), (100, 10000, 30, 60000)]
# Of the hidden layer's rate, and of the output layer's.
FACTORS = [(0.5, 1), (2, 1), (2, 4), (3, 1), (1, 4), (1, 0.5)]
SEEDS = [1, 2, 3]
FILE = os.path.join(results.FOLDER, "tuned_rates.csv")
COLUMNS = ["data", "hidden", "batch", "epochs", "images", "steps", "defaults", "tuned", "hidden_factor", "output_factor", "behind"]


def most_behind(data, steps):
    """The points that the defaults may be behind."""
    return 3 if steps < 200 else 1 if data == "fashion" else 0.5


def measure(arguments, folder, size, seed, rates=()):
    options = [text for pair in zip(["--hidden", "--batch-size", "--epochs", "--limit"], map(str, size)) for text in pair]
    return mnistgpu.train(argparse.Namespace(mnistgpu=arguments.mnistgpu, data=folder), "--device", "cpu", "--threads", "1",
                          "--seed", str(seed), *options, *rates)


def row_of(arguments, name, folder, size):
    first = measure(arguments, folder, size, SEEDS[0])
    tried = {(1, 1): ([], first["testAccuracy"])}
    for factors in FACTORS:
        rates = ["--learning-rate", repr(first["learningRate"] * factors[0]),
                 "--output-learning-rate", repr(first["outputLearningRate"] * factors[1]), "--momentum", repr(first["momentum"])]
        tried[factors] = rates, measure(arguments, folder, size, SEEDS[0], rates)["testAccuracy"]

    def mean(factors):
        rates, accuracy = tried[factors]
        return 100 * (accuracy + sum(measure(arguments, folder, size, seed, rates)["testAccuracy"] for seed in SEEDS[1:])) / len(SEEDS)

    best = max(tried, key=lambda factors: tried[factors][1])
    defaults = mean((1, 1))
    tuned = defaults if best == (1, 1) else mean(best)
    hidden, batch, epochs, images = size
    return dict(zip(COLUMNS, [name, *size, -(-images // batch) * epochs, f"{defaults:.2f}", f"{tuned:.2f}", *best,
                              f"{tuned - defaults:.2f}"]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="+", metavar="NAME=FOLDER", help="data sets in MNIST's form; fashion may be 1 point behind")
    parser.add_argument("--mnistgpu", default="publish/mnistgpu", help="the published program")
    arguments = parser.parse_args()
    rows = results.read("tuned_rates.csv") if os.path.exists(FILE) else []
    done = {tuple(row[key] for key in COLUMNS[:5]) for row in rows}
    new_file = not rows
    with open(FILE, "a", newline="") as file:
        table = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        if new_file:
            file.write("# python3 benchmarks/tuned_rates.py mnist=mnist_data fashion=FOLDER\n")
            file.write(f"# {results.machine()}\n")
            table.writeheader()
        for size in SIZES:
            for name, folder in (argument.split("=", 1) for argument in arguments.data):
                if (name, *map(str, size)) not in done:
                    rows.append(row_of(arguments, name, folder, size))
                    table.writerow(rows[-1])
                    file.flush()
    behind = [row for row in rows if float(row["behind"]) > most_behind(row["data"], int(row["steps"]))]
    for row in behind:
        print(f"{', '.join(map(str, list(row.values())[:5]))}: {row['behind']} points behind", file=sys.stderr)
    return 1 if behind else 0


if __name__ == "__main__":
    sys.exit(main())
