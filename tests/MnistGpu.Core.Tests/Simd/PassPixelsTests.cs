using MnistGpu.Core.Network;
using MnistGpu.Core.Simd;

namespace MnistGpu.Core.Tests.Simd;

public unsafe class PassPixelsTests
{
    private const int Inputs = NetworkParameters.Inputs;

    /// <summary>All chunks of both halves.</summary>
    private static IEnumerable<int> Chunks => Enumerable.Range(0, PassPixels.FirstChunk(2));

    [Fact]
    public void EachPixelIsInOneChunkAndTheyComeInPairs()
    {
        int next = 0;
        foreach (int chunk in Chunks)
        {
            Assert.Equal(next, PassPixels.FirstPixel(chunk));
            Assert.InRange(PassPixels.PixelCount(chunk), 1, 64);
            Assert.Equal(0, PassPixels.PixelCount(chunk) % 2);
            next += PassPixels.PixelCount(chunk);
        }

        Assert.Equal(Inputs, next);
    }

    [Fact]
    public void TheHalvesFollowEachOther()
    {
        Assert.Equal(0, PassPixels.FirstChunk(0));
        Assert.InRange(PassPixels.FirstChunk(1), 1, PassPixels.FirstChunk(2) - 1);
    }

    [Theory]
    [InlineData(1, 0.2)]
    [InlineData(63, 0.2)]
    [InlineData(64, 0.5)]
    [InlineData(3, 0)]
    [InlineData(64, 1)]
    public void MasksAndBytesAreThoseOfTheImages(int images, double lit)
    {
        byte[] source = RandomPixels(lit);
        int[] order = RandomOrder();
        PassPixels pixels = Load(source, order, images);

        foreach (int chunk in Chunks)
            for (int i = 0; i < images; i++)
                for (int p = 0; p < 64; p++)
                {
                    byte expected = p < PassPixels.PixelCount(chunk)
                        ? source[order[i] * Inputs + PassPixels.FirstPixel(chunk) + p]
                        : (byte)0;
                    Assert.Equal(expected, pixels.Pixels(chunk)[i * PassPixels.ImageStride + p]);
                    Assert.Equal(expected != 0, (pixels.Masks(chunk)[i] >> p & 1) == 1);
                }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    public void EachPixelKnowsTheImagesThatLightIt(int images)
    {
        byte[] source = RandomPixels(0.3);
        int[] order = RandomOrder();
        // Other images were there before.
        PassPixels pixels = Load(source, RandomOrder(), PassPixels.MaxImages);
        Load(source, order, images, pixels);

        foreach (int chunk in Chunks)
        {
            pixels.Transpose(chunk);
            for (int p = 0; p < PassPixels.PixelCount(chunk); p++)
            {
                ulong expected = 0;
                for (int i = 0; i < images; i++)
                    if (source[order[i] * Inputs + PassPixels.FirstPixel(chunk) + p] != 0)
                        expected |= 1UL << i;
                Assert.Equal(expected, pixels.ImageMasks(chunk)[p]);
            }
        }
    }

    private static byte[] RandomPixels(double lit)
    {
        var random = new Random(3);
        var pixels = new byte[100 * Inputs];
        for (int i = 0; i < pixels.Length; i++)
            if (random.NextDouble() < lit)
                pixels[i] = (byte)random.Next(1, 256);
        return pixels;
    }

    private static int[] RandomOrder()
    {
        int[] order = Enumerable.Range(0, 100).ToArray();
        new Random(4).Shuffle(order);
        return order;
    }

    private static PassPixels Load(byte[] source, int[] order, int count, PassPixels? pixels = null)
    {
        pixels ??= new PassPixels();
        fixed (byte* bytes = source)
        fixed (int* indices = order)
            foreach (int chunk in Chunks)
                pixels.Load(chunk, new Images(bytes, labels: null, indices, count), next: default);
        return pixels;
    }
}
