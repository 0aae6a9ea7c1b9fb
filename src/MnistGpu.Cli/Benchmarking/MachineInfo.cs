using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using MnistGpu.Gpu;

namespace MnistGpu.Cli.Benchmarking;

/// <summary>What a benchmark ran on.</summary>
internal sealed record MachineInfo
{
    /// <summary>The processor's own name, or its architecture where it does not tell.</summary>
    public required string Cpu { get; init; }

    /// <summary>Logical processors that this process may use.</summary>
    public required int Cores { get; init; }

    /// <summary>Width of the vectors that the processor computes with, in bits.</summary>
    public required int SimdBits { get; init; }

    public required IReadOnlyList<AcceleratorInfo> Accelerators { get; init; }

    public required string OperatingSystem { get; init; }

    public required string DotNet { get; init; }

    /// <summary>The version of ILGPU: "1.5.3".</summary>
    public required string Ilgpu { get; init; }

    /// <summary>This machine.</summary>
    public static MachineInfo Here(IReadOnlyList<AcceleratorInfo> accelerators) => new()
    {
        Cpu = ProcessorName.Read(),
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
}
