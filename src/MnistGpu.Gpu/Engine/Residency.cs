namespace MnistGpu.Gpu.Engine;

/// <summary>
/// Keeps the launches whose groups meet, of all queues of an accelerator, to what it holds at once. Two of them that were there in part
/// would wait for their other groups, which wait for each other's places. Who asks first is served first, so that a large network does
/// not wait for ever among small ones.
/// </summary>
/// <param name="groups">As many as the accelerator runs side by side.</param>
internal sealed class Residency(int groups)
{
    private readonly Lock _order = new();
    private readonly object _gate = new();
    private int _free = groups;

    /// <summary>Waits until so many groups are free, and takes them until the place is disposed.</summary>
    public Place Take(int count)
    {
        lock (_order)
            lock (_gate)
            {
                while (_free < count)
                    Monitor.Wait(_gate);
                _free -= count;
            }
        return new Place(this, count);
    }

    /// <summary>Groups that are taken.</summary>
    public readonly ref struct Place(Residency residency, int count)
    {
        public void Dispose()
        {
            lock (residency._gate)
            {
                residency._free += count;
                Monitor.PulseAll(residency._gate);
            }
        }
    }
}
