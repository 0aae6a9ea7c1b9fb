"""Reads the four MNIST files, plain or gzipped, in either spelling."""
import gzip
import os


def read(folder, name, header):
    """What a file holds behind its header of so many bytes."""
    for spelling in (name, name.replace(".", "-")):
        path = os.path.join(folder, spelling)
        if os.path.exists(path):
            with open(path, "rb") as file:
                return file.read()[header:]
        if os.path.exists(path + ".gz"):
            with gzip.open(path + ".gz") as file:
                return file.read()[header:]
    raise SystemExit(f"{folder} has no {name}")


def load(folder):
    """Returns train images (N×784, float32, 0 to 1), train labels, test images, test labels."""
    import numpy as np

    def images(name):
        return numbers(name, 16).reshape(-1, 784).astype(np.float32) / np.float32(255)

    def numbers(name, header):
        return np.frombuffer(read(folder, name, header), np.uint8)

    return (images("train-images.idx3-ubyte"), numbers("train-labels.idx1-ubyte", 8),
            images("t10k-images.idx3-ubyte"), numbers("t10k-labels.idx1-ubyte", 8))
