using System.Reflection;
using ILGPU;
using ILGPU.Backends.OpenCL;
using ILGPU.Runtime;
using ILGPU.Runtime.OpenCL;
using MnistGpu.Core.Verification;
using MnistGpu.Gpu.Devices;
using MnistGpu.Gpu.Engine;
using MnistGpu.Gpu.Verification;

namespace MnistGpu.Gpu.Tests.Engine;

/// <summary>
/// The kernels as ILGPU compiles them for OpenCL, in Oclgrind. It interprets them and reports data races, accesses
/// outside of a buffer and, if asked to, reads of what was never written. Run by tests/opencl/oclgrind.sh.
/// </summary>
public sealed class OclgrindTests
{
    private static readonly string? s_log = Environment.GetEnvironmentVariable("OCLGRIND_LOG");

    /// <summary>What Oclgrind has reported since the device was opened.</summary>
    private static string Reports => File.Exists(s_log) ? File.ReadAllText(s_log) : "";

    [SkippableTheory]
    [InlineData(false, 3, 5)]
    [InlineData(true, 3, 5)]
    [InlineData(true, 7, 16)]
    public void TheKernelsOfAStepAreClean(bool tuned, int images, int hidden)
    {
        using AcceleratorEngine engine = Open(tuned);

        AssertRight(new StepVerifier(engine.Accelerator, tuned).Kernels(images, hidden));

        Assert.Equal("", Reports);
    }

    /// <summary>Few of everything, then more units and more images than a group takes.</summary>
    [SkippableTheory]
    [InlineData(5, 3)]
    [InlineData(264, 2)]
    [InlineData(12, 66)]
    public void ATrainingIsClean(int units, int batchSize)
    {
        using AcceleratorEngine engine = Open(tuned: true);

        // Two steps: the second reads what the first has changed.
        AssertRight(new TrainingVerifier(units, batchSize, images: batchSize + 1).Run(engine));

        Assert.Equal("", Reports);
    }

    /// <summary>What ILGPU 1.5.3 makes of a barrier: see <see cref="OpenClBarrier"/>.</summary>
    [SkippableFact]
    public void BarriersThatDoNotOrderSharedMemoryAreFound()
    {
        using AcceleratorEngine engine = Open(tuned: true, barrierFlags: "CLK_GLOBAL_MEM_FENCE");

        Assert.NotEmpty(new StepVerifier(engine.Accelerator, tuned: true).Kernels(images: 3, hidden: 5));

        Assert.Contains("data race at local memory", Reports);
    }

    [SkippableFact]
    public void AnAccessOutsideOfABufferIsFound()
    {
        using AcceleratorEngine engine = Open(tuned: true);
        using MemoryBuffer1D<int, Stride1D.Dense> buffer = engine.Accelerator.Allocate1D<int>(10);

        engine.Accelerator.LoadAutoGroupedStreamKernel<Index1D, ArrayView<int>>(WriteToTheNext)(10, buffer.View);
        engine.Queue.Synchronize();

        Assert.Contains("Invalid write of size 4", Reports);
    }

    [SkippableFact]
    public void AReadOfWhatWasNeverWrittenIsFound()
    {
        using AcceleratorEngine engine = Open(tuned: true);
        using var step = new RandomStep(engine.Accelerator, engine.Queue, images: 3, hidden: 5);

        engine.Queue.LaunchOutputLayer(step.Activations.H, step.Network.Views, step.Output);
        engine.Queue.Synchronize();

        Assert.Contains("uninitialized value", Reports);
    }

    private static void WriteToTheNext(Index1D index, ArrayView<int> view) => view[index + 1] = index;

    private static void AssertRight(IEnumerable<VerificationRow> rows) =>
        Assert.All(rows, row => Assert.True(row.Ok, $"{row}"));

    /// <summary>
    /// Oclgrind's device, as if it had the generic address space without which ILGPU uses none: a header that
    /// oclgrind.sh has it include makes the kernels do without.
    /// </summary>
    private static AcceleratorEngine Open(bool tuned, string? barrierFlags = null)
    {
        Skip.If(s_log is null, "tests/opencl/oclgrind.sh runs this.");
        File.Delete(s_log!);
        DriverLibraries.ResolveByVersion();
        OpenClBarrier.Mend();
        Context context = Context.Create(builder => builder.OpenCL(_ => true).EnableAlgorithms());
        CLDevice device = context.GetCLDevice(0);
        typeof(CLCapabilityContext).GetProperty(nameof(CLCapabilityContext.GenericAddressSpace))!
            .SetValue(device.Capabilities, true);

        var flags = (string[])typeof(CLInstructions)
            .GetField("MemoryFenceFlags", BindingFlags.NonPublic | BindingFlags.Static)!.GetValue(null)!;
        string mended = flags[0];
        try
        {
            flags[0] = barrierFlags ?? mended;
            return new AcceleratorEngine(context, device, "opencl:0", "OpenCL device", tuned);
        }
        finally
        {
            flags[0] = mended;
        }
    }
}
