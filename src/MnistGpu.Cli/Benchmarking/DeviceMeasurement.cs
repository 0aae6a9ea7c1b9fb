using System.Text.Json.Serialization;
using MnistGpu.Core.Network;
using MnistGpu.Core.Training;
using MnistGpu.Gpu.Engine;

namespace MnistGpu.Cli.Benchmarking;

/// <summary>
/// What was measured on one device at one batch size and number of hidden units. It grows while the benchmark runs, and
/// is written to the JSON report as it is.
/// </summary>
internal sealed class DeviceMeasurement(BenchmarkDevice device, TrainingOptions options, int hidden, int images)
{
    private readonly List<double> _samples = [];
    private readonly List<double> _testAccuracy = [];
    private readonly List<double> _secondsToAccuracy = [];
    private DeviceCounters? _counters;

    /// <summary>As <c>--device</c> takes it.</summary>
    public string Device => device.Name;

    /// <summary>What the engine runs on; null before it is opened.</summary>
    public string? Description { get; set; }

    /// <summary>Whether it runs GPU kernels on a CPU.</summary>
    public bool SimulatesGpu => device.SimulatesGpu;

    public int BatchSize => options.BatchSize;

    public int Hidden => hidden;

    /// <summary>The peak of the learning rate.</summary>
    public double LearningRate => options.LearningRate!.Value;

    /// <summary>Why the device was not measured, or not completely; null if it was.</summary>
    public string? Error { get; set; }

    /// <summary>Null if no epoch was timed.</summary>
    public SampleSummary? SecondsPerEpoch => SampleSummary.Of(_samples);

    /// <summary>At the median.</summary>
    public double? ImagesPerSecond => images / SecondsPerEpoch?.Median;

    /// <summary>10⁹ operations per second at the median: see <see cref="BenchmarkPlan.OperationsPerEpoch"/>.</summary>
    public double? Gflops => BenchmarkPlan.OperationsPerEpoch(images, hidden) / SecondsPerEpoch?.Median / 1e9;

    /// <summary>
    /// The fraction of the time, 0 to 1, that the host spent launching kernels; null for engines that launch none.
    /// </summary>
    public double? LaunchShare => _counters?.LaunchTime.TotalSeconds / _samples.Sum();

    /// <summary>Kernels launched per epoch.</summary>
    public double? LaunchesPerEpoch => (double?)_counters?.Launches / _samples.Count;

    /// <summary>Bytes that the host copied to the device per epoch. The images are already there.</summary>
    public double? BytesToDevicePerEpoch => (double?)_counters?.BytesUploaded / _samples.Count;

    /// <summary>The fraction of test images classified correctly, 0 to 1, after each epoch of the warm-up.</summary>
    public IReadOnlyList<double> TestAccuracy => _testAccuracy;

    /// <summary>
    /// The largest difference between any weight or bias and the reference's after the same training, over all
    /// trainings; null if there is nothing to compare.
    /// </summary>
    public double? LargestWeightDifference { get; private set; }

    /// <summary>Seconds of each timed epoch, in the order of measurement.</summary>
    public IReadOnlyList<double> Samples => _samples;

    /// <summary>Null if no accuracy was asked for.</summary>
    public TimeToAccuracy? ToAccuracy => options.TargetAccuracy is not double target ? null : new(
        _testAccuracy is [.., double last] && last >= target ? _testAccuracy.Count : null,
        _testAccuracy.Count == 0 ? null : _testAccuracy.Max(), SampleSummary.Of(_secondsToAccuracy), _secondsToAccuracy);

    /// <summary>What devices are compared by: the time to the requested accuracy, or else the time per epoch.</summary>
    [JsonIgnore]
    public SampleSummary? Seconds => options.TargetAccuracy is null ? SecondsPerEpoch : SampleSummary.Of(_secondsToAccuracy);

    /// <summary>Adds the accuracy after an epoch of the warm-up.</summary>
    public void AddAccuracy(double accuracy) => _testAccuracy.Add(accuracy);

    /// <summary>Adds a timed epoch.</summary>
    /// <param name="seconds">How long it took.</param>
    /// <param name="counters">What went through the accelerator's queue; null for engines without one.</param>
    public void AddEpoch(double seconds, DeviceCounters? counters)
    {
        _samples.Add(seconds);
        if (counters is DeviceCounters more)
            _counters = _counters is DeviceCounters before ? before + more : more;
    }

    /// <summary>Adds a test of a timed training; the training ends with the first that reaches the target.</summary>
    /// <param name="accuracy">0 to 1.</param>
    /// <param name="seconds">From the training's first step.</param>
    public void AddTest(double? accuracy, double seconds)
    {
        if (accuracy >= options.TargetAccuracy)
            _secondsToAccuracy.Add(seconds);
    }

    /// <summary>Compares the weights after a training with the reference's.</summary>
    public void Compare(NetworkParameters trained, NetworkParameters reference)
    {
        double largest = LargestWeightDifference ?? 0;
        foreach ((NetworkArray array, NetworkArray expected) in trained.Arrays.Zip(reference.Arrays))
            largest = Math.Max(largest, array.LargestDifference(expected));
        LargestWeightDifference = largest;
    }
}
