using System.CommandLine;
using MnistGpu.Cli.Output;
using MnistGpu.Gpu.Devices;
using MnistGpu.Gpu.Engine;

namespace MnistGpu.Cli.Commands;

/// <summary><c>mnistgpu kernels</c>: the kernels, and the code that ILGPU generates from them.</summary>
internal static class KernelsCommand
{
    public static Command Create(Terminal terminal)
    {
        var name = new Argument<string?>("NAME")
        {
            Description = "A kernel, one of its versions, or the ladder: HiddenLayer, HiddenLayer.Tuned, Ladder",
            Arity = ArgumentArity.ZeroOrOne,
        };
        name.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: string value }] && !Versions(value).Any())
                result.AddError($"there is no kernel '{value}'; choose from {string.Join(", ", KernelCatalog.Names)}");
        });
        var command = new CommandWithExamples(
            "kernels", "List the kernels, or show the PTX (and, with an OpenCL device, the OpenCL C) that ILGPU generates for one",
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
        bool hasOpenCl = AcceleratorCatalog.List().Found.Any(info => info.Kind.StartsWith("OpenCL", StringComparison.Ordinal));
        foreach (string kernel in Versions(name))
        {
            terminal.Output.WriteLine($"// {kernel}: PTX for compute capability 8.0\n{KernelCatalog.Ptx(kernel).Trim()}");
            if (hasOpenCl && KernelCatalog.RunsOnOpenCl(kernel))
                terminal.Output.WriteLine($"// {kernel}: OpenCL C\n{KernelCatalog.OpenClC(kernel).Trim()}");
        }
        return 0;
    }

    /// <summary>The version with this name, or all versions of the kernel with this name.</summary>
    private static IEnumerable<string> Versions(string name) =>
        KernelCatalog.Names.Where(kernel => kernel.Equals(name, StringComparison.OrdinalIgnoreCase)
            || kernel.StartsWith($"{name}.", StringComparison.OrdinalIgnoreCase));
}
