namespace MnistGpu.Core.Tests.Simd;

/// <summary>By it, each stretch of work takes another time than the one before, so threads part every few passes.</summary>
internal sealed class ErraticClock : TimeProvider
{
    private readonly Random _random = new(5);
    private long _milliseconds;

    public override long TimestampFrequency => 1_000;

    public override long GetTimestamp() => _milliseconds += _random.Next(1, 100);
}

/// <summary>
/// By it, each step takes longer than the one before, so one thread seems better off alone. After so many looks, steps
/// take equally long.
/// </summary>
internal sealed class SlowingClock(int looks = int.MaxValue) : TimeProvider
{
    private double _step = 1_000;
    private double _nanoseconds;
    private int _looks;

    public override long TimestampFrequency => 1_000_000_000;

    public override long GetTimestamp() => (long)(_nanoseconds += _step *= ++_looks <= looks ? 1.05 : 1);
}

/// <summary>It stops working after so many looks.</summary>
internal sealed class BreakingClock(int looks) : TimeProvider
{
    private int _looks;

    public override long GetTimestamp() =>
        ++_looks <= looks ? _looks : throw new InvalidOperationException("The clock is broken.");
}
