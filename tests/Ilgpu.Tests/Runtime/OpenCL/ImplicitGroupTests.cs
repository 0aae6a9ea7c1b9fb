using ILGPU;
using ILGPU.Runtime.OpenCL;

namespace Ilgpu.Tests.Runtime.OpenCL;

public class ImplicitGroupTests
{
    private static readonly Index3D s_usual = new(1024, 1024, 64);

    [Fact]
    public void AnExtentThatFillsTheDeviceHasTheUsualGroup() =>
        Assert.Equal(new Index3D(256, 1, 1), Group(s_usual, 1024, new Index3D(1_000_000, 1, 1)));

    [Fact]
    public void ASmallExtentIsSpreadOverTheMultiprocessorsButNoWarpIsCut()
    {
        // 20 multiprocessors with 4 groups each are 80 groups.
        Assert.Equal(new Index3D(64, 1, 1), Group(s_usual, 1024, new Index3D(80 * 64, 1, 1)));
        Assert.Equal(new Index3D(32, 1, 1), Group(s_usual, 1024, new Index3D(80, 1, 1)));
        Assert.Equal(new Index3D(1, 1, 1), Group(s_usual, 1024, new Index3D(1, 1, 1)));
    }

    [Fact]
    public void NarrowExtentsFillTheGroupAlongTheNextDimension()
    {
        Assert.Equal(new Index3D(16, 16, 1), Group(s_usual, 1024, new Index3D(10, 100_000, 1)));
        Assert.Equal(new Index3D(4, 4, 16), Group(s_usual, 1024, new Index3D(3, 3, 100_000)));
    }

    [Fact]
    public void TheLimitsOfKernelAndDeviceAreKept()
    {
        Assert.Equal(new Index3D(128, 1, 1), Group(s_usual, 200, new Index3D(1_000_000, 1, 1)));
        Assert.Equal(new Index3D(1, 1, 1), Group(s_usual, 1, new Index3D(1_000_000, 1, 1)));
        Assert.Equal(new Index3D(1, 256, 1), Group(new Index3D(1, 1024, 1), 1024, new Index3D(1000, 1000, 1)));
    }

    [Fact]
    public void TheGroupsCoverTheExtent() =>
        Assert.Equal(
            new Index3D(4, 1, int.MaxValue),
            ImplicitGroup.Cover(new Index3D(100, 1, int.MaxValue), new Index3D(32, 8, 1)));

    private static Index3D Group(Index3D maxExtent, int maxThreads, Index3D extent) =>
        new ImplicitGroup(maxExtent, maxThreads, warp: 32, multiprocessors: 20).For(extent);
}
