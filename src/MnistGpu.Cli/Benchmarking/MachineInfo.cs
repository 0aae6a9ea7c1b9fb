using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Microsoft.Win32;
using MnistGpu.Gpu.Devices;

namespace MnistGpu.Cli.Benchmarking;

/// <summary>What a benchmark ran on.</summary>
internal sealed record MachineInfo
{
    /// <summary>The processor's name as its maker writes it, or its architecture if the system does not say.</summary>
    public required string Cpu { get; init; }

    /// <summary>Logical processors that this process may use.</summary>
    public required int Cores { get; init; }

    /// <summary>Width of the processor's vectors, in bits.</summary>
    public required int SimdBits { get; init; }

    public required IReadOnlyList<AcceleratorInfo> Accelerators { get; init; }

    public required string OperatingSystem { get; init; }

    public required string DotNet { get; init; }

    /// <summary>The version of ILGPU: "1.5.3".</summary>
    public required string Ilgpu { get; init; }

    /// <summary>This machine.</summary>
    public static MachineInfo Read(IReadOnlyList<AcceleratorInfo> accelerators) => new()
    {
        Cpu = ProcessorName(),
        Cores = Environment.ProcessorCount,
        SimdBits = Vector512.IsHardwareAccelerated ? 512
            : Vector256.IsHardwareAccelerated ? 256
            : Vector128.IsHardwareAccelerated ? 128
            : 0,
        Accelerators = accelerators,
        OperatingSystem = $"{RuntimeInformation.OSDescription}, {RuntimeInformation.OSArchitecture}",
        DotNet = RuntimeInformation.FrameworkDescription,
        Ilgpu = AcceleratorCatalog.Ilgpu,
    };

    /// <summary>In one line: "AMD EPYC 7543, 2 cores, vectors of 256 bits".</summary>
    public override string ToString() =>
        $"{Cpu}, {(Cores == 1 ? "1 core" : $"{Cores} cores")}, "
        + (SimdBits == 0 ? "no vectors" : $"vectors of {SimdBits} bits");

    private static string ProcessorName()
    {
        try
        {
            string? name = System.OperatingSystem.IsLinux() ? LinuxName()
                : System.OperatingSystem.IsMacOS() ? MacName()
                : System.OperatingSystem.IsWindows() ? WindowsName()
                : null;
            if (!string.IsNullOrWhiteSpace(name))
                return string.Join(' ', name.Split([' ', '\0'], StringSplitOptions.RemoveEmptyEntries));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException
            or System.Security.SecurityException or System.ComponentModel.Win32Exception)
        {
            // A benchmark must not fail for lack of a name.
        }
        return RuntimeInformation.ProcessArchitecture.ToString();
    }

    /// <summary>The processor on x86; on ARM and others, which lack this line, the board.</summary>
    private static string LinuxName()
    {
        const string label = "model name";
        return File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith(label, StringComparison.Ordinal))
            ?[label.Length..].TrimStart(' ', '\t', ':')
            ?? File.ReadAllText("/sys/firmware/devicetree/base/model");
    }

    private static string MacName()
    {
        using Process sysctl = Process.Start(
            new ProcessStartInfo("sysctl", ["-n", "machdep.cpu.brand_string"]) { RedirectStandardOutput = true })!;
        string name = sysctl.StandardOutput.ReadToEnd();
        sysctl.WaitForExit();
        return name.Trim();
    }

    [System.Runtime.Versioning.SupportedOSPlatform("windows")]
    private static string? WindowsName() => Registry.GetValue(
        @"HKEY_LOCAL_MACHINE\HARDWARE\DESCRIPTION\System\CentralProcessor\0", "ProcessorNameString", null) as string;
}
