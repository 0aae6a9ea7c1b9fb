namespace MnistGpu.Gpu.Tests;

public class KernelCatalogTests
{
    public static TheoryData<string> Names() => [.. KernelCatalog.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void EveryKernelCanBeShown(string name)
    {
        string code = KernelCatalog.CodeOf(name);

        Assert.StartsWith($"// {name}", code);
        Assert.Contains(AcceleratorCatalog.Ilgpu == "built-in" ? "__kernel void " : ".visible .entry ", code);
    }

    /// <summary>A kernel's own variables are slow where they are not in registers.</summary>
    [SkippableTheory]
    [MemberData(nameof(Names))]
    public void NoKernelKeepsVariablesInTheMemoryOfAnNvidiaGpu(string name)
    {
        Skip.If(AcceleratorCatalog.Ilgpu == "built-in", "The built-in runtime makes no PTX.");

        Assert.DoesNotContain(".local", KernelCatalog.CodeOf(name));
    }

    [Fact]
    public void AKernelThatDoesNotExistCannotBeShown() =>
        Assert.Throws<KeyNotFoundException>(() => KernelCatalog.CodeOf("Convolution.Naive"));
}
