using MnistGpu.Core.Data;
using MnistGpu.Core.Data.Generated;
using MnistGpu.Core.Network;
using MnistGpu.Core.Simd;
using MnistGpu.Core.Training;
using MnistGpu.Gpu.Devices;
using MnistGpu.Kernels;

MnistDataset digits = GeneratedDigits.Draw(seed: 1, train: 20_000, test: 1_000);
using ITrainingEngine engine = new SimdEngine();
var trainer = new Trainer(engine, digits, new TrainingOptions { Epochs = 3 });
TrainingResult result = trainer.Train(GlorotInitializer.Draw(hidden: 100, seed: 1));
ModelFile.Save("model.onnx", result.Parameters);

Console.WriteLine($"{Mnist.Inputs}-100-{Mnist.Outputs}: accuracy {result.Test.Accuracy:P1}; "
    + $"accelerators: {string.Join(", ", AcceleratorCatalog.List().Found.Select(info => info.Device))}");
return result.Test.Accuracy > 0.9 ? 0 : 1;
