using System.Reflection;
using System.Runtime.CompilerServices;
using ILGPU.Runtime.Launching;

namespace ILGPU.Runtime.OpenCL;

/// <summary>The arguments of a cl_kernel, which keeps them from launch to launch.</summary>
/// <remarks>
/// Most arguments of a kernel are the same in every launch, so it remembers what the driver has been given and passes
/// on only what differs. Buffers are compared as objects and not by their handles: a driver may give a new buffer the
/// handle of a freed one.
/// </remarks>
internal sealed unsafe class ClArguments(ClHandle kernel, string kernelName, CLAccelerator accelerator, int count)
{
    private readonly ClMemory?[] _memories = new ClMemory?[count];
    private readonly long[] _values = new long[count];
    private readonly bool[] _isSet = new bool[count];

    /// <summary>Sets a view's three arguments: its buffer, its first byte and its length.</summary>
    internal void SetView<TView>(uint index, in TView view)
        where TView : struct, IBufferView
    {
        SetMemory(index, (ClMemory?)view.Memory);
        SetValue(index + 1, (long)view.Address);
        SetValue(index + 2, view.Length);
    }

    /// <summary>Sets a number.</summary>
    internal void SetValue<T>(uint index, T value)
        where T : struct
    {
        long bits = 0;
        Unsafe.As<long, T>(ref bits) = value;
        if (_isSet[index] && _values[index] == bits)
            return;
        Set(index, (nuint)Unsafe.SizeOf<T>(), &bits);
        _values[index] = bits;
        _isSet[index] = true;
    }

    private void SetMemory(uint index, ClMemory? memory)
    {
        // A freed buffer is refused even where it is what was set before.
        nint handle = memory is null ? 0 : memory.Handle;
        if (_isSet[index] && _memories[index] == memory)
            return;
        Set(index, (nuint)sizeof(nint), &handle);
        _memories[index] = memory;
        _isSet[index] = true;
    }

    private void Set(uint index, nuint size, void* value)
    {
        int error = Cl.clSetKernelArg(kernel.Value, index, size, value);
        if (error != 0)
            throw CLException.For($"argument {index} of kernel {kernelName} on {accelerator.Name}", error);
    }
}
