"""scikit-learn's MLPClassifier with one hidden layer of 100 logistic units, plain SGD without momentum.

    python3 sklearn_mlp.py FOLDER EPOCHS BATCH_SIZE LEARNING_RATE       prints {"seconds", "accuracy"}

Its output layer is a softmax under cross-entropy: the work is the same, the function that is learnt is not. The
learning rate is for gradients that are summed over a batch, as in the other scripts; scikit-learn's are means.
"""
import json
import sys
import time
import warnings

from sklearn.neural_network import MLPClassifier

import mnist

warnings.filterwarnings("ignore")  # that so few epochs have not converged
folder, epochs, batch_size, learning_rate = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
train_x, train_y, test_x, test_y = mnist.load(folder)
network = MLPClassifier(
    hidden_layer_sizes=(100,), activation="logistic", solver="sgd", alpha=0, batch_size=batch_size,
    learning_rate_init=learning_rate * batch_size, momentum=0, nesterovs_momentum=False, max_iter=epochs,
    tol=0, n_iter_no_change=epochs + 1, random_state=1)
start = time.perf_counter()
network.fit(train_x, train_y)
seconds = time.perf_counter() - start
accuracy = float(network.score(test_x, test_y))
print(json.dumps({"seconds": seconds, "accuracy": accuracy}))
