using System.Diagnostics;
using MnistGpu.Cli.Engines;
using MnistGpu.Core.Data;
using MnistGpu.Core.Network;
using MnistGpu.Core.Reference;
using MnistGpu.Core.Training;
using MnistGpu.Gpu.Devices;
using MnistGpu.Gpu.Engine;

namespace MnistGpu.Cli.Benchmarking;

/// <summary>
/// Trains the same network from the same start, on the same images in the same order, on each device. At each size
/// every device first trains once to warm up; that training is not timed, but its accuracy is recorded. Then they take
/// turns, A B C A B C …, so that whatever disturbs the machine for a while disturbs all of them. These trainings include
/// tests only to measure the time to an accuracy; the time per epoch needs none.
/// </summary>
internal sealed class TrainingBenchmark
{
    private readonly BenchmarkPlan _plan;
    private readonly MnistDataset _dataset;
    private readonly MnistDataset _timedDataset;
    private readonly List<Contender> _contenders;
    private readonly List<DeviceMeasurement> _measurements = [];

    /// <param name="plan">What to train.</param>
    /// <param name="dataset">What to train on, and to test with after each epoch of the warm-up.</param>
    /// <param name="devices">What to measure.</param>
    public TrainingBenchmark(BenchmarkPlan plan, MnistDataset dataset, IReadOnlyList<BenchmarkDevice> devices)
    {
        _plan = plan;
        _dataset = dataset;
        _timedDataset = plan.TargetAccuracy is null ? dataset with { Test = dataset.Test.Take(0) } : dataset;
        // The reference warms up first, whether or not it was asked for: all other weights are compared with its own.
        _contenders = [.. devices.OrderBy(device => device.Name != BenchmarkDevice.Reference).Select(
            device => new Contender(device, isMeasured: true))];
        if (plan.ComparesWeights && _contenders is not [{ Device.Name: BenchmarkDevice.Reference }, ..])
            _contenders.Insert(0, new Contender(
                new BenchmarkDevice(BenchmarkDevice.Reference, () => new ReferenceEngine()), isMeasured: false));
    }

    /// <summary>
    /// What has been measured so far, also after an interruption: size by size, the devices in the order in which they are
    /// measured.
    /// </summary>
    public IReadOnlyList<DeviceMeasurement> Measurements => _measurements;

    /// <summary>Measures everything. A device that fails is left out for the rest of that size.</summary>
    /// <param name="report">Receives a few words on what is being done.</param>
    /// <param name="cancellationToken">Stops within an epoch.</param>
    public void Run(Action<string> report, CancellationToken cancellationToken)
    {
        try
        {
            foreach (int hidden in _plan.HiddenSizes)
                foreach (int batchSize in _plan.BatchSizes)
                    MeasureSize(
                        _plan.Options(batchSize, hidden).WithDefaultRates(hidden, _dataset.Train), hidden, report, cancellationToken);
        }
        finally
        {
            foreach (Contender contender in _contenders)
                contender.Close();
        }
    }

    private void MeasureSize(
        TrainingOptions options, int hidden, Action<string> report, CancellationToken cancellationToken)
    {
        NetworkParameters initial = GlorotInitializer.Draw(hidden, _plan.Seed);
        NetworkParameters? expected = null;
        var measurements = _contenders.ToDictionary(
            contender => contender,
            contender => new DeviceMeasurement(contender.Device, options, hidden, _dataset.Train.Count));
        _measurements.AddRange(_contenders.Where(c => c.IsMeasured).Select(c => measurements[c]));

        foreach (Contender contender in _contenders)
            Try(contender, "warm-up", measurement =>
            {
                contender.Engine ??= contender.Device.Open();
                measurement.Description = contender.Engine.Description;
                var trainer = new Trainer(contender.Engine, _dataset, options);
                TrainingResult result = trainer.Train(initial, null, cancellationToken);
                foreach (EpochResult epoch in result.History)
                    measurement.AddAccuracy(epoch.TestAccuracy!.Value);
                Compare(measurement, result.Parameters);
            });

        for (int repeat = 1; repeat <= _plan.Repeats; repeat++)
            foreach (Contender contender in _contenders)
                if (contender.IsMeasured)
                    Try(contender, $"repeat {repeat} of {_plan.Repeats}", measurement =>
                    {
                        foreach (NetworkParameters trained in TakeTurn(contender.Engine!, initial, options, measurement, cancellationToken))
                            Compare(measurement, trained);
                    });

        void Compare(DeviceMeasurement measurement, NetworkParameters trained)
        {
            expected ??= measurement.Device == BenchmarkDevice.Reference ? trained : null;
            if (expected is not null && _plan.ComparesWeights)
                measurement.Compare(trained, expected);
        }

        void Try(Contender contender, string what, Action<DeviceMeasurement> measure)
        {
            DeviceMeasurement measurement = measurements[contender];
            if (measurement.Error is not null)
                return;
            report($"{what}: {contender.Device.Name}, batch size {options.BatchSize}, {hidden} hidden units");
            try
            {
                measure(measurement);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // Whatever a driver throws, the others continue, and this device gets a new engine at the next size.
                measurement.Error = exception is DeviceException failure ? DeviceAdvice.ExplainOneOfSeveral(failure)
                    : DeviceException.FirstLine(exception);
                contender.Close();
            }
        }
    }

    /// <summary>Trains at least once, and again until a turn is over.</summary>
    /// <returns>What each training led to.</returns>
    private IEnumerable<NetworkParameters> TakeTurn(
        ITrainingEngine engine, NetworkParameters initial, TrainingOptions options, DeviceMeasurement measurement,
        CancellationToken cancellationToken)
    {
        var trainer = new Trainer(engine, _timedDataset, options);
        var observer = new EpochCounter(_timedDataset.Test.Count == 0 ? engine as AcceleratorEngine : null, measurement);
        long start = Stopwatch.GetTimestamp();
        do
        {
            yield return trainer.Train(initial, observer, cancellationToken).Parameters;
        }
        while (Stopwatch.GetElapsedTime(start) < _plan.Turn);
    }

    /// <summary>A device and its engine, which is kept for all sizes.</summary>
    private sealed class Contender(BenchmarkDevice device, bool isMeasured)
    {
        public BenchmarkDevice Device => device;

        public bool IsMeasured => isMeasured;

        /// <summary>Null until it is opened, and after a failure.</summary>
        public ITrainingEngine? Engine { get; set; }

        public void Close()
        {
            Engine?.Dispose();
            Engine = null;
        }
    }

    /// <summary>
    /// Adds each epoch and its test to a measurement, with the work the epoch queued on the accelerator.
    /// </summary>
    /// <param name="accelerator">Null if there is none, or if tests go through its queue as well.</param>
    /// <param name="measurement">Added to.</param>
    private sealed class EpochCounter(AcceleratorEngine? accelerator, DeviceMeasurement measurement) : ITrainingObserver
    {
        private DeviceCounters? _before;
        private long _start;

        public void EpochStarted(int epoch)
        {
            if (epoch == 1)
                _start = Stopwatch.GetTimestamp();
            _before = accelerator?.Counters;
        }

        public void Report(EpochProgress value)
        {
        }

        public void EpochFinished(EpochResult result)
        {
            measurement.AddTest(result.TestAccuracy, Stopwatch.GetElapsedTime(_start).TotalSeconds);
            measurement.AddEpoch(result.TrainSeconds!.Value, accelerator?.Counters - _before);
        }
    }
}
