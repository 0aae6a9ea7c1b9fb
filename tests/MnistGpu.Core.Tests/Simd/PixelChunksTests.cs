using MnistGpu.Core.Network;
using MnistGpu.Core.Simd;

namespace MnistGpu.Core.Tests.Simd;

public class PixelChunksTests
{
    [Fact]
    public void EachPixelIsInOneChunk()
    {
        int next = 0;
        for (int chunk = 0; chunk < PixelChunks.Count; chunk++)
        {
            Assert.Equal(next, PixelChunks.FirstPixel(chunk));
            Assert.InRange(PixelChunks.PixelsOf(chunk), 1, PixelChunks.MaxPixels);
            next += PixelChunks.PixelsOf(chunk);
        }

        Assert.Equal(NetworkParameters.Inputs, next);
    }

    [Fact]
    public void PixelsComeInPairs() =>
        Assert.All(Enumerable.Range(0, PixelChunks.Count), chunk => Assert.Equal(0, PixelChunks.PixelsOf(chunk) % 2));

    [Fact]
    public void TheHalvesFollowEachOther()
    {
        Assert.Equal(0, PixelChunks.FirstOf(0));
        Assert.InRange(PixelChunks.FirstOf(1), 1, PixelChunks.Count - 1);
        Assert.Equal(PixelChunks.Count, PixelChunks.FirstOf(2));
    }
}
