using System.Text.RegularExpressions;
using MnistGpu.Gpu.Devices;
using MnistGpu.Gpu.Engine;

namespace MnistGpu.Gpu.Tests.Devices;

/// <summary>What ILGPU makes of a barrier on OpenCL: see <see cref="OpenClBarrier"/>.</summary>
public class OpenClBarrierTests
{
    /// <summary>All but the kernel that runs on CUDA alone.</summary>
    public static TheoryData<string> Names() => [.. KernelCatalog.Names.Where(KernelCatalog.RunsOnOpenCl)];

    [Theory]
    [MemberData(nameof(Names))]
    public void EveryBarrierOrdersSharedAndGlobalMemory(string kernel)
    {
        MatchCollection barriers = Regex.Matches(KernelCatalog.OpenClC(kernel), @"work_group_barrier\s*\(([^)]*)\)");

        // PTX has the same barriers under another name.
        Assert.Equal(Regex.Count(KernelCatalog.Ptx(kernel), @"\bbar(rier)?\.sync\b"), barriers.Count);
        Assert.All(barriers, barrier =>
            Assert.Equal("CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE", barrier.Groups[1].Value.Trim()));
    }

    [Fact]
    public void AFieldThatIsNotThereOrHoldsSomethingElseIsRefusedInOneLine()
    {
        foreach (object? flags in (object?[])[null, "CLK_GLOBAL_MEM_FENCE", Array.Empty<string>(), new[] { "CLK_LOCAL_MEM_FENCE" }])
        {
            var exception = Assert.Throws<NotSupportedException>(() => OpenClBarrier.Mend(flags));
            Assert.StartsWith("OpenCL: ", exception.Message);
            Assert.DoesNotContain('\n', exception.Message);
        }
    }
}
