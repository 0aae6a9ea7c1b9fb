using ILGPU;
using ILGPU.Runtime;
using MnistGpu.Core.Network;
using MnistGpu.Core.Training;
using MnistGpu.Gpu.Engine;
using MnistGpu.Kernels;

namespace MnistGpu.Gpu.Memory;

/// <summary>What the steps of an epoch share in an accelerator's memory. Epochs of the same sizes use the same memory.</summary>
internal sealed class EpochMemory(Accelerator accelerator, DeviceQueue queue) : IDisposable
{
    private (int Images, int BatchSize, int Hidden) _sizes;

    /// <summary>What owns it.</summary>
    public DeviceBuffers Buffers { get; } = new(accelerator);

    /// <summary>Indices of images.</summary>
    public ArrayView<int> Order { get; private set; }

    /// <summary>What the steps compute.</summary>
    public Activations Activations { get; private set; }

    /// <summary>Uploads the order, and sets hits to 0.</summary>
    /// <param name="order">Indices of images.</param>
    /// <param name="batchSize">Images per step, at most as many as there are.</param>
    /// <param name="hidden">Hidden units, including padding.</param>
    /// <exception cref="ArgumentException">A batch has more than 2³¹ − 1 hidden activations.</exception>
    public void Prepare(ReadOnlySpan<int> order, int batchSize, int hidden)
    {
        if ((order.Length, batchSize, hidden) != _sizes)
            Allocate(order.Length, batchSize, hidden);
        queue.Upload(order, Order);
        queue.Upload([0], Activations.Hits);
    }

    /// <summary>Reads back what the epoch measured, when all its steps are done.</summary>
    public EpochStatistics DownloadStatistics()
    {
        float[] losses = queue.Download(Activations.Losses);
        return new EpochStatistics(losses.Average(loss => (double)loss), queue.Download(Activations.Hits)[0]);
    }

    /// <summary>Frees the memory; never throws.</summary>
    public void Dispose() => Buffers.Dispose();

    private void Allocate(int images, int batchSize, int hidden)
    {
        if ((long)batchSize * hidden > int.MaxValue)
            throw new ArgumentException(
                $"a batch of {batchSize} images is too large for {hidden} hidden units; use a smaller one");
        _sizes = default;
        Buffers.Dispose();
        Order = Buffers.Allocate<int>(images);
        Activations = new Activations(
            Buffers.AllocateMatrix(batchSize, hidden), Buffers.AllocateMatrix(batchSize, NetworkParameters.Outputs),
            Buffers.AllocateMatrix(batchSize, hidden), Buffers.Allocate<float>(images), Buffers.Allocate<int>(1));
        _sizes = (images, batchSize, hidden);
    }
}
