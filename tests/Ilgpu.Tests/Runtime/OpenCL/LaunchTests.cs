using ILGPU;
using ILGPU.Runtime;

namespace Ilgpu.Tests.Runtime.OpenCL;

public class LaunchTests(OpenClFixture fixture) : IClassFixture<OpenClFixture>
{
    [SkippableTheory]
    [InlineData(1)]
    [InlineData(33)]
    [InlineData(100_003)]
    public void AnImplicitlyGroupedLaunchReachesEveryIndexAndNoOther(int length)
    {
        Accelerator accelerator = fixture.Accelerator;
        using var buffer = accelerator.Allocate1D(Enumerable.Range(0, length + 500).Select(i => (float)i).ToArray());
        var kernel = accelerator.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, float>(
            HandWrittenKernels.Scale);

        kernel(length, buffer.View, 2);

        Assert.Equal(
            Enumerable.Range(0, length + 500).Select(i => i < length ? 2f * i : i), buffer.GetAsArray1D());
    }
}
