namespace ILGPU.Runtime.OpenCL.Translation;

/// <summary>A kernel as a program in OpenCL C.</summary>
/// <param name="Code">The whole program.</param>
/// <param name="EntryPoint">The name of its one __kernel function.</param>
/// <param name="SharedBytes">The local memory that a group of it needs.</param>
internal sealed record OpenClSource(string Code, string EntryPoint, int SharedBytes);
