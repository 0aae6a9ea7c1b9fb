namespace MnistGpu.Gpu.Engine;

/// <summary>A way to launch the steps of an epoch: <see cref="OneLaunchEpoch"/> or <see cref="ThreeLaunchSteps"/>.</summary>
internal interface IEpochLauncher
{
    /// <summary>Why an epoch of these sizes cannot be launched this way; null if it can.</summary>
    /// <param name="hidden">Hidden units, including padding.</param>
    /// <param name="batchSize">Images per step.</param>
    string? WhyNot(int hidden, int batchSize);

    /// <summary>What this way is, for people to read: "an epoch is one launch".</summary>
    /// <param name="epoch">What is to be trained.</param>
    /// <param name="whyNotFaster">Why a faster way is impossible; null if there is none.</param>
    string Describe(EpochTask epoch, string? whyNotFaster);

    /// <summary>Trains an epoch for which <see cref="WhyNot"/> is null.</summary>
    /// <returns>
    /// False if that failed: parameters, velocity and hits are as before, and <see cref="WhyNot"/> tells the reason from now on.
    /// </returns>
    /// <exception cref="OperationCanceledException">Cancelled; the parameters are those of some step.</exception>
    bool TryTrain(EpochTask epoch);
}
