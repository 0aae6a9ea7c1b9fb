// Says which digit a photograph or drawing shows: dotnet run -c Release --project examples/Read -- model.npz three.png
using MnistGpu.Core.Network;
using MnistGpu.Core.Simd;
using MnistGpu.Core.Training;
using MnistGpu.Pictures;
using MnistGpu.Pictures.Reading;

using ITrainingEngine engine = new SimdEngine();
engine.SetParameters(ModelFile.Load(args[0]));

byte[] pixels = DigitNormalizer.ToMnist(Picture.Read(args[1]));
float[] outputs = engine.Predict(pixels);
Console.WriteLine($"{args[1]} shows a {Evaluation.Digit(outputs)}");
