namespace MnistGpu.Cli.Engines;

/// <summary>Says what it was that did not fit into memory, and what to do about that.</summary>
internal static class MemoryNeed
{
    /// <summary>Does what takes memory.</summary>
    /// <param name="what">What it is taken for: "60,000 images".</param>
    /// <param name="advice">How it can be less.</param>
    /// <param name="work">Takes it.</param>
    /// <exception cref="InsufficientMemoryException">There was too little; the message says so.</exception>
    public static T Of<T>(string what, string advice, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception exception) when (IsShort(exception))
        {
            throw new InsufficientMemoryException($"not enough memory for {what}: {advice}", exception);
        }
    }

    /// <summary>Whether an exception, or the one that it comes from, says that memory ran out and not what for.</summary>
    public static bool IsShort(Exception exception) =>
        exception is not InsufficientMemoryException && exception.GetBaseException() is OutOfMemoryException;
}
