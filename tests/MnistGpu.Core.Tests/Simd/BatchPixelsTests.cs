using System.Numerics;
using MnistGpu.Core.Data;
using MnistGpu.Core.Simd;

namespace MnistGpu.Core.Tests.Simd;

public unsafe class BatchPixelsTests
{
    private const int Inputs = ImageSet.PixelsPerImage;

    /// <summary>What the batches point into.</summary>
    private readonly List<SparseImages> _sources = [];

    [Theory]
    [InlineData(1, 0.2)]
    [InlineData(63, 0.2)]
    [InlineData(64, 0.5)]
    [InlineData(3, 0)]
    [InlineData(64, 1)]
    public void MasksAndBytesAreThoseOfThePixels(int images, double lit)
    {
        byte[] pixels = RandomPixels(lit);
        BatchPixels batch = Gather(pixels, images, out int[] order);

        for (int half = 0; half < SimdNetwork.Halves; half++)
            batch.Begin(half, images);
        for (int chunk = 0; chunk < PixelChunks.Count; chunk++)
            for (int i = 0; i < images; i++)
            {
                int half = chunk < PixelChunks.FirstOf(1) ? 0 : 1;
                ulong mask = batch.Masks(half)[i][chunk - PixelChunks.FirstOf(half)];
                byte* next = batch.Bytes(half, chunk)[i];
                batch.Bytes(half, chunk + 1)[i] = next + BitOperations.PopCount(mask);
                for (int p = 0; p < PixelChunks.MaxPixels; p++)
                {
                    byte expected = p < PixelChunks.PixelsOf(chunk)
                        ? pixels[order[i] * Inputs + PixelChunks.FirstPixel(chunk) + p]
                        : (byte)0;
                    bool isLit = (mask >> p & 1) == 1;
                    Assert.Equal(expected != 0, isLit);
                    if (isLit)
                        Assert.Equal(expected, *next++);
                }
            }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    public void EachPixelKnowsTheImagesThatLightIt(int images)
    {
        byte[] pixels = RandomPixels(0.3);
        // Another batch was there before.
        BatchPixels batch = Gather(pixels, BatchPixels.MaxImages, out int[] order);
        Announce(batch, pixels, order.AsSpan(0, images));

        for (int half = 0; half < SimdNetwork.Halves; half++)
            batch.Transpose(half, images);

        for (int chunk = 0; chunk < PixelChunks.Count; chunk++)
            for (int p = 0; p < PixelChunks.PixelsOf(chunk); p++)
            {
                ulong expected = 0;
                for (int i = 0; i < images; i++)
                    if (pixels[order[i] * Inputs + PixelChunks.FirstPixel(chunk) + p] != 0)
                        expected |= 1UL << i;
                Assert.Equal(expected, batch.LitImages(chunk)[p]);
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

    /// <summary>Some images in no order.</summary>
    private BatchPixels Gather(byte[] pixels, int images, out int[] order)
    {
        order = Enumerable.Range(0, 100).ToArray();
        new Random(4).Shuffle(order);
        var batch = new BatchPixels();
        Announce(batch, pixels, order.AsSpan(0, images));
        return batch;
    }

    private void Announce(BatchPixels batch, byte[] pixels, ReadOnlySpan<int> images)
    {
        for (int half = 0; half < SimdNetwork.Halves; half++)
        {
            fixed (byte* source = pixels)
                _sources.Add(new SparseImages(half, source, pixels.Length / Inputs, threads: 2));
            batch.Announce(half, _sources[^1], images);
            batch.Take(half);
        }
    }
}
