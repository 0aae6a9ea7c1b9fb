#!/usr/bin/env python3
"""The same training in PyTorch and in MnistGpu on the same GPU, by the size of the network and the batch.

    python3 benchmarks/peers/pytorch_gpu.py                                 results/pytorch_gpu.csv
    python3 benchmarks/peers/pytorch_gpu.py --device cpu --limit 6000       to try it: on the processor, a tenth of the images

For each size MnistGpu trains first, and PyTorch then has its rates, momentum and start: outputs of a tenth. All images are in
the device's memory before the training begins. PyTorch trains in four ways, each with float32 products and with TF32:

    eager               what one would write first; the host launches some twenty kernels per step
    compile             torch.compile makes fewer kernels of the forward and backward pass
    graph               the kernels of eager, captured once as a CUDA graph, so that a step is one launch
    compile and graph   both

A time is the best of five epochs after one to warm up, and the accuracy is that after all six. A way that a version of
PyTorch or a machine does not have is left out, with a line that says why, and so is all of PyTorch where there is none.
"""
import argparse
import sys
import time

import compare  # and with it the folder above
import mnist

import mnistgpu
import results

try:
    import torch
    why_no_pytorch = None
except (ImportError, OSError) as error:  # the latter where a library that it needs is missing
    torch = None
    why_no_pytorch = f"{sys.executable} has no PyTorch ({error})"

# Images a step, and hidden units.
SIZES = [(64, 100), (64, 1000), (256, 1000), (512, 2048), (1024, 1024)]
EPOCHS = 6
WARM_UP_EPOCHS = 1
# The part of the steps over which the rate rises.
RATE_WARM_UP = 0.3


def best_milliseconds(seconds):
    """Of the epochs after those that warm up."""
    return 1000 * min(seconds[WARM_UP_EPOCHS:])


