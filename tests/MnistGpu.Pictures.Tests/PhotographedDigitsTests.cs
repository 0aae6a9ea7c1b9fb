using MnistGpu.Core.Data;
using MnistGpu.Core.Network;
using MnistGpu.Core.Simd;
using MnistGpu.Core.Training;
using MnistGpu.Pictures;
using MnistGpu.Pictures.Reading;
using MnistGpu.Pictures.Steps;
using Xunit.Abstractions;

namespace MnistGpu.Pictures.Tests;

/// <summary>How many pictures of each kind a network reads right that was trained on MNIST.</summary>
public class PhotographedDigitsTests(PhotographedDigitsTests.Reader reader, ITestOutputHelper output)
    : IClassFixture<PhotographedDigitsTests.Reader>
{
    /// <summary>Pictures of a kind; the variable is for measuring the rates.</summary>
    private static readonly int s_pictures =
        int.TryParse(Environment.GetEnvironmentVariable("PICTURES_OF_A_KIND"), out int pictures) ? pictures : 10;

    public static IEnumerable<object[]> Kinds => PhotographedDigits.Kinds.Keys.Select(kind => new object[] { kind });

    [SkippableTheory]
    [MemberData(nameof(Kinds))]
    public void NearlyAllAreReadRight(string kind)
    {
        Mnist.Require();
        var random = new Random(1);
        int right = 0, refused = 0;
        for (int picture = 0; picture < s_pictures; picture++)
        {
            int image = reader.NextThatIsReadRight(random);
            GrayImage photograph = PhotographedDigits.Kinds[kind](reader.Test!.Image(image).ToArray(), random);
            try
            {
                float[] outputs = reader.Outputs(DigitNormalizer.ToMnist(photograph));
                if (outputs.Max() < DigitNormalizer.LeastOutput)
                    refused++;
                else if (Evaluation.Digit(outputs) == reader.Test.Labels[image])
                    right++;
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }

        int wrong = s_pictures - right - refused;
        output.WriteLine($"{kind}: of {s_pictures}, {right} right, {refused} refused, {wrong} wrong");
        // Of few pictures, chance may take one more.
        Assert.InRange(right, s_pictures - Math.Max(2, s_pictures / 20), s_pictures);
        Assert.InRange(wrong, 0, Math.Max(1, s_pictures / 50));
    }

    public sealed class Reader : IDisposable
    {
        private readonly SimdEngine _engine = new();

        public Reader()
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
}
