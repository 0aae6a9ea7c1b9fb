using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using MnistGpu.Gpu.Engine;
using MnistGpu.Gpu.Measurement;
using MnistGpu.Kernels.Ladder;
using Xunit.Abstractions;

namespace MnistGpu.Gpu.Tests.Measurement;

/// <summary>On ILGPU's CPU accelerator, and one on CUDA.</summary>
public sealed class KernelMeasurementTests : IDisposable
{
    private const int Samples = 2;

    private readonly Context _context =
        Context.Create(builder => builder.CPU(CPUDeviceKind.Nvidia).EnableAlgorithms());

    private readonly Accelerator _accelerator;
    private readonly ITestOutputHelper _output;

    public KernelMeasurementTests(ITestOutputHelper output) =>
        (_accelerator, _output) = (_context.GetDevice<CPUDevice>(0).CreateAccelerator(_context), output);

    public void Dispose()
    {
        _accelerator.Dispose();
        _context.Dispose();
    }

    [Fact]
    public void EveryKernelIsTimed()
    {
        KernelTiming[] timings = [.. Measurement([false], CancellationToken.None).Kernels()];

        string[] kernels = ["HiddenLayer", "OutputLayer", "OutputLayerAndDeltas", "ParameterUpdate"];
        Assert.Equal(
            kernels.Select(kernel => (kernel, "naive")), timings.Select(timing => (timing.Kernel, timing.Version)));
        Assert.All(timings, timing =>
        {
            Assert.Equal("B 2, H 3", timing.Shape);
            Assert.Equal(Samples, timing.Seconds.Count);
            Assert.All(timing.Seconds, seconds => Assert.InRange(seconds, 1e-9, double.MaxValue));
        });
    }

    /// <summary>Where the hidden layer and the update also run on tensor cores, both versions are timed at every shape.</summary>
    [SkippableFact]
    public void TheVersionsOnTensorCoresAreTimedAsWell()
    {
        GpuDevice.Require("cuda");
        using AcceleratorEngine engine = AcceleratorEngine.Open("cuda");
        var measurement = new KernelMeasurement(
            engine.Accelerator, [true], [(2, 4), (3, 8)], copiedFloats: 1000, (Threads: 50, Steps: 20),
            new LaunchTimer(engine.Accelerator, Samples, warmUp: default, CancellationToken.None));

        KernelTiming[] timings = [.. measurement.Kernels()];

        string[] ofBoth = TensorCores.CanRun(engine.Accelerator) ? ["tuned", "tensor cores"] : ["tuned"];
        (string, string[])[] kernels =
            [("HiddenLayer", ofBoth), ("OutputLayer", ["tuned"]), ("OutputLayerAndDeltas", ["tuned"]), ("ParameterUpdate", ofBoth)];
        Assert.Equal(
            from shape in (string[])["B 2, H 4", "B 3, H 8"]
            from kernel in kernels
            from version in kernel.Item2
            select (kernel.Item1, version, shape),
            timings.Select(timing => (timing.Kernel, timing.Version, timing.Shape)));
        Assert.All(timings, timing => Assert.Equal(Samples, timing.Seconds.Count));
    }

    [Fact]
    public void OperationsAndBytesAreThoseOfTheShape()
    {
        Dictionary<string, KernelTiming> timings =
            Measurement([false], CancellationToken.None).Kernels().ToDictionary(timing => timing.Kernel);

        // A float is 4 bytes; B = 2 images, H = 3 units.
        Assert.Equal(2 * 2 * 3 * 10, timings["OutputLayer"].Operations);
        Assert.Equal(4 * (2 * 3 + 3 * 10 + 10 + 2 * 10), timings["OutputLayer"].Bytes);
        Assert.Equal(2 * timings["OutputLayer"].Operations, timings["OutputLayerAndDeltas"].Operations);
        // Labels as bytes; the order, h and δh, W2 and b2, δo, the losses as numbers of 4.
        Assert.Equal(2 + 4 * (2 + 2 * 6 + 40 + 20 + 2), timings["OutputLayerAndDeltas"].Bytes);
        double lit = timings["HiddenLayer"].Operations / (2 * 3);
        Assert.Equal(4 * lit + 4 * (2 * 2 + 785 * 3 + 6), timings["HiddenLayer"].Bytes);
        Assert.Equal(2 * 784 + 4 * (2 + 2 * 6 + 20 + 2 * (785 * 3 + 40)), timings["ParameterUpdate"].Bytes);
        // Of the pixels about one in five is lit: the update does for each what the hidden layer does, and the rest.
        Assert.InRange(timings["HiddenLayer"].Operations, 0.1 * 2 * 2 * 784 * 3, 0.3 * 2 * 2 * 784 * 3);
        Assert.Equal(
            timings["HiddenLayer"].Operations + 2 * 6 * 10 + 6 + 20 + 2 * (785 * 3 + 40),
            timings["ParameterUpdate"].Operations);
    }

