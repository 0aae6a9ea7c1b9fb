using MnistGpu.Cli.Engines;
using MnistGpu.Cli.Output;
using MnistGpu.Core.Training;
using MnistGpu.Gpu.Devices;

namespace MnistGpu.Cli.Benchmarking;

/// <summary>A device to measure.</summary>
/// <param name="Name">As <c>--device</c> takes it.</param>
/// <param name="Open">Makes its engine; throws if the device cannot be used.</param>
/// <param name="IsGpu">Whether it is a GPU.</param>
/// <param name="SimulatesGpu">Whether it runs GPU kernels on a CPU.</param>
internal sealed record BenchmarkDevice(
    string Name, Func<ITrainingEngine> Open, bool IsGpu = false, bool SimulatesGpu = false)
{
    /// <summary>The engine whose weights all others are compared with.</summary>
    public const string Reference = "reference";

    /// <summary>The devices with the given names, without duplicates.</summary>
    /// <param name="names">Any but "auto"; none for every device except ILGPU's, which is for debugging.</param>
    /// <param name="accelerators">The accelerators of this machine.</param>
    /// <param name="terminal">Where warnings go.</param>
    /// <exception cref="InvalidOperationException">There is no device with one of these names.</exception>
    public static IReadOnlyList<BenchmarkDevice> Choose(
        IReadOnlyList<DeviceName> names, AcceleratorList accelerators, Terminal terminal)
    {
        if (names.Count == 0)
        {
            if (accelerators.Fault is string fault)
                terminal.WriteError($"warning: {fault}");
            names =
            [
                DeviceName.Reference, DeviceName.Cpu,
                .. accelerators.Found.Where(info => info.Device != AcceleratorCatalog.CpuDevice)
                    .Select(info => DeviceName.Parse(info.Device)!.Value),
            ];
        }
        List<BenchmarkDevice> devices = [];
        foreach (DeviceName name in names)
        {
            AcceleratorInfo? info = name.Accelerator is null ? null
                : accelerators.Found.FirstOrDefault(info => info.Device == name.Accelerator)
                    ?? throw new InvalidOperationException($"{accelerators.WhyThereIsNo(name.ToString())}; leave it out of --devices");
            string device = info?.Device ?? name.ToString();
            if (!devices.Exists(other => other.Name == device))
                devices.Add(new BenchmarkDevice(
                    device, () => EngineCatalog.Open(name, hidden: 0, threads: null, terminal),
                    info?.IsGpu ?? false, info?.RunsOnCpu ?? false));
        }
        return devices;
    }
}
