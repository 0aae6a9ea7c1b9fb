namespace ILGPU.Runtime;

/// <summary>A device or its driver has failed.</summary>
public abstract class AcceleratorException : Exception
{
    /// <summary>A failure that a message describes.</summary>
    protected AcceleratorException(string message)
        : base(message)
    {
    }

    /// <summary>The kind of device.</summary>
    public abstract AcceleratorType AcceleratorType { get; }
}
