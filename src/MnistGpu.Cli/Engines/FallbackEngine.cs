using MnistGpu.Cli.Output;
using MnistGpu.Core.Data;
using MnistGpu.Core.Network;
using MnistGpu.Core.Training;
using MnistGpu.Gpu.Devices;

namespace MnistGpu.Cli.Engines;

/// <summary>
/// A GPU's engine until the GPU fails, and the CPU engine from then on: what <c>--device auto</c> is if there is a GPU.
/// A failed epoch is trained again, from the parameters it started with.
/// </summary>
/// <param name="gpu">Disposed with this, or when it fails.</param>
/// <param name="openCpu">Opens the CPU engine.</param>
/// <param name="terminal">Where the reason goes if the GPU is given up.</param>
internal sealed class FallbackEngine(ITrainingEngine gpu, Func<ITrainingEngine> openCpu, Terminal terminal)
    : ITrainingEngine
{
    private ImageSet? _images;
    private NetworkParameters? _parameters;
    private NetworkParameters? _velocity;
    private (int Seed, int Epoch)? _distortion;
    private bool _isGpu = true;

    /// <summary>The engine that computes now.</summary>
    public ITrainingEngine Current { get; private set; } = gpu;

    /// <inheritdoc/>
    public string Name => Current.Name;

    /// <inheritdoc/>
    public string Description => Current.Description;

    /// <inheritdoc/>
    public void LoadTrainingImages(ImageSet images)
    {
        (_images, _distortion) = (images, null);
        Run(engine => engine.LoadTrainingImages(images));
    }

    /// <inheritdoc/>
    public void DistortTrainingImages(int seed, int epoch)
    {
        _distortion = (seed, epoch);
        Run(engine => engine.DistortTrainingImages(seed, epoch));
    }

    /// <inheritdoc/>
    public void SetParameters(NetworkParameters parameters)
    {
        (_parameters, _velocity) = (parameters.Clone(), null);
        Run(engine => engine.SetParameters(parameters));
    }

    /// <inheritdoc/>
    public NetworkParameters GetParameters() => Run(engine => engine.GetParameters());

    /// <inheritdoc/>
    public void SetVelocity(NetworkParameters velocity)
    {
        _velocity = velocity.Clone();
        Run(engine => engine.SetVelocity(velocity));
    }

    /// <inheritdoc/>
    public NetworkParameters GetVelocity() => Run(engine => engine.GetVelocity());

    /// <inheritdoc/>
    public EpochStatistics TrainEpoch(
        ReadOnlyMemory<int> order,
        int batchSize,
        EpochRates rates,
        IProgress<EpochProgress>? progress,
        CancellationToken cancellationToken)
        => Run(engine =>
        {
            EpochStatistics statistics =
                engine.TrainEpoch(order, batchSize, rates, progress, cancellationToken);
            if (_isGpu)
                (_parameters, _velocity) =
                    (engine.GetParameters(), rates.Momentum == 0 ? null : engine.GetVelocity());
            return statistics;
        });

    /// <inheritdoc/>
    public float[] Predict(ReadOnlyMemory<byte> pixels, CancellationToken cancellationToken = default) =>
        Run(engine => engine.Predict(pixels, cancellationToken));

    /// <inheritdoc/>
    public void Dispose() => Current.Dispose();

    private void Run(Action<ITrainingEngine> work) => Run(engine =>
    {
        work(engine);
        return true;
    });

    private T Run<T>(Func<ITrainingEngine, T> work)
    {
        try
        {
            return work(Current);
        }
        catch (DeviceException exception) when (_isGpu)
        {
            terminal.WriteError($"warning: {exception.Message}; the CPU takes over", exception);
            UseCpu();
        }

        return work(Current);
    }

    /// <summary>Gives the CPU engine everything the GPU's was given.</summary>
    private void UseCpu()
    {
        _isGpu = false;
        Current.Dispose();
        Current = openCpu();
        if (_images is not null)
            Current.LoadTrainingImages(_images);
        if (_distortion is var (seed, epoch))
            Current.DistortTrainingImages(seed, epoch);
        if (_parameters is not null)
            Current.SetParameters(_parameters);
        if (_velocity is not null)
            Current.SetVelocity(_velocity);
    }
}
