using MnistGpu.Engines.Reference;
using MnistGpu.Engines.Simd;
using MnistGpu.Training;

namespace MnistGpu.Cli.Tests;

public class EngineCatalogTests
{
    private readonly StringWriter _error = new();

    private Terminal Terminal => new(TextWriter.Null, _error, CancellationToken.None);

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
    public void ASourceThatAGpusDriverRejectsIsKeptForVerbose()
    {
        var rejection = new NotSupportedException("Kernel K is rejected\nthe driver's log")
        {
            Data = { ["OpenCL source"] = "__kernel void K() {" }
        };

        EngineCatalog.OpenGpuOrCpu(
            () => throw new InvalidOperationException("opencl:0 cannot be used", rejection), 1,
            Terminal with { IsVerbose = true }).Dispose();

        string[] lines = _error.ToString().TrimEnd().Split('\n');
        Assert.Equal("mnistgpu: warning: opencl:0 cannot be used; the CPU takes over", lines[0].TrimEnd());
        Assert.Contains("the driver's log", _error.ToString());
        string file = Assert.Single(lines, line => line.StartsWith("The generated OpenCL C: "))[24..].TrimEnd();
        Assert.Equal("__kernel void K() {", File.ReadAllText(file));
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
    }

    [Fact]
    public void AGpuThatWorksIsTaken()
    {
        using var gpu = new ReferenceEngine();

        Assert.Same(gpu, EngineCatalog.OpenGpuOrCpu(() => gpu, 1, Terminal));
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
