namespace ILGPU.Runtime.CPU;

/// <summary>
/// Takes a thread out of its kernel when another thread of its group has failed. It never leaves the runtime.
/// </summary>
internal sealed class GroupBrokenException : Exception;
