#!/usr/bin/env python3
"""The same training in NumPy, scikit-learn, PyTorch, TorchSharp and MnistGpu, in turn, in one run.

    python3 benchmarks/peers/compare.py             results/peers.csv
    python3 benchmarks/peers/compare.py --gpu cuda  the same with a row for the GPU

Times are of the training alone: no start, no loading, no evaluation. Every run of a peer has a run of MnistGpu's CPU
engine on two threads beside it; `slower` is the median of the ratios of these pairs, so that what slows the machine for a
while does not count. Peers that are not installed are left out. Debian has python3-numpy, python3-sklearn and
python3-torch, and libopenblas0, without which all three compute five to ten times slower. TorchSharp takes
`dotnet build benchmarks/peers/TorchSharp -c Release`, and a system with the C++ library of GCC 13, such as Debian 13.
"""
import argparse
import importlib.metadata
import importlib.util
import json
import os
import shutil
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import mnistgpu  # noqa: E402  (in the folder above)
import results  # noqa: E402

IMAGES = 60_000

# More threads make NumPy and scikit-learn slower at these sizes. Threads that spin while they wait make PyTorch with two
# threads up to ten times slower where another program needs a core.
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
SEVERAL_THREADS = {"OMP_WAIT_POLICY": "passive"}


class Contender:
    """One way to train; `run` returns the seconds of an epoch and the test accuracy."""

    def __init__(self, name, threads, batch_size, run, machine=None):
        self.name, self.threads, self.batch_size, self.run = name, threads, batch_size, run
        self.machine = machine or results.machine()


class Peer:
    """A program that trains the same network and prints what it measured: see timing.py."""

    def __init__(self, name, command):
        self.name, self.command = name, command

    def is_installed(self):
        """Whether it can run here; says so where it cannot."""
        why_not = self.why_not()
        if why_not:
            print(f"{why_not}: {self.name} is left out", file=sys.stderr)
        return not why_not

    def run(self, arguments, threads, epochs, batch_size, rate, *more):
        command = [*self.command, arguments.data, *map(str, (epochs, batch_size, rate, threads, *more))]
        environment = {**os.environ, **(ONE_THREAD if threads == 1 else SEVERAL_THREADS)}
        return json.loads(subprocess.run(command, check=True, env=environment, stdout=subprocess.PIPE, text=True).stdout)

    def contenders(self, arguments, *settings):
        """One for each (threads, epochs, batch size, rate); none if it is not installed."""
        def run(threads, epochs, batch_size, rate):
            measured = self.run(arguments, threads, epochs, batch_size, rate)
            return measured["seconds"] / epochs, measured["accuracy"]

        return [Contender(self.title(), setting[0], setting[2], lambda setting=setting: run(*setting))
                for setting in settings] if self.is_installed() else []

    def title(self):
        return f"{self.name} {self.version()}"


class Script(Peer):
    """A script of this folder that needs a Python module."""

    def __init__(self, name, module, script, package=None):
        super().__init__(name, [sys.executable, "-W", "ignore", os.path.join(HERE, script)])
        self.module, self.package = module, package or module

    def why_not(self):
        return None if importlib.util.find_spec(self.module) else f"{sys.executable} has no {self.module}"

    def version(self):
        return importlib.metadata.version(self.package).split("+")[0].split("a")[0]


class Program(Peer):
    """A .NET program in a folder of this one, named after the package it uses."""

    def __init__(self, name):
        self.path = os.path.join(HERE, name, f"bin/Release/net10.0/linux-x64/{name}Peer")
        super().__init__(name, [self.path])

    def why_not(self):
        return None if os.path.exists(self.path) else f"benchmarks/peers/{self.name} is not built"

    def version(self):
        with open(self.path + ".deps.json") as file:
            return next(name.split("/")[1] for name in json.load(file)["libraries"] if name.startswith(f"{self.name}/"))


NUMPY = Script("NumPy", "numpy", "numpy_mlp.py")
SCIKIT_LEARN = Script("scikit-learn", "sklearn", "sklearn_mlp.py", package="scikit-learn")
PYTORCH = Script("PyTorch", "torch", "pytorch_mlp.py")
TORCHSHARP = Program("TorchSharp")


