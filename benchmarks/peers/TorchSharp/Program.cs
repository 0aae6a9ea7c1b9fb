// The same network in TorchSharp, PyTorch's library for .NET: Linear, Sigmoid, Linear, Sigmoid, half the summed squared error, SGD.
//
//     TorchSharpPeer FOLDER EPOCHS BATCH_SIZE PEAK THREADS [HIDDEN]        prints what timing.py does
//
// The learning rate is MnistGpu's one-cycle: up to the peak over the first 30 % of the steps, then down to 0.
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using MnistGpu.Core.Data;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

string folder = args[0];
int epochs = int.Parse(args[1], CultureInfo.InvariantCulture), batchSize = int.Parse(args[2], CultureInfo.InvariantCulture);
double peak = double.Parse(args[3], CultureInfo.InvariantCulture), warmUp = 0.3;
int hidden = args.Length > 5 ? int.Parse(args[5], CultureInfo.InvariantCulture) : 100;
set_num_threads(int.Parse(args[4], CultureInfo.InvariantCulture));
manual_seed(1);

MnistDataset mnist = MnistFolder.Load(folder);
(Tensor images, Tensor labels) = Tensors(mnist.Train);
(Tensor testImages, Tensor testLabels) = Tensors(mnist.Test);
Tensor targets = eye(10)[labels];

Linear toHidden = nn.Linear(784, hidden), toOutput = nn.Linear(hidden, 10);
foreach (Linear layer in (Linear[])[toHidden, toOutput])
{
    nn.init.xavier_normal_(layer.weight);
    nn.init.zeros_(layer.bias!);
}
Sequential network = nn.Sequential(toHidden, nn.Sigmoid(), toOutput, nn.Sigmoid());
SGD optimizer = optim.SGD(network.parameters(), peak);
int steps = epochs * ((mnist.Train.Count + batchSize - 1) / batchSize), step = 0;

var total = Stopwatch.StartNew();
double seconds = 0, accuracy = 0;
var tests = new List<double[]>();
for (int epoch = 0; epoch < epochs; epoch++)
{
    var time = Stopwatch.StartNew();
    TrainEpoch();
    seconds += time.Elapsed.TotalSeconds;
    accuracy = Accuracy();
    tests.Add([accuracy, total.Elapsed.TotalSeconds]);
}
Console.WriteLine(JsonSerializer.Serialize(new { seconds, accuracy, tests }));

void TrainEpoch()
{
    foreach (Tensor batch in randperm(images.shape[0]).split(batchSize))
    {
        // Frees the memory of a step's tensors at its end, and not when the garbage collector finds them.
        using DisposeScope scope = NewDisposeScope();
        double done = (step++ + 0.5) / steps;
        optimizer.ParamGroups.First().LearningRate = peak * Math.Min(done / warmUp, (1 - done) / (1 - warmUp));
        Tensor loss = (network.forward(images.index_select(0, batch)) - targets.index_select(0, batch)).square().sum() / 2;
        optimizer.zero_grad();
        loss.backward();
        optimizer.step();
    }
}

double Accuracy()
{
    using DisposeScope scope = NewDisposeScope();
    using var noGradients = no_grad();
    return network.forward(testImages).argmax(1).eq(testLabels).to(float32).mean().item<float>();
}

static (Tensor, Tensor) Tensors(ImageSet set) =>
    (tensor(set.Pixels.ToArray()).reshape(-1, 784).to(float32) / 255, tensor(set.Labels.ToArray()).to(int64));
