using ILGPU.Runtime;
using MnistGpu.Core.Data;
using MnistGpu.Gpu.Engine;
using MnistGpu.Kernels;

namespace MnistGpu.Gpu.Memory;

/// <summary>
/// An engine's training images in its accelerator's memory, and their distortions. Engines beside one another share one copy of
/// the images; each has its own distortions.
/// </summary>
/// <param name="accelerator">Where they are.</param>
/// <param name="queue">Copies, and launches the distortions.</param>
/// <param name="shared">The images of the first engine, for one beside it; they must be disposed after these.</param>
internal sealed class TrainingImages(Accelerator accelerator, DeviceQueue queue, TrainingImages? shared = null) : IDisposable
{
    private readonly DeviceBuffers _buffers = new(accelerator);
    private ImageSet? _loaded;
    private Images? _images;
    private Images? _distorted;
    private DeviceDistortion? _distortion;

    /// <summary>What the next epoch trains on; null before <see cref="Load"/>.</summary>
    public Images? Current => _distorted ?? _images;

    /// <summary>Uploads images; the same set again costs nothing.</summary>
    /// <exception cref="InvalidOperationException">Engines beside one another would train on different images.</exception>
    public void Load(ImageSet images)
    {
        // An engine beside this one may load them for both.
        lock (_buffers)
        {
            _distorted = null;
            if (_loaded == images)
                return;
            Dispose();
            if (images.Count > 0)
                _images = shared is null ? DeviceImages.Upload(_buffers, queue, images.Pixels, images.Labels) : shared.Share(images);
            _loaded = images;
        }
    }

    /// <summary>Draws an epoch's distortions, which are <see cref="Current"/> until the next call.</summary>
    public void Distort(int seed, int epoch)
    {
        Images loaded = _images ?? throw new InvalidOperationException("LoadTrainingImages comes first.");
        lock (accelerator)
            _distortion ??= new DeviceDistortion(accelerator, queue, loaded);
        _distorted = _distortion.Draw(seed, epoch);
    }

    /// <summary>Frees the memory; never throws.</summary>
    public void Dispose()
    {
        (_loaded, _images, _distorted) = (null, null, null);
        _distortion?.Dispose();
        _distortion = null;
        _buffers.Dispose();
    }

    /// <summary>This copy, for an engine beside this one.</summary>
    private Images Share(ImageSet images)
    {
        lock (_buffers)
        {
            if (_loaded is null)
                Load(images);
            return _loaded == images ? _images!.Value
                : throw new InvalidOperationException("Engines beside one another must train on the same images.");
        }
    }
}
