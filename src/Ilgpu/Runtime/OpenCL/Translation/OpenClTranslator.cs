using System.Reflection;
using ILGPU.Runtime.Launching;

namespace ILGPU.Runtime.OpenCL.Translation;

/// <summary>Translates kernels to OpenCL C 1.2.</summary>
/// <remarks>
/// <para>
/// The kernel's parameters are those of C#, where a view is a pointer to its buffer, the offset of its first element
/// from there in bytes and its length in elements. An implicitly grouped kernel is given the extent of the launch in
/// the place of its index, and threads beyond it return at once.
/// </para>
/// <para>
/// Products and sums are not contracted to fused multiply-adds: so floats are rounded as in C#, and the results are
/// the same. On PoCL contraction was measured to gain nothing: 512³ multiply-adds in tiles took 19 ms without and 21
/// to 26 ms with it.
/// </para>
/// </remarks>
internal static class OpenClTranslator
{
    /// <summary>
    /// The OpenCL C of a kernel, for readers. ILGPU's API has no place for it, so it is found by this name.
    /// </summary>
    /// <inheritdoc cref="Translate"/>
    internal static string CodeOf(MethodInfo kernel) => Translate(KernelDescription.Of(kernel)).Code;

    /// <summary>Translates a kernel and all that it calls.</summary>
    /// <exception cref="NotSupportedException">
    /// It contains what has no translation. The message is one line that names the method and the construct.
    /// </exception>
    internal static OpenClSource Translate(KernelDescription kernel)
    {
        var program = new ProgramTranslator(kernel.Name);
        ParameterInfo[] parameters = kernel.Method.GetParameters();
        ParameterInfo? refused = parameters.Skip(kernel.IsImplicitlyGrouped ? 1 : 0).FirstOrDefault(parameter =>
            ClType.ViewElement(parameter.ParameterType) is null
            && ClType.OfValue(parameter.ParameterType) is not ScalarType);
        if (refused is not null)
        {
            string type = Refusal.NameOf(refused.ParameterType);
            throw Refusal.Of(kernel.Name, kernel.Method, $"has the parameter {refused.Name} of type {type}");
        }

        AddressSpace[] spaces = [.. parameters.Select(_ => AddressSpace.Global)];
        Function function = program.Function(kernel.Method, spaces);

        var code = new CodeWriter();
        code.Line($"// {kernel.Name}");
        code.Line("#pragma OPENCL FP_CONTRACT OFF");
        foreach (string helper in program.Prelude.Functions)
        {
            code.Line();
            foreach (string line in helper.Split('\n'))
                code.Line(line);
        }

        foreach (Function called in program.Functions.SkipLast(1))
        {
            code.Line();
            KernelWriter.WriteFunction(code, called);
        }

        code.Line();
        KernelWriter.WriteKernel(code, function, kernel.IsImplicitlyGrouped);
        return new OpenClSource(
            code.ToString(), function.Name, function.Shared.Sum(array => array.Length * array.Element.Size));
    }
}
