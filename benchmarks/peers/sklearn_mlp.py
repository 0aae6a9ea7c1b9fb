"""scikit-learn's MLPClassifier with one hidden layer of 100 logistic units, plain SGD without momentum.

    python3 sklearn_mlp.py FOLDER EPOCHS BATCH_SIZE LEARNING_RATE       prints what timing.py measures

Its output layer is a softmax under cross-entropy: the work is the same, the function that is learnt is not. The
learning rate is for gradients that are summed over a batch, as in the other scripts; scikit-learn's are means.
"""
import sys

import numpy as np
from sklearn.neural_network import MLPClassifier

import mnist
import timing

folder, epochs, batch_size, learning_rate = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
train_x, train_y, test_x, test_y = mnist.load(folder)
# A generator, not a seed, with which every call of partial_fit would begin anew and shuffle as the one before.
random = np.random.RandomState(1)
network = MLPClassifier(
    hidden_layer_sizes=(100,), activation="logistic", solver="sgd", alpha=0, batch_size=batch_size,
    learning_rate_init=learning_rate * batch_size, momentum=0, nesterovs_momentum=False, random_state=random)
timing.run(epochs, lambda: network.partial_fit(train_x, train_y, range(10)), lambda: network.score(test_x, test_y))
