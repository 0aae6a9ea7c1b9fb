using MnistGpu.Gpu.Engine;

namespace MnistGpu.Gpu.Tests.Engine;

public class KernelCatalogTests
{
    public static TheoryData<string> Names() => [.. KernelCatalog.Names];

    public static TheoryData<string> NamesForOpenCl() => [.. KernelCatalog.Names.Where(KernelCatalog.RunsOnOpenCl)];

    [Theory]
    [MemberData(nameof(Names))]
    public void EveryKernelBecomesPtx(string name) => Assert.Contains(".visible .entry ", KernelCatalog.Ptx(name));

    [Theory]
    [MemberData(nameof(NamesForOpenCl))]
    public void EveryKernelBecomesOpenClC(string name) => Assert.Contains("kernel void ", KernelCatalog.OpenClC(name));

    /// <summary>A kernel's own variables are slow where they are not in registers.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void NoKernelKeepsVariablesInTheMemoryOfAnNvidiaGpu(string name) =>
        Assert.DoesNotContain(".local", KernelCatalog.Ptx(name));

    [Fact]
    public void AKernelThatDoesNotExistCannotBeShown() =>
        Assert.Throws<KeyNotFoundException>(() => KernelCatalog.Ptx("Convolution.Naive"));
}
