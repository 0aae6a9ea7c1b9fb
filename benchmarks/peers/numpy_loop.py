"""Per-image gradient descent as a plain NumPy loop: one forward pass, one backward pass, one step an image.

    python3 numpy_loop.py FOLDER EPOCHS LEARNING_RATE [SEED]        prints {"seconds", "accuracy"}: the epochs alone
"""
import json
import sys
import time

import numpy as np

import mnist

folder, epochs, learning_rate = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
train_x, train_y, test_x, test_y = mnist.load(folder)
random = np.random.default_rng(int(sys.argv[4]) if len(sys.argv) > 4 else 1)
w1 = (random.standard_normal((784, 100)) * np.sqrt(2 / 884)).astype(np.float32)
w2 = (random.standard_normal((100, 10)) * np.sqrt(2 / 110)).astype(np.float32)
b1, b2 = np.zeros((1, 100), np.float32), np.zeros((1, 10), np.float32)
targets = np.eye(10, dtype=np.float32)[train_y]
learning_rate = np.float32(learning_rate)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


start = time.perf_counter()
for _ in range(epochs):
    for i in random.permutation(len(train_x)):
        x = train_x[i:i + 1]
        hidden = sigmoid(x @ w1 + b1)
        output = sigmoid(hidden @ w2 + b2)
        output_delta = (output - targets[i:i + 1]) * output * (1 - output)
        hidden_delta = (output_delta @ w2.T) * hidden * (1 - hidden)
        w2 -= learning_rate * (hidden.T @ output_delta)
        b2 -= learning_rate * output_delta
        w1 -= learning_rate * (x.T @ hidden_delta)
        b1 -= learning_rate * hidden_delta
seconds = time.perf_counter() - start

output = sigmoid(sigmoid(test_x @ w1 + b1) @ w2 + b2)
print(json.dumps({"seconds": seconds, "accuracy": float((output.argmax(axis=1) == test_y).mean())}))
