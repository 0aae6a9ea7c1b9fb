using MnistGpu.Cli.Output;
using MnistGpu.Core.Reference;
using MnistGpu.Core.Simd;
using MnistGpu.Core.Training;
using MnistGpu.Gpu.Engine;

namespace MnistGpu.Cli.Engines;

/// <summary>From a device's name on the command line to the engine that computes there.</summary>
internal static class EngineCatalog
{
    /// <summary>Each has a thread of the host, and its distorted images some of the device's memory.</summary>
    private const int MostNetworksAtOnce = 32;

    /// <summary>
    /// Opens the engine of a device; the caller disposes it. "auto" is the first GPU, or, with a warning if a GPU fails, the
    /// CPU engine.
    /// </summary>
    /// <param name="device">Which.</param>
    /// <param name="hidden">Hidden units of the network; "auto" depends on them.</param>
    /// <param name="threads">Threads of the CPU engine; null for all cores.</param>
    /// <param name="terminal">Where warnings go.</param>
    /// <exception cref="InvalidOperationException">The named device does not exist or cannot be used.</exception>
    public static ITrainingEngine Open(DeviceName device, int hidden, int? threads, Terminal terminal) =>
        device == DeviceName.Reference ? new ReferenceEngine()
        : device == DeviceName.Cpu ? new SimdEngine(threads ?? 0)
        : device == DeviceName.Auto ? OpenGpuOrCpu(() => Tell(AcceleratorEngine.OpenPreferredGpu(hidden), terminal), threads, terminal)
        : Tell(OpenAccelerator(device), terminal)!;

    /// <summary>
    /// Opens engines for trainings side by side: on the CPU several with one thread each, which use the caches better than one
    /// training on all cores; on CUDA as many as fit on the GPU; otherwise one. They must be disposed from the last to the first.
    /// </summary>
    /// <param name="device">As above. If a GPU chosen by "auto" fails later, that is an exception.</param>
    /// <param name="hidden">As above, for the largest network.</param>
    /// <param name="smallest">Hidden units and images per step of the training that needs the least of a GPU.</param>
    /// <param name="threads">Trainings at a time on the CPU, at least 1.</param>
    /// <param name="trainings">How many there are, at least 1.</param>
    /// <param name="terminal">As above.</param>
    /// <exception cref="InvalidOperationException">The named device does not exist or cannot be used.</exception>
    public static IReadOnlyList<ITrainingEngine> OpenSeveral(
        DeviceName device, int hidden, (int Hidden, int BatchSize) smallest, int threads, int trainings, Terminal terminal)
    {
        ITrainingEngine engine = Open(device, hidden, threads: null, terminal);
        switch (Current(engine))
        {
            case SimdEngine:
                engine.Dispose();
                return [.. Enumerable.Range(0, Math.Min(threads, trainings)).Select(_ => new SimdEngine(threads: 1))];
            case AcceleratorEngine gpu when gpu.NetworksAtOnce(smallest.Hidden, smallest.BatchSize) is > 1 and int networks:
                int beside = Math.Min(Math.Min(networks, MostNetworksAtOnce), trainings) - 1;
                return [gpu, .. Enumerable.Range(0, beside).Select(_ => gpu.Beside())];
            default:
                return [engine];
        }
    }

    /// <summary>The name that an engine's device has on the command line; never "auto".</summary>
    public static string DeviceOf(ITrainingEngine engine) =>
        Current(engine) is AcceleratorEngine accelerator ? accelerator.Device : engine.Name;

    /// <summary>The engine that computes: for "auto", the one chosen.</summary>
    public static ITrainingEngine Current(ITrainingEngine engine) =>
        engine is FallbackEngine choice ? choice.Current : engine;

    /// <summary>The engine of a GPU, for as long as it works, if there is one; otherwise the CPU engine.</summary>
    /// <param name="openGpu">Opens the GPU's engine; returns null if there is no GPU, and throws if it cannot be used.</param>
    /// <param name="threads">Threads of the CPU engine; null for all cores.</param>
    /// <param name="terminal">Where the reason goes if a GPU is passed over.</param>
    internal static ITrainingEngine OpenGpuOrCpu(Func<ITrainingEngine?> openGpu, int? threads, Terminal terminal)
    {
        try
        {
            if (openGpu() is ITrainingEngine gpu)
                return new FallbackEngine(gpu, () => new SimdEngine(threads ?? 0), terminal);
        }
        catch (Exception exception)
        {
            // Whatever a driver throws: the CPU can always train.
            terminal.WriteError($"warning: {exception.Message}; the CPU takes over", exception);
        }
        return new SimdEngine(threads ?? 0);
    }

    private static AcceleratorEngine OpenAccelerator(DeviceName device)
    {
        try
        {
            return AcceleratorEngine.Open(device.ToString());
        }
        catch (InvalidOperationException exception)
        {
            throw new InvalidOperationException($"{exception.Message}; use --device auto or cpu", exception);
        }
    }

    private static AcceleratorEngine? Tell(AcceleratorEngine? engine, Terminal terminal)
    {
        if (engine is null)
            return null;
        engine.Warn = message => terminal.WriteError($"warning: {message}");
        if (terminal.IsVerbose)
            engine.Explain = terminal.WriteError;
        return engine;
    }
}
