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
    return run(arguments, "train", "--metrics", "--quiet", *options)


def run(arguments, command, json_option, *options, environment=None):
    """Runs a command with these options, and environment variables; returns what `json_option` has it write."""
    with tempfile.TemporaryDirectory() as folder:
        written = os.path.join(folder, "written.json")
        line = [arguments.mnistgpu, command, "--data", arguments.data, json_option, written, *options]
        try:
            process = subprocess.run(line, env={**os.environ, **(environment or {})},
                                     stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        except OSError as error:
            raise SystemExit(f"{arguments.mnistgpu} cannot be run: {error.strerror}. "
                             "Publish it first: dotnet publish src/MnistGpu.Cli -c Release -o publish")
        if process.returncode != 0:
            raise SystemExit(process.stderr)
        with open(written) as file:
            return json.load(file)
