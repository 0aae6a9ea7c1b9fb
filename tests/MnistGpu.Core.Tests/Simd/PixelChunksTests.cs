using MnistGpu.Core.Network;
using MnistGpu.Core.Simd;

namespace MnistGpu.Core.Tests.Simd;

public unsafe class PixelChunksTests
{
    private const int Inputs = NetworkParameters.Inputs;

    /// <summary>All chunks of both halves.</summary>
    private static IEnumerable<int> Chunks => Enumerable.Range(0, PixelChunks.FirstChunk(2));

    [Fact]
    public void EachPixelIsInOneChunkAndTheyComeInPairs()
    {
        int next = 0;
        foreach (int chunk in Chunks)
        {
            Assert.Equal(next, PixelChunks.FirstPixel(chunk));
            Assert.InRange(PixelChunks.PixelCount(chunk), 1, 64);
            Assert.Equal(0, PixelChunks.PixelCount(chunk) % 2);
            next += PixelChunks.PixelCount(chunk);
        }

        Assert.Equal(Inputs, next);
    }

    [Fact]
    public void TheHalvesFollowEachOther()
    {
        Assert.Equal(0, PixelChunks.FirstChunk(0));
        Assert.InRange(PixelChunks.FirstChunk(1), 1, PixelChunks.FirstChunk(2) - 1);
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
        PixelChunks pixels = Load(source, order, images);

        foreach (int chunk in Chunks)
            for (int i = 0; i < images; i++)
                for (int p = 0; p < 64; p++)
                {
                    byte expected = p < PixelChunks.PixelCount(chunk)
                        ? source[order[i] * Inputs + PixelChunks.FirstPixel(chunk) + p]
                        : (byte)0;
                    Assert.Equal(expected, pixels.Pixels(chunk)[i * PixelChunks.ImageStride + p]);
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
        PixelChunks pixels = Load(source, RandomOrder(), PixelChunks.MaxImages);
        Load(source, order, images, pixels);

        foreach (int chunk in Chunks)
        {
            pixels.Transpose(chunk);
            for (int p = 0; p < PixelChunks.PixelCount(chunk); p++)
            {
                ulong expected = 0;
                for (int i = 0; i < images; i++)
                    if (source[order[i] * Inputs + PixelChunks.FirstPixel(chunk) + p] != 0)
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

    private static PixelChunks Load(byte[] source, int[] order, int count, PixelChunks? pixels = null)
    {
        pixels ??= new PixelChunks();
        fixed (byte* bytes = source)
        fixed (int* indices = order)
            foreach (int chunk in Chunks)
                pixels.Load(chunk, new Images(bytes, labels: null, indices, count), next: default);
        return pixels;
    }
}