class Training:
    """A training in PyTorch, at the start of its first epoch.

    `images` (N×784, float32, 0 to 1), `targets` (N×10) and all that it makes are on one device. The rates are a one-cycle:
    up to the peak, then down to 0. They multiply the loss and not the step, for a CUDA graph would keep the step size that
    it was captured with; momentum then adds up rate × gradient, as MnistGpu's does.
    """

    def __init__(self, images, targets, batch_size, hidden, metrics, compiled):
        self.images, self.targets, self.batch_size = images, targets, batch_size
        device, peak = images.device, metrics["learningRate"]
        torch.manual_seed(1)
        self.network = torch.nn.Sequential(
            torch.nn.Linear(784, hidden), torch.nn.Sigmoid(), torch.nn.Linear(hidden, 10), torch.nn.Sigmoid())
        for layer, output in ((self.network[0], 0.5), (self.network[2], 0.1)):
            torch.nn.init.xavier_normal_(layer.weight)
            torch.nn.init.constant_(layer.bias, torch.logit(torch.tensor(output)).item())
        self.network.to(device)
        self.optimizer = torch.optim.SGD(
            [{"params": self.network[0].parameters(), "lr": 1.0},
             {"params": self.network[2].parameters(), "lr": metrics["outputLearningRate"] / peak}],
            lr=1.0, momentum=metrics["momentum"])
        steps = EPOCHS * -(-len(images) // batch_size)
        done = [(step + 0.5) / steps for step in range(steps)]
        self.rates = torch.tensor(
            [peak * min(part / RATE_WARM_UP, (1 - part) / (1 - RATE_WARM_UP)) for part in done], device=device)
        self.order = torch.arange(len(images), device=device)
        self.steps_done = 0
        self.loss = torch.compile(self.eager_loss, dynamic=False) if compiled else self.eager_loss

    def eager_loss(self, batch, rate):
        error = self.network(self.images.index_select(0, batch)) - self.targets.index_select(0, batch)
        return (error * error).sum() * (rate / 2)

    def step(self, batch, rate):
        """A step on the images of these indices."""
        self.optimizer.zero_grad(set_to_none=True)
        self.loss(batch, rate).backward()
        self.optimizer.step()

    def run_epoch(self):
        """Trains an epoch; returns before the device is done."""
        self.order.copy_(torch.randperm(len(self.order), device=self.order.device))
        for batch in self.order.split(self.batch_size):
            self.step(batch, self.rates[self.steps_done])
            self.steps_done += 1

    def accuracy(self, images, labels):
        with torch.no_grad():
            return (self.network(images).argmax(dim=1) == labels).float().mean().item()


class GraphTraining(Training):
    """A training whose steps are captured as CUDA graphs: one of a whole batch, and one of the last if that has fewer."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        # A graph repeats what it was captured with, so where a step is in the epoch is on the device as well.
        self.place = torch.zeros(1, dtype=torch.long, device=self.order.device)
        self.next_step = torch.zeros_like(self.place)
        start = [parameter.detach().clone() for parameter in self.network.parameters()]
        sizes = [len(batch) for batch in self.order.split(self.batch_size)]
        graphs = {size: self.capture(size) for size in set(sizes)}
        self.graphs = [graphs[size] for size in sizes]
        # What capturing has trained is undone.
        with torch.no_grad():
            for parameter, value in zip(self.network.parameters(), start):
                parameter.copy_(value)
        for state in self.optimizer.state.values():
            if state.get("momentum_buffer") is not None:
                state["momentum_buffer"].zero_()
        self.next_step.zero_()

    def capture(self, size):
        offsets = torch.arange(size, device=self.order.device)

        def step():
            self.step(self.order.index_select(0, self.place + offsets), self.rates.index_select(0, self.next_step))
            self.place.add_(size)
            self.next_step.add_(1)

        # Some steps on a stream of its own first, as PyTorch's notes on CUDA graphs ask for.
        self.place.zero_()
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(3):
                self.place.zero_()
                step()
        torch.cuda.current_stream().wait_stream(stream)
        self.place.zero_()
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            step()
        return graph

    def run_epoch(self):
        self.order.copy_(torch.randperm(len(self.order), device=self.order.device))
        self.place.zero_()
        for graph in self.graphs:
            graph.replay()


class Data:
    """MNIST on a device."""

    def __init__(self, folder, device, limit):
        self.device = device
        self.images, labels = self.load(folder, "train", limit)
        self.targets = torch.eye(10, device=device)[labels]
        self.test_images, self.test_labels = self.load(folder, "t10k", None)

    def load(self, folder, name, limit):
        def read(what, header):
            # Without NumPy, which not every PyTorch has.
            return torch.frombuffer(bytearray(mnist.read(folder, f"{name}-{what}-ubyte", header)), dtype=torch.uint8)

        images = read("images.idx3", 16).view(-1, 784)[:limit].to(self.device)
        return images.float() / 255, read("labels.idx1", 8)[:limit].long().to(self.device)


def synchronize(device):
    if device == "cuda":
        torch.cuda.synchronize()


def train(data, batch_size, hidden, metrics, way):
    """Returns the milliseconds of the best epoch, and the accuracy."""
    kind = GraphTraining if "graph" in way else Training
    training = kind(data.images, data.targets, batch_size, hidden, metrics, "compile" in way)
    seconds = []
    for _ in range(EPOCHS):
        synchronize(data.device)
        start = time.perf_counter()
        training.run_epoch()
        synchronize(data.device)
        seconds.append(time.perf_counter() - start)
    return best_milliseconds(seconds), training.accuracy(data.test_images, data.test_labels)


def ways(device):
    """What this PyTorch can do, on this device."""
    if not hasattr(torch, "compile"):
        print(f"PyTorch {torch.__version__} has no torch.compile: left out", file=sys.stderr)
    if device == "cpu":
        print("CUDA graphs and TF32 are for GPUs: left out", file=sys.stderr)
    return [way for way in ("eager", "compile", "graph", "compile and graph")
            if ("compile" not in way or hasattr(torch, "compile")) and ("graph" not in way or device == "cuda")]


def pytorch_rows(data, possible, batch_size, hidden, metrics, row):
    for precision in ("float32", "TF32") if data.device == "cuda" else ("float32",):
        torch.set_float32_matmul_precision("high" if precision == "TF32" else "highest")
        for way in possible:
            try:
                milliseconds, accuracy = train(data, batch_size, hidden, metrics, way)
            except Exception as error:  # a compiler that is not there, a version that cannot capture: many kinds
                print(f"PyTorch, {way}, {precision}, {batch_size}×{hidden} is left out: {str(error).strip()}", file=sys.stderr)
                continue
            yield row(f"PyTorch {torch.__version__}", way, precision, milliseconds, accuracy)


def main():
    parser = argparse.ArgumentParser(description="MnistGpu beside PyTorch on the same GPU")
    mnistgpu.add_arguments(parser)
    parser.add_argument("--device", default="cuda", choices=("cuda", "cpu"), help="for both")
    parser.add_argument("--limit", type=int, help="train on the first N images only")
    arguments = parser.parse_args()
    why_not = why_no_pytorch
    if not why_not and arguments.device == "cuda" and not torch.cuda.is_available():
        why_not = f"PyTorch {torch.__version__} finds no GPU"
    if why_not:
        print(f"{why_not}: PyTorch is left out", file=sys.stderr)
    data = None if why_not else Data(arguments.data, arguments.device, arguments.limit)
    possible = [] if why_not else ways(arguments.device)
    machine = compare.gpu_name(arguments.device) if arguments.device == "cuda" else results.machine()

    rows = []
    for batch_size, hidden in SIZES:
        def row(name, way, precision, milliseconds, accuracy):
            print(f"{batch_size}×{hidden}, {name}, {way}, {precision}: {milliseconds:.4g} ms, {accuracy:.2%}", file=sys.stderr)
            return {
                "batch_size": batch_size, "hidden": hidden, "name": name, "way": way, "precision": precision,
                "ms_per_epoch": f"{milliseconds:.4g}", "accuracy": f"{100 * accuracy:.2f}", "machine": machine}

        limit = ("--limit", str(arguments.limit)) if arguments.limit else ()
        metrics = mnistgpu.train(
            arguments, "--device", arguments.device, "--epochs", str(EPOCHS), "--batch-size", str(batch_size),
            "--hidden", str(hidden), *limit)
        milliseconds = best_milliseconds([epoch["trainSeconds"] for epoch in metrics["history"]])
        rows.append(row("MnistGpu", "", "float32", milliseconds, metrics["testAccuracy"]))
        if data:
            rows += pytorch_rows(data, possible, batch_size, hidden, metrics, row)
    results.write("pytorch_gpu.csv", rows)


if __name__ == "__main__":
    main()
