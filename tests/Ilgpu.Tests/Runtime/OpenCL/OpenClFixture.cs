using ILGPU;
using ILGPU.Runtime.OpenCL;

namespace Ilgpu.Tests.Runtime.OpenCL;

/// <summary>An accelerator on the first OpenCL device, for the tests of a class.</summary>
public sealed class OpenClFixture : IDisposable
{
    private readonly Context _context = Context.Create(builder => builder.OpenCL());
    private readonly CLAccelerator? _accelerator;

    public OpenClFixture()
    {
        if (_context.GetCLDevices().Count > 0)
            _accelerator = NewAccelerator();
    }

    /// <summary>Skips the test where there is no OpenCL device.</summary>
    public CLAccelerator Accelerator
    {
        get
        {
            Skip.If(_accelerator is null, $"{AppContext.GetData(CLContextExtensions.ProblemName)}");
            return _accelerator;
        }
    }

    /// <summary>Another accelerator on the same device, with the kernels that are written by hand.</summary>
    internal CLAccelerator NewAccelerator() =>
        new(_context, _context.GetCLDevices()[0]) { Translate = HandWrittenKernels.Source };

    public void Dispose()
    {
        _accelerator?.Dispose();
        _context.Dispose();
    }
}
