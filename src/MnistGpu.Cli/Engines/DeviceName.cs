using MnistGpu.Gpu.Devices;

namespace MnistGpu.Cli.Engines;

/// <summary>The name of a device on the command line: "auto", "cpu", "reference", or that of an accelerator, here or not.</summary>
internal readonly record struct DeviceName
{
    /// <summary>The names of accelerators, in words.</summary>
    public const string Accelerators = "cuda[:i], opencl[:i] or " + AcceleratorCatalog.CpuDevice;

    /// <summary>The names of single devices, in words.</summary>
    public const string Devices = "cpu, reference, " + Accelerators;

    /// <summary>All names, in words.</summary>
    public const string All = "auto, " + Devices;

    /// <summary>The first GPU, or without one the CPU engine.</summary>
    public static readonly DeviceName Auto = new("auto");

    /// <summary>The CPU engine.</summary>
    public static readonly DeviceName Cpu = new("cpu");

    /// <summary>The reference engine.</summary>
    public static readonly DeviceName Reference = new("reference");

    private readonly string _text;

    private DeviceName(string text) => _text = text;

    /// <summary>The name of an accelerator in full, "cuda:0" for "cuda"; null for other names.</summary>
    public string? Accelerator => AcceleratorCatalog.FullName(_text);

    /// <summary>Reads a name; null if it is not one.</summary>
    public static DeviceName? Parse(string text)
    {
        var name = new DeviceName(text);
        return name == Auto || name == Cpu || name == Reference || name.Accelerator is not null ? name : null;
    }

    /// <summary>The name as it was written.</summary>
    public override string ToString() => _text;
}
