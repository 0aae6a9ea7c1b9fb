using ILGPU.Runtime.Launching;

namespace ILGPU.Runtime.OpenCL.Translation;

/// <summary>Translates a kernel's IL to OpenCL C.</summary>
internal static class OpenClTranslator
{
    /// <exception cref="NotSupportedException">Always, as yet.</exception>
    internal static OpenClSource Translate(KernelDescription kernel) =>
        throw new NotSupportedException($"Kernel {kernel.Name} cannot be translated to OpenCL C yet.");
}
