namespace ILGPU.Runtime;

/// <summary>A view of a buffer of whatever element type: how a launch finds the buffers among its arguments.</summary>
internal interface IBufferView
{
    /// <summary>The buffer, or null for the default value of a view.</summary>
    MemoryBuffer? Buffer { get; }
}
