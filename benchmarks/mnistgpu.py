"""Runs the published program for the scripts beside this file."""
import json
import os
import subprocess
import tempfile


def add_arguments(parser):
    """The options that every script has."""
    parser.add_argument("--mnistgpu", default="publish/mnistgpu", help="the published program")
    parser.add_argument("--data", default=os.environ.get("MNIST_DATA", "mnist_data"),
                        help="the folder with the four MNIST files")


def train(arguments, *options):
    """Trains with these options of `mnistgpu train`; returns what it wrote to metrics.json."""
    with tempfile.TemporaryDirectory() as folder:
        metrics = os.path.join(folder, "metrics.json")
        command = [arguments.mnistgpu, "train", "--data", arguments.data, "--quiet", "--metrics", metrics,
                   "--output", os.path.join(folder, "model.npz"), *options]
        try:
            run = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        except OSError as error:
            raise SystemExit(f"{arguments.mnistgpu} cannot be run: {error.strerror}. "
                             "Publish it first: dotnet publish src/MnistGpu.Cli -c Release -o publish")
        if run.returncode != 0:
            raise SystemExit(run.stderr)
        with open(metrics) as file:
            return json.load(file)