def ours(arguments, name, threads, batch_size, *options, machine=None):
    def run():
        metrics = mnistgpu.train(arguments, *options)
        return metrics["trainSeconds"] / metrics["epochs"], metrics["testAccuracy"]

    return Contender(name, threads, batch_size, run, machine)


def gpu_name(device):
    """What the driver calls the GPU, or else the device's own name."""
    if device.startswith("cuda") and shutil.which("nvidia-smi"):
        command = ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]
        return subprocess.run(command, stdout=subprocess.PIPE, text=True).stdout.split("\n")[0] or device
    return device


def warn_without_fast_blas():
    """Says so where NumPy multiplies without a tuned library: on Linux, where this process has loaded none."""
    if importlib.util.find_spec("numpy") is None:
        return
    import numpy
    numpy.ones((2, 2)) @ numpy.ones((2, 2))
    try:
        with open("/proc/self/maps") as maps:
            loaded = maps.read()
    except OSError:
        return
    if not any(name in loaded for name in ("openblas", "mkl", "blis", "atlas")):
        print("NumPy has no tuned BLAS here, which is unfair to it: apt-get install libopenblas0", file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description="MnistGpu beside NumPy, scikit-learn and PyTorch")
    mnistgpu.add_arguments(parser)
    parser.add_argument("--gpu", help="also train on this --device of MnistGpu")
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    warn_without_fast_blas()

    # Three epochs each, but one for single images, which take NumPy long.
    three_epochs = ("--device", "cpu", "--epochs", "3")
    seed_project = ("--device", "cpu", "--epochs", "1", "--schedule", "constant", "--batch-size", "1",
                    "--learning-rate", "0.1")
    contenders = [
        *NUMPY.contenders(arguments, (1, 1, 1, 0.1), (1, 3, 64, 0.05)),
        *SCIKIT_LEARN.contenders(arguments, (1, 3, 64, 0.01)),
        *PYTORCH.contenders(arguments, (1, 3, 64, 0.5), (2, 3, 64, 0.5)),
        *TORCHSHARP.contenders(arguments, (1, 3, 64, 0.5), (2, 3, 64, 0.5)),
        ours(arguments, "MnistGpu cpu", 1, 1, *seed_project, "--threads", "1"),
        ours(arguments, "MnistGpu cpu", 1, 64, *three_epochs, "--threads", "1"),
    ]
    if arguments.gpu:
        contenders.append(ours(arguments, f"MnistGpu {arguments.gpu}", "", 64, "--device", arguments.gpu,
                               "--epochs", "3", machine=gpu_name(arguments.gpu)))
    baseline = ours(arguments, "MnistGpu cpu", 2, 64, *three_epochs, "--threads", "2")

    pairs = {contender: [] for contender in contenders}
    for repeat in range(arguments.repeats):
        for contender in contenders:
            # Who goes first alternates, so that neither always has the warmer machine.
            order = (contender, baseline) if repeat % 2 == 0 else (baseline, contender)
            measured = {each: each.run() for each in order}
            pairs[contender].append((measured[contender], measured[baseline]))
            print(f"{contender.name}, {contender.threads} threads, batch size {contender.batch_size}: "
                  f"{measured[contender][0]:.3f} s, beside {measured[baseline][0]:.3f} s", file=sys.stderr)
    pairs[baseline] = [(mine, mine) for measured in pairs.values() for _, mine in measured]

    rows = []
    for contender, measured in pairs.items():
        ratios = [theirs / mine for (theirs, _), (mine, _) in measured]
        rows.append({
            "name": contender.name, "threads": contender.threads, "batch_size": contender.batch_size,
            "ms_per_epoch": f"{1000 * statistics.median(seconds for (seconds, _), _ in measured):.4g}",
            "us_per_image": f"{1e6 / IMAGES * statistics.median(seconds for (seconds, _), _ in measured):.4g}",
            "accuracy": f"{100 * statistics.median(accuracy for (_, accuracy), _ in measured):.2f}",
            "slower": f"{statistics.median(ratios):.3g}", "least": f"{min(ratios):.3g}", "most": f"{max(ratios):.3g}",
            "machine": contender.machine})
    results.write("peers.csv", rows)


if __name__ == "__main__":
    main()