    [Fact]
    public void WhatTheDeviceCanDoIsMeasured()
    {
        KernelMeasurement measurement = Measurement([false], CancellationToken.None);

        Assert.Equal(2 * 4 * 1000, measurement.Copy().Bytes);
        Assert.Equal(16 * 2 * 50 * 20, measurement.MultiplyAdd().Operations);
        Assert.NotEmpty(measurement.MultiplyAdd().Seconds);
    }

    [Fact]
    public void EveryRungOfTheLadderIsTimed()
    {
        var ladder = new LadderMeasurement(
            _accelerator, [(2, 3, 5)], new LaunchTimer(_accelerator, Samples, warmUp: default, CancellationToken.None));

        KernelTiming[] timings = Assert.Single(ladder.Products());

        // There are neither cuBLAS nor tensor cores on a CPU.
        Assert.Equal(Rung.All.SkipLast(1).Select(rung => rung.Name), timings.Select(timing => timing.Kernel));
        Assert.Equal("only CUDA gives access to them", ladder.WhyNotOnTensorCores);
        Assert.All(timings, timing =>
        {
            Assert.Equal("2×3×5", timing.Shape);
            Assert.Equal(2 * 2 * 3 * 5, timing.Operations);
            Assert.Equal(4 * (2 * 3 + 3 * 5 + 2 * 5), timing.Bytes);
            Assert.Equal(Samples, timing.Seconds.Count);
            // Three products and two additions, each of which rounds.
            Assert.InRange(timing.LargestError!.Value, 0.01, 3);
        });
    }

    /// <summary>Where there are tensor cores, the last rung is the most exact one.</summary>
    [SkippableFact]
    public void TheRungOnTensorCoresIsTimedAndIsTheMostExact()
    {
        GpuDevice.Require("cuda");
        using AcceleratorEngine engine = AcceleratorEngine.Open("cuda");
        var ladder = new LadderMeasurement(
            engine.Accelerator, [(70, 300, 65)],
            new LaunchTimer(engine.Accelerator, Samples, warmUp: default, CancellationToken.None));

        KernelTiming[] timings = Assert.Single(ladder.Products());

        foreach (KernelTiming timing in timings)
            _output.WriteLine($"{timing.Kernel} {timing.LargestError:F2}");
        if (TensorCores.CanRun(engine.Accelerator))
        {
            Assert.Null(ladder.WhyNotOnTensorCores);
            double error = timings.Single(timing => timing.Kernel == "Ladder.TensorCores").LargestError!.Value;
            Assert.InRange(error, 0.01, timings.Where(timing => timing.Kernel != "Ladder.TensorCores").Min(timing => timing.LargestError!.Value));
        }
        else
        {
            Assert.EndsWith("has none for bfloat16, 8.0 and higher have", ladder.WhyNotOnTensorCores);
            Assert.DoesNotContain(timings, timing => timing.Kernel == "Ladder.TensorCores");
        }
    }

    [Fact]
    public void MeasuringStops() => Assert.Throws<OperationCanceledException>(
        () => Measurement([false], new CancellationToken(canceled: true)).Kernels().First());

    [Fact]
    public void TheCopyKernelCopies()
    {
        float[] source = [.. Enumerable.Range(0, 100).Select(i => i * 0.5f)];
        using MemoryBuffer1D<float, Stride1D.Dense> from = _accelerator.Allocate1D(source);
        using MemoryBuffer1D<float, Stride1D.Dense> to = _accelerator.Allocate1D<float>(100);
        _accelerator.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>>(CeilingKernels.Copy)(
            100, from.View, to.View);
        _accelerator.Synchronize();
        var copied = new float[100];
        to.View.CopyToCPU(copied);

        Assert.Equal(source, copied);
    }

    [Fact]
    public void TheMultiplyAddKernelDoesWhatItSays()
    {
        using MemoryBuffer1D<float, Stride1D.Dense> result = _accelerator.Allocate1D<float>(10 * CeilingKernels.Chains);
        _accelerator.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, float, float, int>(
            CeilingKernels.MultiplyAdd)(10, result.View, 0.5f, 1, 30);
        _accelerator.Synchronize();
        var chains = new float[10 * CeilingKernels.Chains];
        result.View.CopyToCPU(chains);

        // x = x/2 + 1 goes to 2, whatever it starts from; after 30 steps exactly, in float32.
        Assert.All(chains, chain => Assert.Equal(2, chain, 1e-6f));
    }

    private KernelMeasurement Measurement(bool[] versions, CancellationToken cancellationToken) => new(
        _accelerator, versions, [(2, 3)], copiedFloats: 1000, (Threads: 50, Steps: 20),
        new LaunchTimer(_accelerator, Samples, warmUp: default, cancellationToken));
}
