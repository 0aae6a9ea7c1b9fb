namespace ILGPU.Runtime;

/// <summary>A view of a buffer of whatever element type: how a launch finds the buffers among its arguments.</summary>
internal interface IBufferView
{
    /// <summary>The buffer, or null for the default value of a view.</summary>
    MemoryBuffer? Buffer { get; }

    /// <summary>The buffer's memory, or null for the default value.</summary>
    DeviceMemory? Memory { get; }

    /// <summary>Where the first element is, counted as <see cref="DeviceMemory.Pointer"/> counts.</summary>
    nint Address { get; }

    /// <summary>The number of elements.</summary>
    long Length { get; }
}
