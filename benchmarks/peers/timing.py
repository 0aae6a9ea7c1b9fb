"""Times the epochs of a peer."""
import json
import time


def run(epochs, train_epoch, test):
    """Trains and tests epoch after epoch; prints {"seconds", "accuracy", "tests"}.

    `seconds` are of the training alone, `accuracy` is that of the last test, and `tests` has each test's accuracy with the
    seconds from the first step to its end.
    """
    start, seconds, tests = time.perf_counter(), 0, []
    for _ in range(epochs):
        began = time.perf_counter()
        train_epoch()
        seconds += time.perf_counter() - began
        accuracy = float(test())
        tests.append((accuracy, time.perf_counter() - start))
    print(json.dumps({"seconds": seconds, "accuracy": accuracy, "tests": tests}))
