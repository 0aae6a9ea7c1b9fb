using ILGPU;

namespace Ilgpu.Tests;

/// <summary>Whether the tests run with the built-in runtime or with the ILGPU package.</summary>
internal static class BuiltIn
{
    /// <summary>Skips a test of what only the built-in runtime promises.</summary>
    internal static void Only() =>
        Skip.If(typeof(Context).Assembly.GetName().Name == "ILGPU", "The ILGPU package is in use.");
}
