namespace MnistGpu.Gpu.Engine;

/// <summary>
/// Limits the launches whose groups meet, over all queues of an accelerator, to what can be resident at once. Two launches that
/// were only partly resident would wait forever for their other groups, which wait for each other's places. Requests are served
/// in order, so that a large network does not wait forever among small ones.
/// </summary>
/// <param name="groups">The number of groups that can be resident at once.</param>
internal sealed class Residency(int groups)
{
    private readonly Lock _order = new();
    private readonly object _gate = new();
    private int _free = groups;

    /// <summary>Waits until this many groups are free, and reserves them until the place is disposed.</summary>
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

    /// <summary>Reserved groups.</summary>
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
