"""Reads the four MNIST files, plain or gzipped, in either spelling."""
import gzip
import os

import numpy as np


def _read(folder, name, header):
    for spelling in (name, name.replace(".", "-")):
        path = os.path.join(folder, spelling)
        if os.path.exists(path):
            return np.fromfile(path, np.uint8)[header:]
        if os.path.exists(path + ".gz"):
            with gzip.open(path + ".gz") as file:
                return np.frombuffer(file.read(), np.uint8)[header:]
    raise SystemExit(f"{folder} has no {name}")


def load(folder):
    """Returns train images (N×784, float32, 0 to 1), train labels, test images, test labels."""
    def images(name):
        return _read(folder, name, 16).reshape(-1, 784).astype(np.float32) / np.float32(255)

    return (images("train-images.idx3-ubyte"), _read(folder, "train-labels.idx1-ubyte", 8),
            images("t10k-images.idx3-ubyte"), _read(folder, "t10k-labels.idx1-ubyte", 8))
