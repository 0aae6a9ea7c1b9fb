namespace ILGPU.Runtime.OpenCL.Translation;

/// <summary>A kernel in OpenCL C.</summary>
/// <param name="Code">The whole program.</param>
/// <param name="EntryPoint">The name of its __kernel function.</param>
/// <param name="SharedBytes">The local memory that a group needs.</param>
internal sealed record OpenClSource(string Code, string EntryPoint, int SharedBytes);
