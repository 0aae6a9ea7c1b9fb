"""The same network in PyTorch: Linear, Sigmoid, Linear, Sigmoid, half the summed squared error, torch.optim.SGD.

    python3 pytorch_mlp.py FOLDER EPOCHS BATCH_SIZE PEAK THREADS [HIDDEN]        prints what timing.py measures

The learning rate is MnistGpu's one-cycle: up to the peak over the first 30 % of the steps, then down to 0.
"""
import sys

import torch

import mnist
import timing

folder, epochs, batch_size = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
peak, threads = float(sys.argv[4]), int(sys.argv[5])
hidden = int(sys.argv[6]) if len(sys.argv) > 6 else 100
warm_up = 0.3
torch.set_num_threads(threads)
torch.manual_seed(1)
train_x, train_y, test_x, test_y = mnist.load(folder)
images = torch.from_numpy(train_x)
targets = torch.eye(10)[torch.from_numpy(train_y).long()]
network = torch.nn.Sequential(
    torch.nn.Linear(784, hidden), torch.nn.Sigmoid(), torch.nn.Linear(hidden, 10), torch.nn.Sigmoid())
for layer in (network[0], network[2]):
    torch.nn.init.xavier_normal_(layer.weight)
    torch.nn.init.zeros_(layer.bias)
optimizer = torch.optim.SGD(network.parameters(), lr=peak)
steps, step = epochs * -(-len(images) // batch_size), 0


def train_epoch():
    global step
    for batch in torch.randperm(len(images)).split(batch_size):
        done = (step + 0.5) / steps
        step += 1
        optimizer.param_groups[0]["lr"] = peak * min(done / warm_up, (1 - done) / (1 - warm_up))
        loss = ((network(images[batch]) - targets[batch]) ** 2).sum() / 2
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def test():
    with torch.no_grad():
        return (network(torch.from_numpy(test_x)).argmax(dim=1).numpy() == test_y).mean()


timing.run(epochs, train_epoch, test)
