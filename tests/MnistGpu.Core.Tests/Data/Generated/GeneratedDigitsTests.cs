using System.Security.Cryptography;
using MnistGpu.Core.Data;
using MnistGpu.Core.Data.Generated;
using MnistGpu.Core.Network;
using MnistGpu.Core.Reference;
using MnistGpu.Core.Training;

namespace MnistGpu.Core.Tests.Data.Generated;

public class GeneratedDigitsTests
{
    private static readonly ImageSet s_images = GeneratedDigits.Draw(seed: 1, train: 5_000, test: 0).Train;

    [Fact]
    public void TheSeedDecidesEveryByte()
    {
        MnistDataset first = GeneratedDigits.Draw(seed: 7, train: 200, test: 100);
        MnistDataset second = GeneratedDigits.Draw(seed: 7, train: 200, test: 100);
        MnistDataset other = GeneratedDigits.Draw(seed: 8, train: 200, test: 100);

        Assert.Equal(first.Train.Pixels, second.Train.Pixels);
        Assert.Equal(first.Train.Labels, second.Train.Labels);
        Assert.Equal(first.Test.Pixels, second.Test.Pixels);
        Assert.Equal(first.Test.Labels, second.Test.Labels);
        Assert.Empty(Pictures(first.Train).Intersect(Pictures(other.Train)));
        Assert.NotEqual(first.Train.Labels, other.Train.Labels);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void TheNumberOfThreadsChangesNothing(int threads)
    {
        ImageSet images = GeneratedDigits.Draw(seed: 1, train: 1_000, test: 0, threads).Train;

        Assert.Equal(s_images.Take(1_000).Pixels, images.Pixels);
        Assert.Equal(s_images.Take(1_000).Labels, images.Labels);
    }

    [Fact]
    public void EveryMachineDrawsTheSameDigits()
    {
        ImageSet images = s_images.Take(1_000);

        // Changes with any change to the drawing, and then only: a new value goes here with the change.
        Assert.Equal(
            "600e4e28dc0baab4274901c11e83c1201b4fe7c5769b7180b7ba479aa42759ab",
            Convert.ToHexStringLower(SHA256.HashData([.. images.Pixels, .. images.Labels])));
    }

    [Fact]
    public void ASmallerSetIsTheBeginningOfALargerOne()
    {
        MnistDataset small = GeneratedDigits.Draw(seed: 3, train: 30, test: 20);
        MnistDataset large = GeneratedDigits.Draw(seed: 3, train: 60, test: 50);

        Assert.Equal(large.Train.Take(30).Pixels, small.Train.Pixels);
        Assert.Equal(large.Test.Take(20).Pixels, small.Test.Pixels);
        Assert.Equal(large.Test.Take(20).Labels, small.Test.Labels);
    }

    [Fact]
    public void NoTestImageIsATrainingImageAndNoneComesTwice()
    {
        MnistDataset dataset = GeneratedDigits.Draw(seed: 1, train: 2_000, test: 1_000);

        Assert.Equal(3_000, Pictures(dataset.Train).Concat(Pictures(dataset.Test)).Distinct().Count());
    }

    [Fact]
    public void EveryDigitIsATenthOfTheLabels()
    {
        // 5,000 labels of probability 1/10 deviate by sqrt(5,000 × 0.1 × 0.9) = 21.2; five of these.
        for (int digit = 0; digit <= 9; digit++)
            Assert.InRange(s_images.Labels.Count(label => label == digit), 500 - 106, 500 + 106);
    }

    [Fact]
    public void TheCentreOfMassIsInTheMiddle()
    {
        for (int i = 0; i < s_images.Count; i++)
        {
            ReadOnlySpan<byte> image = s_images.Image(i);
            double mass = 0, momentX = 0, momentY = 0;
            for (int p = 0; p < image.Length; p++)
            {
                mass += image[p];
                momentX += image[p] * (p % ImageSet.Side);
                momentY += image[p] * (p / ImageSet.Side);
            }
            // Moved by whole pixels, so half a pixel may be left; half of another for ink so lopsided that the box of
            // 20×20 would leave the image.
            Assert.InRange(momentX / mass, 13, 15);
            Assert.InRange(momentY / mass, 13, 15);
        }
    }

    [Fact]
    public void TheInkFillsABoxOf20By20AndIsNotCutOff()
    {
        int full = 0;
        for (int i = 0; i < s_images.Count; i++)
        {
            // The darkest pixel of each column and of each row.
            var columns = new byte[ImageSet.Side];
            var rows = new byte[ImageSet.Side];
            ReadOnlySpan<byte> image = s_images.Image(i);
            for (int p = 0; p < image.Length; p++)
            {
                columns[p % ImageSet.Side] = Math.Max(columns[p % ImageSet.Side], image[p]);
                rows[p / ImageSet.Side] = Math.Max(rows[p / ImageSet.Side], image[p]);
            }
            int larger = Math.Max(CheckExtent(columns), CheckExtent(rows));
            Assert.InRange(larger, 17, 20);
            full += larger == 20 ? 1 : 0;
        }
        Assert.InRange(full, s_images.Count * 8 / 10, s_images.Count);

        static int CheckExtent(byte[] darkest)
        {
            int first = Array.FindIndex(darkest, ink => ink > 0);
            int last = Array.FindLastIndex(darkest, ink => ink > 0);
            // The middle of an outermost pixel of the box is half a pixel inside it, where ink that just fits has faded
            // by at least 0.1 of 1.1 pixels: 255 × 1 / 1.1 = 232 at most. Ink that was cut off would be 255 there.
            if (last - first + 1 == 20)
                Assert.True(darkest[first] <= 232 && darkest[last] <= 232);
            return last - first + 1;
        }
    }

    [Fact]
    public void InkIsLikeThatOfMnist()
    {
        double nonZero = s_images.Pixels.Count(pixel => pixel > 0) / (double)s_images.Pixels.Length;
        double saturated = s_images.Pixels.Count(pixel => pixel >= 250) / (double)s_images.Pixels.Length;
        double mean = s_images.Pixels.Average(pixel => (double)pixel);

        // MNIST's training images: 0.191, 0.075 and 33.3. A twentieth and, for the saturated pixels, a tenth of each.
        Assert.InRange(nonZero, 0.182, 0.201);
        Assert.InRange(saturated, 0.067, 0.083);
        Assert.InRange(mean, 31.7, 35.0);
    }

    [Fact]
    public void ANetworkLearnsToReadTheDigits()
    {
        MnistDataset dataset = GeneratedDigits.Draw(seed: 1, train: 3_000, test: 500);
        using var engine = new ReferenceEngine();
        var trainer = new Trainer(engine, dataset, new TrainingOptions { BatchSize = 8 });

        trainer.Train(GlorotInitializer.Draw(hidden: 20, seed: 1));

        // Test accuracy. Two digits whose shapes or labels were mixed up would cost 10 points.
        Assert.InRange(trainer.History[^1].TestAccuracy!.Value, 0.85, 0.99);
    }

    [Fact]
    public void NothingToDrawIsNoError()
    {
        MnistDataset dataset = GeneratedDigits.Draw(seed: 1, train: 0, test: 0);

        Assert.Equal(GeneratedDigits.Name, dataset.Name);
        Assert.Equal(0, dataset.Train.Count);
        Assert.Equal(0, dataset.Test.Count);
    }

    [Theory]
    [InlineData(-1, 0, 1)]
    [InlineData(0, -1, 1)]
    [InlineData(2_739_138, 0, 1)]
    [InlineData(0, 2_739_138, 1)]
    [InlineData(1, 1, 0)]
    [InlineData(1, 1, -1)]
    public void CountsOutOfRangeAreRefused(int train, int test, int threads) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => GeneratedDigits.Draw(1, train, test, threads));

    [Fact]
    public void CancellingStopsTheDrawing()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();

        Assert.Throws<OperationCanceledException>(
            () => GeneratedDigits.Draw(1, cancellationToken: cancelled.Token));
    }

    private static IEnumerable<string> Pictures(ImageSet images) =>
        Enumerable.Range(0, images.Count).Select(i => Convert.ToHexString(images.Image(i)));
}
