using ILGPU;
using ILGPU.Runtime.Launching;
using ILGPU.Runtime.OpenCL;
using ILGPU.Runtime.OpenCL.Translation;

namespace Ilgpu.Tests.Runtime.OpenCL;

/// <summary>An accelerator on the first OpenCL device, for the tests of a class.</summary>
public sealed class OpenClFixture : IDisposable
{
    private readonly Context _context = Context.Create(builder => builder.OpenCL());
    private CLAccelerator? _accelerator;

    /// <summary>Skips the test where there is no OpenCL device.</summary>
    public CLAccelerator Accelerator => _accelerator ??= NewAccelerator();

    /// <summary>Another accelerator on the same device. Skips the test where there is none.</summary>
    /// <param name="translate">What makes OpenCL C of a kernel; null for what was written by hand.</param>
    internal CLAccelerator NewAccelerator(Func<KernelDescription, OpenClSource>? translate = null)
    {
        Skip.If(_context.GetCLDevices().Count == 0, $"{AppContext.GetData(CLContextExtensions.ProblemName)}");
        return new CLAccelerator(_context, _context.GetCLDevices()[0])
        {
            Translate = translate ?? HandWrittenKernels.Source
        };
    }

    public void Dispose()
    {
        _accelerator?.Dispose();
        _context.Dispose();
    }
}
