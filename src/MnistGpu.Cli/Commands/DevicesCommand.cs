using System.CommandLine;
using MnistGpu.Cli.Benchmarking;
using MnistGpu.Cli.Engines;
using MnistGpu.Cli.Output;
using MnistGpu.Core.Reference;
using MnistGpu.Core.Simd;
using MnistGpu.Gpu.Devices;
using MnistGpu.Gpu.Engine;
using MnistGpu.Gpu.Measurement;

namespace MnistGpu.Cli.Commands;

/// <summary><c>mnistgpu devices</c>: which devices can be used, which cannot and why, and what <c>auto</c> picks.</summary>
internal static class DevicesCommand
{
    public static Command Create(Terminal terminal)
    {
        var measure = new Option<bool>("--measure")
        {
            Description = "Measure what limits each accelerator, and whether it can train MNIST faster than the CPU engine",
        };
        var command = new CommandWithExamples("devices", "List available devices",
            "mnistgpu devices",
            "mnistgpu devices --measure")
        {
            measure,
        };
        command.SetAction(parsed => parsed.GetValue(measure) ? Measure(terminal) : Run(terminal, AcceleratorCatalog.List));
        return command;
    }

    /// <summary>Prints the devices; if accelerators cannot be listed, the reason and the rest.</summary>
    internal static int Run(Terminal terminal, Func<AcceleratorList> listAccelerators)
    {
        AcceleratorList accelerators = new([], []);
        try
        {
            accelerators = listAccelerators();
        }
        catch (InvalidOperationException exception)
        {
            terminal.WriteError($"warning: {exception.Message}", exception);
        }

        using var reference = new ReferenceEngine();
        using var cpu = new SimdEngine();
        Write(terminal, "cpu", [$"the CPU engine: {cpu.Description}", .. ThreadsOf(Environment.ProcessorCount)]);
        Write(terminal, "reference", $"the reference engine: {reference.Description}");
        foreach (AcceleratorInfo info in accelerators.Found)
            Write(terminal, info.Device, [$"{info.Kind}: {info.Name}", .. FiguresOf(info)]);
        foreach (string reason in accelerators.LeftOut)
            Write(terminal, "not used", reason);

        terminal.WriteLine($"Accelerators are found and used through ILGPU {AcceleratorCatalog.Ilgpu}.");
        AcceleratorInfo? small = accelerators.PreferredGpu(hidden: 1);
        AcceleratorInfo? large = accelerators.PreferredGpu(hidden: int.MaxValue);
        terminal.WriteLine(
            large is null ? "--device auto is cpu: there is no usable GPU."
            : small == large ? $"--device auto is {large.Device}, the first GPU."
            : $"--device auto is {small?.Device ?? "cpu"}, and from {AcceleratorList.LeastHiddenOfIntegratedGpu} hidden units up "
                + $"{large.Device}: it is integrated, and slower than the CPU below that.");
        return 0;
    }

    /// <summary>Measures the accelerators one by one, except ILGPU's, whose figures are not those of hardware.</summary>
    private static int Measure(Terminal terminal)
    {
        IReadOnlyList<(int Hidden, double Seconds)> cpu = Verdict.TimeCpu(terminal.Cancellation);
        Write(terminal, "cpu", cpu.Select(size =>
            $"{size.Seconds * 1e3:N0} ms per epoch of MNIST with {size.Hidden:N0} hidden units"));
        BusyMachine.Warn(terminal);
        AcceleratorList accelerators = AcceleratorCatalog.List();
        foreach (string reason in accelerators.LeftOut)
            Write(terminal, "not used", reason);
        int exitCode = 0;
        foreach (AcceleratorInfo info in accelerators.Found.Where(info => info.Device != AcceleratorCatalog.CpuDevice))
            try
            {
                using AcceleratorEngine engine = AcceleratorEngine.Open(info.Device);
                engine.Measure(() =>
                {
                    var limits = DeviceLimits.Of(new KernelMeasurement(engine, info.IsGpu, terminal.Cancellation));
                    Write(terminal, info.Device, limits.ToString(), Verdict.Of(info.Device, limits, cpu));
                });
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // Whatever a driver throws: the other devices continue.
                terminal.WriteError(
                    exception is DeviceException fault ? DeviceAdvice.Explain(fault)
                        : $"{info.Device} ({info.Name}) cannot be measured: {exception.Message}", exception);
                exitCode = 1;
            }
        return exitCode;
    }

    private static IEnumerable<string> ThreadsOf(int cores) => cores > 2
        ? ["one per core; only 2 for up to 128 hidden units or batches of up to 8 images, which have no work for more"]
        : [];

    private static IEnumerable<string> FiguresOf(AcceleratorInfo info)
    {
        // ILGPU's CPU accelerator imitates a small GPU; its figures are not those of hardware.
        if (info.Device == AcceleratorCatalog.CpuDevice)
            return ["for debugging kernels, and slow; use cpu for speed"];
        return
        [
            $"{info.MemoryBytes / 1e9:0.0} GB, {info.Multiprocessors:N0} multiprocessors",
            $"{info.MaxGroupSize:N0} threads and {info.SharedBytes / 1024:N0} KB of shared memory per group",
            info.Version!,
        ];
    }

    private static void Write(Terminal terminal, string name, params IEnumerable<string> lines)
    {
        foreach (string line in lines)
        {
            terminal.WriteLine($"{name,-11}{line}");
            name = "";
        }
    }
}
