using ILGPU.Runtime;
using MnistGpu.Core.Network;
using MnistGpu.Core.Training;
using MnistGpu.Gpu.Engine;
using MnistGpu.Kernels;

namespace MnistGpu.Gpu.Memory;

/// <summary>The network that an engine trains, in its accelerator's memory, and its velocity once there is one.</summary>
internal sealed class TrainedNetwork(Accelerator accelerator, DeviceQueue queue) : IDisposable
{
    private readonly DeviceBuffers _buffers = new(accelerator);
    private DeviceNetwork? _network;
    private DeviceNetwork? _velocity;

    /// <summary>The parameters.</summary>
    public Network Views => Existing.Views;

    /// <summary>The velocity. Kernels need some memory there, but do not use it without momentum.</summary>
    public Network VelocityViews => (_velocity ?? Existing).Views;

    private DeviceNetwork Existing => _network ?? throw new InvalidOperationException("SetParameters comes first.");

    /// <summary>Uploads parameters, and sets the velocity to 0.</summary>
    public void Set(NetworkParameters parameters)
    {
        if (_network?.Hidden != parameters.Hidden)
        {
            Dispose();
            _network = new DeviceNetwork(_buffers, parameters.Hidden);
        }
        _network.Upload(queue, parameters);
        if (_velocity is not null)
            SetVelocity(new NetworkParameters(parameters.Hidden));
    }

    /// <summary>Uploads a velocity.</summary>
    public void SetVelocity(NetworkParameters velocity)
    {
        EngineContract.CheckVelocity(velocity, Existing.Hidden);
        _velocity ??= new DeviceNetwork(_buffers, velocity.Hidden);
        _velocity.Upload(queue, velocity, fill: 0);
    }

    /// <summary>Sets the velocity to 0 if there is none.</summary>
    public void EnsureVelocity()
    {
        if (_velocity is null)
            SetVelocity(new NetworkParameters(Existing.Hidden));
    }

    /// <summary>Downloads the parameters.</summary>
    public NetworkParameters Get() => Existing.Download(queue);

    /// <summary>Downloads the velocity.</summary>
    public NetworkParameters GetVelocity() => _velocity?.Download(queue) ?? new NetworkParameters(Existing.Hidden);

    /// <summary>Frees the memory; never throws. Another network may be set afterwards.</summary>
    public void Dispose()
    {
        (_network, _velocity) = (null, null);
        _buffers.Dispose();
    }
}
