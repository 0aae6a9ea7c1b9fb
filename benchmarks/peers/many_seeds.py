#!/usr/bin/env python3
"""Twenty networks that differ in their seed only, for the mean and deviation of their accuracy: PyTorch and MnistGpu.

    python3 benchmarks/peers/many_seeds.py                  results/many_seeds.csv, on the CPU
    python3 benchmarks/peers/many_seeds.py --device cuda    results/many_seeds_cuda.csv, on a GPU

MnistGpu's times are of whole commands: one `sweep`, or `train` twenty times. PyTorch's begin when its data is in the device's
memory. It trains one network after another, and all of them at once, each product batched over the networks, with every
network's own order of the images. All are tested at the end.
"""
import argparse
import statistics
import sys
import time

import compare  # and with it the folder above
from pytorch_gpu import RATE_WARM_UP, Data, synchronize, torch, why_no_pytorch

import mnistgpu
import results

EPOCHS, BATCH_SIZE, HIDDEN = 3, 64, 100


def sweep(arguments):
    """The accuracy of each network."""
    written = mnistgpu.run(arguments, "sweep", "--json", "--quiet", "--device", arguments.device,
                           "--seeds", f"1-{arguments.seeds}", *arguments.limited)
    return [run["testAccuracy"] for run in written["results"][0]["runs"]]


def train(arguments):
    return [mnistgpu.train(arguments, "--device", arguments.device, "--seed", str(seed), *arguments.limited)["testAccuracy"]
            for seed in range(1, arguments.seeds + 1)]


class Networks:
    """Several networks in PyTorch, at the start of their training; all arrays have a first dimension for the network.

    The rates are those of pytorch_gpu.Training: a one-cycle, with the output layer's own share of it.
    """

    def __init__(self, data, count, metrics):
        self.data, self.count = data, count
        self.parameters = []
        for inputs, outputs, output in ((784, HIDDEN, 0.5), (HIDDEN, 10, 0.1)):
            deviation = (2 / (inputs + outputs)) ** 0.5
            bias = torch.logit(torch.tensor(output)).item()
            self.parameters += [
                (deviation * torch.randn(count, inputs, outputs, device=data.device)).requires_grad_(),
                torch.full((count, 1, outputs), bias, device=data.device, requires_grad=True)]
        share = metrics["outputLearningRate"] / metrics["learningRate"]
        self.optimizer = torch.optim.SGD(
            [{"params": self.parameters[:2], "lr": 1.0}, {"params": self.parameters[2:], "lr": share}],
            lr=1.0, momentum=metrics["momentum"])
        self.peak = metrics["learningRate"]

    def outputs(self, images):
        """Images per network (networks × images × 784), or the same for all (1 × images × 784)."""
        w1, b1, w2, b2 = self.parameters
        hidden = torch.sigmoid(torch.baddbmm(b1, images.expand(self.count, -1, -1), w1))
        return torch.sigmoid(torch.baddbmm(b2, hidden, w2))

    def train(self):
        images, targets = self.data.images, self.data.targets
        steps, step = EPOCHS * -(-len(images) // BATCH_SIZE), 0
        for _ in range(EPOCHS):
            orders = torch.stack([torch.randperm(len(images), device=images.device) for _ in range(self.count)])
            for batch in orders.split(BATCH_SIZE, dim=1):
                part = (step + 0.5) / steps
                rate = self.peak * min(part / RATE_WARM_UP, (1 - part) / (1 - RATE_WARM_UP))
                self.optimizer.zero_grad(set_to_none=True)
                error = self.outputs(images[batch]) - targets[batch]
                ((error * error).sum() * (rate / 2)).backward()
                self.optimizer.step()
                step += 1

    def accuracies(self):
        with torch.no_grad():
            said = self.outputs(self.data.test_images[None]).argmax(dim=2)
            return (said == self.data.test_labels).float().mean(dim=1).tolist()


def pytorch(arguments, data, metrics, at_a_time):
    torch.manual_seed(1)
    accuracies = []
    for _ in range(arguments.seeds // at_a_time):
        networks = Networks(data, at_a_time, metrics)
        networks.train()
        accuracies += networks.accuracies()
    return accuracies


def main():
    parser = argparse.ArgumentParser(description="Many seeds in PyTorch and in MnistGpu")
    mnistgpu.add_arguments(parser)
    parser.add_argument("--device", default="cpu", choices=("cuda", "cpu"), help="for both")
    parser.add_argument("--seeds", type=int, default=20, help="this many networks")
    parser.add_argument("--limit", type=int, help="train on the first N images only")
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    arguments.limited = ("--limit", str(arguments.limit)) if arguments.limit else ()

    contenders = {"MnistGpu sweep": lambda: sweep(arguments),
                  "MnistGpu train, one after another": lambda: train(arguments)}
    if why_no_pytorch:
        print(f"{why_no_pytorch}: PyTorch is left out", file=sys.stderr)
    else:
        metrics = mnistgpu.train(arguments, "--device", arguments.device, *arguments.limited)
        data = Data(arguments.data, arguments.device, arguments.limit)
        name = compare.PYTORCH.title()
        contenders[f"{name}, one after another"] = lambda: pytorch(arguments, data, metrics, 1)
        contenders[f"{name}, batched over the networks"] = lambda: pytorch(arguments, data, metrics, arguments.seeds)

    measured = {name: [] for name in contenders}
    for repeat in range(arguments.repeats):
        # Who goes first alternates, so that neither always has the warmer machine.
        for name, run in list(contenders.items())[::1 if repeat % 2 == 0 else -1]:
            start = time.perf_counter()
            accuracies = run()
            synchronize(arguments.device)
            measured[name].append((time.perf_counter() - start, accuracies))
            print(f"{name}: {measured[name][-1][0]:.3g} s, {statistics.mean(accuracies):.2%}", file=sys.stderr)
    rows = []
    for name, runs in measured.items():
        seconds, percent = [second for second, _ in runs], [100 * accuracy for accuracy in runs[-1][1]]
        ratios = [mine / beside for mine, (beside, _) in zip(seconds, measured["MnistGpu sweep"])]
        rows.append({
            "name": name, "networks": len(percent), "seconds": f"{statistics.median(seconds):.3g}",
            "least": f"{min(seconds):.3g}", "most": f"{max(seconds):.3g}", "slower": f"{statistics.median(ratios):.3g}",
            "mean_accuracy": f"{statistics.mean(percent):.2f}", "deviation": f"{statistics.stdev(percent):.2f}"})
    machine = "" if arguments.device == "cpu" else "_cuda"
    results.write(f"many_seeds{machine}.csv", rows)


if __name__ == "__main__":
    main()
