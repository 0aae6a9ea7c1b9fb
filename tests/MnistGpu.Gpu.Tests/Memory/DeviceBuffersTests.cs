using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using MnistGpu.Gpu.Memory;
using MnistGpu.Gpu.Tests.Engine;

namespace MnistGpu.Gpu.Tests.Memory;

public class DeviceBuffersTests
{
    [Fact]
    public void ABufferThatFailsIsForgottenAndTheOthersAreFreed()
    {
        using Context context = Context.Create(builder => builder.CPU());
        using Accelerator accelerator = context.GetDevice<CPUDevice>(0).CreateAccelerator(context);
        var buffers = new DeviceBuffers(accelerator);
        var before = new FailingBuffer();
        MemoryBuffer1D<int, Stride1D.Dense> after = accelerator.Allocate1D<int>(3);
        buffers.Add(before);
        buffers.Add(after);

        buffers.Dispose();
        buffers.Dispose();

        Assert.Equal(1, before.Disposals);
        Assert.True(after.IsDisposed);
    }
}
