"""Reads and writes the measurements in results/: CSV files that begin with the command and the machine, as comments."""
import csv
import datetime
import os
import shlex
import sys

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "results")


def machine():
    """The processor and its cores: "AMD EPYC, 2 cores"."""
    name = os.uname().machine
    try:
        with open("/proc/cpuinfo") as file:
            name = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), name)
    except OSError:
        pass  # not Linux: the architecture has to do
    return f"{name}, {len(os.sched_getaffinity(0))} cores"


def write(name, rows):
    """Writes dictionaries with the same keys, row by row; a file that is there already is replaced at the end."""
    path = os.path.join(FOLDER, name)
    arguments = shlex.join(sys.argv[1:])
    script = os.path.relpath(sys.argv[0], os.path.dirname(os.path.dirname(FOLDER)))
    with open(path + ".new", "w", newline="") as file:
        file.write(f"# python3 {script} {arguments}".rstrip() + "\n")
        file.write(f"# {datetime.date.today()}, {machine()}\n")
        table = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        table.writeheader()
        table.writerows(rows)
    os.replace(path + ".new", path)
    print(f"written: {path}", file=sys.stderr)


def read(name):
    """The rows as dictionaries of strings."""
    with open(os.path.join(FOLDER, name), newline="") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))
