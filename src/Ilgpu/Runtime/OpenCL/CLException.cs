namespace ILGPU.Runtime.OpenCL;

/// <summary>An OpenCL device or its driver has failed. The message's first line says where and how.</summary>
/// <remarks>
/// Where a driver rejects a kernel, its log follows the first line, and <see cref="Exception.Data"/> has the generated
/// source under the key "OpenCL source".
/// </remarks>
public sealed class CLException : AcceleratorException
{
    internal const string SourceKey = "OpenCL source";

    /// <summary>A failure that a message describes.</summary>
    public CLException(string message)
        : base(message)
    {
    }

    /// <inheritdoc/>
    public override AcceleratorType AcceleratorType => AcceleratorType.OpenCL;

    /// <summary>The exception for an error that an OpenCL function has returned.</summary>
    /// <param name="what">What was not possible, with the device's name.</param>
    /// <param name="error">What the function returned.</param>
    /// <returns>An <see cref="OutOfMemoryException"/> where memory is what is missing.</returns>
    internal static Exception For(string what, int error)
    {
        string message = $"{what}: {ClError.Describe(error)}";
        return error is ClError.MemObjectAllocationFailure or ClError.OutOfHostMemory
            ? new OutOfMemoryException(message)
            : new CLException(message);
    }
}
