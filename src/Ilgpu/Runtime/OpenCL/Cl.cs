using System.Runtime.InteropServices;

namespace ILGPU.Runtime.OpenCL;

/// <summary>The functions of OpenCL 1.2 that the runtime calls, under their own names and with their own
/// parameters.</summary>
/// <remarks>
/// The OpenCL Specification, version 1.2, revision 19, describes them (chapters 4 and 5). Handles are addresses, a
/// cl_bool is 0 or 1, and all give 0 or a negative error (<see cref="ClError"/>): those that create something, through
/// their last parameter.
/// </remarks>
internal static unsafe partial class Cl
{
    // Platforms and devices: 4.1, 4.2.

    [LibraryImport(ClLibrary.ImportName)]
    internal static partial int clGetPlatformIDs(uint capacity, nint* platforms, uint* count);

    [LibraryImport(ClLibrary.ImportName)]
    internal static partial int clGetPlatformInfo(nint platform, uint name, nuint capacity, void* value, nuint* size);

    [LibraryImport(ClLibrary.ImportName)]
    internal static partial int clGetDeviceIDs(
        nint platform, ulong type, uint capacity, nint* devices, uint* count);

    [LibraryImport(ClLibrary.ImportName)]
    internal static partial int clGetDeviceInfo(nint device, uint name, nuint capacity, void* value, nuint* size);

    // Contexts and queues: 4.4, 5.1, 5.13.

    [LibraryImport(ClLibrary.ImportName)]
    internal static partial nint clCreateContext(
        nint* properties, uint deviceCount, nint* devices, nint notify, nint userData, int* error);

    [LibraryImport(ClLibrary.ImportName)]
    internal static partial int clReleaseContext(nint context);

    [LibraryImport(ClLibrary.ImportName)]
    internal static partial nint clCreateCommandQueue(nint context, nint device, ulong properties, int* error);

    [LibraryImport(ClLibrary.ImportName)]
    internal static partial int clReleaseCommandQueue(nint queue);

    [LibraryImport(ClLibrary.ImportName)]
    internal static partial int clFinish(nint queue);

    // Memory: 5.2. Offsets and sizes are in bytes.

    [LibraryImport(ClLibrary.ImportName)]
    internal static partial nint clCreateBuffer(nint context, ulong flags, nuint size, void* host, int* error);

    [LibraryImport(ClLibrary.ImportName)]
    internal static partial int clReleaseMemObject(nint memory);

    [LibraryImport(ClLibrary.ImportName)]
    internal static partial int clEnqueueReadBuffer(
        nint queue, nint memory, uint blocking, nuint offset, nuint size, void* target,
        uint waitCount, nint* waitList, nint* done);

    [LibraryImport(ClLibrary.ImportName)]
    internal static partial int clEnqueueWriteBuffer(
        nint queue, nint memory, uint blocking, nuint offset, nuint size, void* source,
        uint waitCount, nint* waitList, nint* done);

    [LibraryImport(ClLibrary.ImportName)]
    internal static partial int clEnqueueFillBuffer(
        nint queue, nint memory, void* pattern, nuint patternSize, nuint offset, nuint size,
        uint waitCount, nint* waitList, nint* done);

    // Programs: 5.6.

    [LibraryImport(ClLibrary.ImportName)]
    internal static partial nint clCreateProgramWithSource(
        nint context, uint count, byte** sources, nuint* lengths, int* error);

    [LibraryImport(ClLibrary.ImportName)]
    internal static partial int clReleaseProgram(nint program);

    [LibraryImport(ClLibrary.ImportName)]
    internal static partial int clBuildProgram(
        nint program, uint deviceCount, nint* devices, byte* options, nint notify, nint userData);

    [LibraryImport(ClLibrary.ImportName)]
    internal static partial int clGetProgramBuildInfo(
        nint program, nint device, uint name, nuint capacity, void* value, nuint* size);

    // Kernels: 5.7, 5.8.

    [LibraryImport(ClLibrary.ImportName)]
    internal static partial nint clCreateKernel(nint program, byte* name, int* error);

    [LibraryImport(ClLibrary.ImportName)]
    internal static partial int clReleaseKernel(nint kernel);

    [LibraryImport(ClLibrary.ImportName)]
    internal static partial int clGetKernelInfo(nint kernel, uint name, nuint capacity, void* value, nuint* size);

    [LibraryImport(ClLibrary.ImportName)]
    internal static partial int clGetKernelWorkGroupInfo(
        nint kernel, nint device, uint name, nuint capacity, void* value, nuint* size);

    [LibraryImport(ClLibrary.ImportName)]
    internal static partial int clSetKernelArg(nint kernel, uint index, nuint size, void* value);

    [LibraryImport(ClLibrary.ImportName)]
    internal static partial int clEnqueueNDRangeKernel(
        nint queue, nint kernel, uint dimensions, nuint* globalOffset, nuint* globalSize, nuint* localSize,
        uint waitCount, nint* waitList, nint* done);
}
