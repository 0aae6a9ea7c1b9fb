using ILGPU;
using ILGPU.Runtime;
using MnistGpu.Gpu.Memory;
using MnistGpu.Kernels;
using MnistGpu.Kernels.Augmentation;

namespace MnistGpu.Gpu.Engine;

/// <summary>Draws distortions of training images on the accelerator that has them, new ones for each epoch.</summary>
internal sealed class DeviceDistortion : IDisposable
{
    private readonly DeviceQueue _queue;
    private readonly DeviceBuffers _buffers, _listBuffers;
    private readonly Images _loaded;
    private readonly int _count;
    private readonly Action<AcceleratorStream, Index1D, int, int, ArrayView<short>> _drawNumbers;
    private readonly Action<AcceleratorStream, Index1D, ArrayView<short>, ArrayView<byte>, ArrayView<byte>> _draw;
    private readonly Action<AcceleratorStream, Index1D, ArrayView<byte>, ArrayView<int>> _countLit;
    private readonly Action<AcceleratorStream, Index1D, Images> _write;
    private readonly ArrayView<short> _numbers;
    private Images _distorted;

    /// <summary>The number of lit pixels that there is room for.</summary>
    private int _capacity;

    /// <summary>Compiles the kernels and allocates a second set of images.</summary>
    /// <param name="accelerator">Where the images are.</param>
    /// <param name="queue">Copies, and counts launches.</param>
    /// <param name="images">The training images as they were loaded.</param>
    public DeviceDistortion(Accelerator accelerator, DeviceQueue queue, Images images)
    {
        (_queue, _loaded, _count) = (queue, images, images.Labels.IntLength);
        (_buffers, _listBuffers) = (new DeviceBuffers(accelerator), new DeviceBuffers(accelerator));
        int groupSize = accelerator.AcceleratorType == AcceleratorType.CPU ? 1 : 128;
        _drawNumbers = accelerator.LoadImplicitlyGroupedKernel<Index1D, int, int, ArrayView<short>>(
            Distortion.DrawNumbers, groupSize);
        _draw = accelerator.LoadImplicitlyGroupedKernel<Index1D, ArrayView<short>, ArrayView<byte>, ArrayView<byte>>(
            Distortion.Draw, groupSize);
        _countLit = accelerator.LoadImplicitlyGroupedKernel<Index1D, ArrayView<byte>, ArrayView<int>>(
            LitList.Count, groupSize);
        _write = accelerator.LoadImplicitlyGroupedKernel<Index1D, Images>(LitList.Write, groupSize);
        _numbers = _buffers.Allocate<short>((long)_count * Distortion.NumbersPerImage);
        _distorted = images with
        {
            Pixels = _buffers.Allocate<byte>(images.Pixels.Length),
            LitStarts = _buffers.Allocate<int>(_count + 1),
        };
    }

    /// <summary>The images of an epoch; the next call overwrites them.</summary>
    public Images Draw(int seed, int epoch)
    {
        _queue.Launch(() => _drawNumbers(_queue.Stream, Distortion.NumbersLaunch(_count), seed, epoch, _numbers));
        _queue.Launch(() => _draw(_queue.Stream, _loaded.Pixels.IntLength, _numbers, _loaded.Pixels, _distorted.Pixels));
        _queue.Launch(() => _countLit(_queue.Stream, _count, _distorted.Pixels, _distorted.LitStarts));
        int[] counts = _queue.Download(_distorted.LitStarts.SubView(0, _count));
        var starts = new int[_count + 1];
        for (int i = 0; i < _count; i++)
            starts[i + 1] = checked(starts[i] + counts[i]);
        int lit = starts[_count];
        if (lit > _capacity)
        {
            // Other distortions may have a few more or fewer.
            _capacity = lit + lit / 16;
            _listBuffers.Dispose();
            _distorted = _distorted with { Lit = _listBuffers.Allocate<LitPixel>(_capacity) };
        }
        _queue.Upload<int>(starts, _distorted.LitStarts);
        _queue.Launch(() => _write(_queue.Stream, _count, _distorted));
        return _distorted;
    }

    /// <summary>Frees the memory; never throws.</summary>
    public void Dispose()
    {
        _listBuffers.Dispose();
        _buffers.Dispose();
    }
}
