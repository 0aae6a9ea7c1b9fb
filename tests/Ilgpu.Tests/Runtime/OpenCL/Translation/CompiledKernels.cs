using System.Reflection;
using ILGPU;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Ilgpu.Tests.Runtime.OpenCL.Translation;

/// <summary>
/// The kernels of the folder Kernels, compiled as in a debug and as in a release build: the IL differs in more than its
/// speed, and kernels are run from both.
/// </summary>
internal static class CompiledKernels
{
    private static readonly Lazy<Assembly> s_debug = new(() => Compile(Microsoft.CodeAnalysis.OptimizationLevel.Debug));

    private static readonly Lazy<Assembly> s_release =
        new(() => Compile(Microsoft.CodeAnalysis.OptimizationLevel.Release));

    /// <summary>The kernels of a class as rows for a theory: each with and without optimization.</summary>
    internal static TheoryData<string, bool> Of(Type type)
    {
        var rows = new TheoryData<string, bool>();
        foreach (MethodInfo kernel in type.GetMethods(BindingFlags.Public | BindingFlags.Static))
        {
            rows.Add(kernel.Name, false);
            rows.Add(kernel.Name, true);
        }

        return rows;
    }

    /// <summary>A kernel as a delegate.</summary>
    internal static TDelegate Get<TDelegate>(Type type, string kernel, bool optimized)
        where TDelegate : Delegate
        => (optimized ? s_release : s_debug).Value.GetType(type.FullName!)!.GetMethod(kernel)!
            .CreateDelegate<TDelegate>();

    private static Assembly Compile(Microsoft.CodeAnalysis.OptimizationLevel level)
    {
        Assembly tests = typeof(CompiledKernels).Assembly;
        IEnumerable<SyntaxTree> sources =
            from name in tests.GetManifestResourceNames()
            where name.EndsWith(".cs", StringComparison.Ordinal)
            let text = new StreamReader(tests.GetManifestResourceStream(name)!).ReadToEnd()
            select CSharpSyntaxTree.ParseText(text, new CSharpParseOptions(LanguageVersion.Preview));
        string libraries = (string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!;
        var compilation = CSharpCompilation.Create(
            $"Kernels.{level}",
            sources,
            libraries.Split(Path.PathSeparator).Select(path => MetadataReference.CreateFromFile(path)),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: level));
        using var image = new MemoryStream();
        Assert.Empty(compilation.Emit(image).Diagnostics.Where(found => found.Severity == DiagnosticSeverity.Error));
        return Assembly.Load(image.ToArray());
    }
}
