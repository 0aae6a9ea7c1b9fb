using MnistGpu.Cli.Engines;
using MnistGpu.Cli.Output;
using MnistGpu.Core.Reference;
using MnistGpu.Core.Simd;
using MnistGpu.Core.Training;

namespace MnistGpu.Cli.Tests.Engines;

public class EngineCatalogTests
{
    private readonly StringWriter _error = new();

    private Terminal Terminal => new(TextWriter.Null, _error, new(CancellationToken.None));

    [Fact]
    public void AGpuThatFailsIsPassedOverWithAWarning()
    {
        using ITrainingEngine engine = EngineCatalog.OpenGpuOrCpu(
            () => throw new InvalidOperationException("cuda:0 (Some GPU) cannot be used: no kernel image"), 1, Terminal);

        Assert.IsType<SimdEngine>(engine);
        Assert.Equal(
            "mnistgpu: warning: cuda:0 (Some GPU) cannot be used: no kernel image; the CPU takes over",
            _error.ToString().TrimEnd());
    }

    [Fact]
    public void AGpuThatWorksIsTaken()
    {
        using var gpu = new ReferenceEngine();

        Assert.Same(gpu, EngineCatalog.Current(EngineCatalog.OpenGpuOrCpu(() => gpu, 1, Terminal)));
        Assert.Equal("", _error.ToString());
    }

    [Fact]
    public void WithoutAGpuTheCpuTrainsAndNothingIsSaid()
    {
        using ITrainingEngine engine = EngineCatalog.OpenGpuOrCpu(() => null, 1, Terminal);

        Assert.IsType<SimdEngine>(engine);
        Assert.Equal("", _error.ToString());
    }
}
