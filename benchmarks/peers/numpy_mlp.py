"""Gradient descent in plain NumPy: a forward pass, a backward pass and a step for each batch. With batches of one image
it is the seed project's loop.

    python3 numpy_mlp.py FOLDER EPOCHS BATCH_SIZE LEARNING_RATE [THREADS [SEED]]    prints what timing.py measures
"""
import sys

import numpy as np

import mnist
import timing

folder, epochs, batch_size, learning_rate = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), np.float32(sys.argv[4])
train_x, train_y, test_x, test_y = mnist.load(folder)
random = np.random.default_rng(int(sys.argv[6]) if len(sys.argv) > 6 else 1)
w1 = (random.standard_normal((784, 100)) * np.sqrt(2 / 884)).astype(np.float32)
w2 = (random.standard_normal((100, 10)) * np.sqrt(2 / 110)).astype(np.float32)
b1, b2 = np.zeros((1, 100), np.float32), np.zeros((1, 10), np.float32)
targets = np.eye(10, dtype=np.float32)[train_y]


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def train_epoch():
    global w1, b1, w2, b2
    order = random.permutation(len(train_x))
    for first in range(0, len(order), batch_size):
        batch = order[first:first + batch_size]
        x = train_x[batch]
        hidden = sigmoid(x @ w1 + b1)
        output = sigmoid(hidden @ w2 + b2)
        output_delta = (output - targets[batch]) * output * (1 - output)
        hidden_delta = (output_delta @ w2.T) * hidden * (1 - hidden)
        w2 -= learning_rate * (hidden.T @ output_delta)
        b2 -= learning_rate * output_delta.sum(axis=0)
        w1 -= learning_rate * (x.T @ hidden_delta)
        b1 -= learning_rate * hidden_delta.sum(axis=0)


def test():
    output = sigmoid(sigmoid(test_x @ w1 + b1) @ w2 + b2)
    return (output.argmax(axis=1) == test_y).mean()


timing.run(epochs, train_epoch, test)
