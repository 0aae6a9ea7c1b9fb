using MnistGpu.Core.Augmentation;
using MnistGpu.Core.Data;
using MnistGpu.Core.Data.Generated;
using MnistGpu.Core.Network;
using MnistGpu.Core.Reference;
using MnistGpu.Core.Simd;
using MnistGpu.Core.Training;

namespace MnistGpu.Core.Tests.Augmentation;

public class DistortionTests
{
    private static readonly ImageSet s_digits = GeneratedDigits.Draw(seed: 3, train: 300, test: 0).Train;

    /// <summary>
    /// The known answers that the authors publish with their generator: counter and key of 0, and of ones.
    /// </summary>
    [Fact]
    public void TheRandomNumbersArePhilox() =>
        Assert.Equal((0x6627_E8D5u, 0xE169_C58Du, 0xBC57_AC4Cu, 0x9B00_DBD8u), Philox.Block(0, 0, 0, 0));

    /// <summary>The same formulas, a pixel at a time, as the remarks of <see cref="Distortion"/> have them, in doubles.</summary>
    [Fact]
    public void ItIsWhatTheFormulasSay()
    {
        byte[] drawn = new byte[784];
        var random = new byte[112];
        for (int index = 0; index < 50; index++)
        {
            Distortion.Draw(s_digits.Image(index), seed: 5, epoch: 2, index, drawn);
            Philox.Fill(random, 5, 2, (uint)index);
            double Number(int i) => BitConverter.ToInt16(random, 98 + 2 * i) / 32768.0;
            double angle = Number(0) * 7.5 * Math.PI / 180, zoomX = 1 + 0.08 * Number(1), zoomY = 1 + 0.08 * Number(2);
            for (int y = 0; y < 28; y++)
                for (int x = 0; x < 28; x++)
                {
                    double u = (x - 13.5) * zoomX, v = (y - 13.5) * zoomY;
                    double sourceX = 13.5 + Math.Cos(angle) * u - Math.Sin(angle) * v + 0.7 * Number(3) + Bend(0, x, y);
                    double sourceY = 13.5 + Math.Sin(angle) * u + Math.Cos(angle) * v + 0.7 * Number(4) + Bend(49, x, y);
                    // Places are off by some hundredths of a pixel, and a pixel differs from the next by up to 255.
                    Assert.InRange(drawn[y * 28 + x] - Between(s_digits.Image(index), sourceX, sourceY), -14, 14);
                }
        }

        double Bend(int grid, int x, int y)
        {
            double sum = 0;
            for (int row = 0; row < 7; row++)
                for (int column = 0; column < 7; column++)
                    sum += Spline(x / 7.0 - column + 1) * Spline(y / 7.0 - row + 1)
                        * (sbyte)random[grid + row * 7 + column] / 128;
            return 1.6 * sum;
        }

        static double Spline(double t)
        {
            t = Math.Abs(t);
            return t < 1 ? (3 * t * t * t - 6 * t * t + 4) / 6 : t < 2 ? Math.Pow(2 - t, 3) / 6 : 0;
        }

        static double Between(ReadOnlySpan<byte> image, double x, double y)
        {
            double sum = 0;
            for (int row = 0; row < 28; row++)
                for (int column = 0; column < 28; column++)
                    sum += image[row * 28 + column]
                        * Math.Max(0, 1 - Math.Abs(x - column)) * Math.Max(0, 1 - Math.Abs(y - row));
            return sum;
        }
    }

    [Fact]
    public void SeedEpochAndIndexDecideIt()
    {
        Assert.Equal(Draw(1, 2, 3), Draw(1, 2, 3));
        Assert.All([Draw(2, 2, 3), Draw(1, 3, 3), Draw(1, 2, 4)], other => Assert.NotEqual(Draw(1, 2, 3), other));

        static byte[] Draw(int seed, int epoch, int index)
        {
            var target = new byte[784];
            Distortion.Draw(s_digits.Image(0), seed, epoch, index, target);
            return target;
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(9)]
    public void HoweverManyCoresDrawTheImagesAreTheSame(int cores)
    {
        var images = new AugmentedImages(s_digits, seed: 5, cores);
        // In order, again, and out of order: what was drawn ahead may be for another epoch.
        foreach (int epoch in new[] { 0, 1, 2, 2, 7 })
        {
            byte[] drawn = images.Draw(epoch);
            var expected = new byte[drawn.Length];
            for (int i = 0; i < s_digits.Count; i++)
                Distortion.Draw(s_digits.Image(i), 5, epoch, i, expected.AsSpan(784 * i, 784));
            Assert.Equal(expected, drawn);
        }
    }

    [Fact]
    public void NothingIsDrawnAheadAfterDispose()
    {
        const int Count = 20_000;
        var images = new AugmentedImages(new ImageSet(new byte[Count * 784], new byte[Count]), seed: 5, cores: 4);
        byte[] drawnInto = images.Draw(epoch: 0);
        Array.Fill(drawnInto, (byte)1);
        // From here on, epoch 2 is drawn into what epoch 0 was drawn into.
        images.Draw(epoch: 1);

        images.Dispose();

        byte[] left = [.. drawnInto];
        Assert.Equal(1, left[^1]);
        Thread.Sleep(200);
        Assert.Equal(left, drawnInto);
    }

    [Fact]
    public void BothEnginesTrainOnTheSameDistortionsAndTestOnWhatIsThere()
    {
        var options = new TrainingOptions { Epochs = 2, Augment = true, LearningRate = 0.05 };
        var dataset = new MnistDataset("", s_digits, s_digits);
        EpochResult[] results = [.. new ITrainingEngine[] { new ReferenceEngine(), new SimdEngine() }.Select(engine =>
        {
            using (engine)
            {
                var trainer = new Trainer(engine, dataset, options);
                trainer.Train(GlorotInitializer.Draw(hidden: 20, seed: 1));
                return trainer.History[^1];
            }
        })];

        Assert.Equal(results[0].Loss, results[1].Loss, 1e-5);
        Assert.Equal(results[0].TestAccuracy, results[1].TestAccuracy);
    }
}
