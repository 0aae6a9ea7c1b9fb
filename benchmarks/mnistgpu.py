"""Runs the published program for the scripts beside this file."""
import json
import os
import subprocess
import tempfile


def add_arguments(parser):
    """The options that every script has."""
    parser.add_argument("--mnistgpu", required=True, help="the published program")
    parser.add_argument("--data", required=True, help="the folder with the four MNIST files")
    parser.add_argument("--device", default="cpu", help="where MnistGpu computes")


def train(arguments, *options):
    """Trains with the given options of `mnistgpu train` and returns what it wrote to metrics.json."""
    with tempfile.TemporaryDirectory() as folder:
        metrics = os.path.join(folder, "metrics.json")
        try:
            run = subprocess.run(
                [arguments.mnistgpu, "train", "--device", arguments.device, "--data", arguments.data, "--quiet",
                 "--metrics", metrics, *options],
                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        except OSError as error:
            raise SystemExit(f"{arguments.mnistgpu} cannot be run: {error.strerror}; dotnet publish makes it (see "
                             "benchmarks/README.md)")
        if run.returncode != 0:
            raise SystemExit(run.stderr)
        with open(metrics) as file:
            return json.load(file)
