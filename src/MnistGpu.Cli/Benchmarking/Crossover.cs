namespace MnistGpu.Cli.Benchmarking;

/// <summary>Which of two devices is faster, as far as the samples can tell.</summary>
internal enum Faster
{
    /// <summary>The middle halves of their samples overlap.</summary>
    Neither,
    First,
    Second,
}

/// <summary>From which size on one of two devices is the faster one.</summary>
/// <param name="Size">The smallest size measured from which on it is.</param>
/// <param name="Winner">The first or the second.</param>
internal sealed record Crossover(int Size, Faster Winner)
{
    /// <summary>Compares two devices at one size.</summary>
    public static Faster Compare(SampleSummary first, SampleSummary second) =>
        first.UpperQuartile < second.LowerQuartile ? Faster.First
        : second.UpperQuartile < first.LowerQuartile ? Faster.Second
        : Faster.Neither;

    /// <summary>
    /// Finds the crossover of two devices; null where the measurements do not show one. They do where one device is
    /// faster at the largest size and at all sizes from some size on, and the other is faster at a smaller size.
    /// </summary>
    /// <param name="sizes">What was measured, in any order.</param>
    public static Crossover? Find(IEnumerable<(int Size, Faster Faster)> sizes)
    {
        (int Size, Faster Faster)[] fromLargest = [.. sizes.OrderByDescending(size => size.Size)];
        if (fromLargest is not [{ Faster: Faster.First or Faster.Second }, ..])
            return null;
        Faster winner = fromLargest[0].Faster;
        int won = fromLargest.TakeWhile(size => size.Faster == winner).Count();
        bool otherWinsBelow = fromLargest.Skip(won).Any(size => size.Faster != winner && size.Faster != Faster.Neither);
        return otherWinsBelow ? new Crossover(fromLargest[won - 1].Size, winner) : null;
    }
}
