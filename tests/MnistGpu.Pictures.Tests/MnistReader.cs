using MnistGpu.Core.Data;
using MnistGpu.Core.Network;
using MnistGpu.Core.Simd;
using MnistGpu.Core.Training;

namespace MnistGpu.Pictures.Tests;

/// <summary>A network that was trained on MNIST, where that can be found.</summary>
public sealed class MnistReader : IDisposable
{
    /// <summary>Pictures of a kind that tests take; the variable is for measuring the rates.</summary>
    public static readonly int PicturesOfAKind =
        int.TryParse(Environment.GetEnvironmentVariable("PICTURES_OF_A_KIND"), out int pictures) ? pictures : 10;

    private readonly SimdEngine _engine = new();

    public MnistReader()
    {
        if (Mnist.Find() is not string folder || MnistFolder.Load(folder) is not { Name: MnistFolder.Mnist } mnist)
            return;
        Test = mnist.Test;
        new Trainer(_engine, mnist, new TrainingOptions()).Train(GlorotInitializer.Draw(hidden: 100, seed: 1));
    }

    public ImageSet? Test { get; }

    public int NextThatIsReadRight(Random random)
    {
        int image;
        do
            image = random.Next(Test!.Count);
        while (Evaluation.Digit(Outputs(Test.Image(image).ToArray())) != Test.Labels[image]);
        return image;
    }

    public float[] Outputs(byte[] pixels) => _engine.Predict(pixels);

    public void Dispose() => _engine.Dispose();
}
