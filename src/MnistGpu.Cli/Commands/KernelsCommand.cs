using System.CommandLine;
using MnistGpu.Gpu;

namespace MnistGpu.Cli.Commands;

/// <summary><c>mnistgpu kernels</c>: the kernels, and the OpenCL C or PTX that ILGPU makes of them.</summary>
internal static class KernelsCommand
{
    public static Command Create(Terminal terminal)
    {
        var name = new Argument<string?>("NAME")
        {
            Description = "A kernel, or one of its versions: HiddenLayer, HiddenLayer.Tuned",
            Arity = ArgumentArity.ZeroOrOne,
        };
        name.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: string value }] && !Versions(value).Any())
                result.AddError($"there is no kernel '{value}'; there are: {string.Join(", ", KernelCatalog.Names)}");
        });
        var command = new CommandWithExamples(
            "kernels", "List the kernels, or show what ILGPU makes of one: OpenCL C, or PTX",
            "mnistgpu kernels",
            "mnistgpu kernels HiddenLayer.Tuned")
        {
            name,
        };
        command.SetAction(parsed => Run(terminal, parsed.GetValue(name)));
        return command;
    }

    private static int Run(Terminal terminal, string? name)
    {
        if (name is null)
        {
            foreach (string kernel in KernelCatalog.Names)
                terminal.Output.WriteLine(kernel);
            return 0;
        }
        foreach (string kernel in Versions(name))
            terminal.Output.WriteLine($"// {kernel}\n{KernelCatalog.Ptx(kernel).Trim()}");
        return 0;
    }

    /// <summary>The version that a name stands for, or all versions of a kernel.</summary>
    private static IEnumerable<string> Versions(string name) =>
        KernelCatalog.Names.Where(kernel => kernel.Equals(name, StringComparison.OrdinalIgnoreCase)
            || kernel.StartsWith($"{name}.", StringComparison.OrdinalIgnoreCase));
}
