"""The training of one epoch in NumPy, float64: an implementation to compare with that shares nothing with the engines.

    python3 numpy_descent.py IMAGES LABELS INITIAL.npz BATCH_SIZE LEARNING_RATE LIMIT OUTPUT.npz

IMAGES and LABELS are unpacked IDX files. The images are taken in their order, at a constant learning rate; a step
subtracts the learning rate times the sum of its batch's gradients.
"""
import sys

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


images_file, labels_file, initial_file, batch_size, learning_rate, limit, output_file = sys.argv[1:]
batch_size, learning_rate, limit = int(batch_size), float(learning_rate), int(limit)

images = np.fromfile(images_file, np.uint8)[16:].reshape(-1, 784)[:limit] / 255.0
targets = np.eye(10)[np.fromfile(labels_file, np.uint8)[8:][:limit]]
initial = np.load(initial_file)
w1, b1, w2, b2 = (initial[name].astype(np.float64) for name in ("W1", "b1", "W2", "b2"))

for start in range(0, len(images), batch_size):
    x, t = images[start:start + batch_size], targets[start:start + batch_size]
    hidden = sigmoid(x @ w1 + b1)
    output = sigmoid(hidden @ w2 + b2)
    output_delta = (output - t) * output * (1 - output)
    hidden_delta = (output_delta @ w2.T) * hidden * (1 - hidden)
    w2 -= learning_rate * hidden.T @ output_delta
    b2 -= learning_rate * output_delta.sum(axis=0)
    w1 -= learning_rate * x.T @ hidden_delta
    b1 -= learning_rate * hidden_delta.sum(axis=0)

np.savez(output_file, W1=w1, b1=b1, W2=w2, b2=b2)
