// Trains a network and saves it: dotnet run -c Release --project examples/Train [FOLDER OF MNIST]
using MnistGpu.Core.Data;
using MnistGpu.Core.Data.Generated;
using MnistGpu.Core.Network;
using MnistGpu.Core.Simd;
using MnistGpu.Core.Training;

MnistDataset digits = args is [string folder]
    ? MnistFolder.Load(folder)
    : GeneratedDigits.Draw(seed: 1, train: 20_000, test: 1_000);
using ITrainingEngine engine = new SimdEngine();  // or AcceleratorEngine.Open("cuda"), of MnistGpu.Gpu.Engine

var trainer = new Trainer(engine, digits, new TrainingOptions { Epochs = 3 });
TrainingResult result = trainer.Train(GlorotInitializer.Draw(hidden: 100, seed: 1));
ModelFile.Save("model.npz", result.Parameters);

Console.WriteLine($"{result.Test.Accuracy:P1} of the test images are classified correctly; the network is in model.npz");
