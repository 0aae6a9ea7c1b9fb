using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;

namespace Ilgpu.Tests;

/// <summary>Two CPU accelerators for the tests of a class: groups of at most 16 threads, and of at most 1024.</summary>
public sealed class CpuFixture : IDisposable
{
    private readonly Context _context =
        Context.Create(builder => builder.CPU(CPUDeviceKind.Default).CPU(CPUDeviceKind.Nvidia).EnableAlgorithms());

    public CpuFixture()
    {
        Small = _context.CreateCPUAccelerator(0);
        Large = _context.CreateCPUAccelerator(1);
    }

    /// <summary>Groups of at most 16 threads.</summary>
    public Accelerator Small { get; }

    /// <summary>Groups of at most 1024 threads.</summary>
    public Accelerator Large { get; }

    public void Dispose()
    {
        Small.Dispose();
        Large.Dispose();
        _context.Dispose();
    }
}
