namespace MnistGpu.Cli.Engines;

/// <summary>Says what did not fit into memory, and what to do about it.</summary>
internal static class OutOfMemory
{
    /// <summary>Runs work that needs memory.</summary>
    /// <param name="what">What the memory is for: "60,000 images".</param>
    /// <param name="advice">How to need less.</param>
    /// <param name="work">What needs it.</param>
    /// <exception cref="InsufficientMemoryException">There was too little; the message says what for.</exception>
    public static T Explain<T>(string what, string advice, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception exception) when (Caused(exception))
        {
            throw new InsufficientMemoryException($"not enough memory for {what}: {advice}", exception);
        }
    }

    /// <summary>Whether an exception, or its cause, says that memory ran out, but not what for.</summary>
    public static bool Caused(Exception exception) =>
        exception is not InsufficientMemoryException && exception.GetBaseException() is OutOfMemoryException;
}
