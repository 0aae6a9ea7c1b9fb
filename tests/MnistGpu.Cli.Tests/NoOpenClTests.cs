using MnistGpu.Gpu;

namespace MnistGpu.Cli.Tests;

/// <summary>What a real process says where OpenCL is not there, or only in part.</summary>
public class NoOpenClTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public async Task WithoutALibraryThatIsSaidInOneLine()
    {
        // Files that are no libraries, where the system looks first.
        File.WriteAllText(Path.Combine(_folder.Path, "libOpenCL.so.1"), "");
        File.WriteAllText(Path.Combine(_folder.Path, "libOpenCL.so"), "");

        await AssertSays("LD_LIBRARY_PATH", _folder.Path, "no OpenCL library was found (libOpenCL.so.1, libOpenCL.so)");
    }

    [SkippableFact]
    public async Task ALibraryWithoutPlatformsIsSaidInOneLine()
    {
        Skip.If(
            AcceleratorCatalog.Ilgpu == "built-in"
                && AcceleratorCatalog.List().All(info => !info.Kind.StartsWith("OpenCL")),
            "There is no OpenCL here.");

        await AssertSays("OCL_ICD_VENDORS", _folder.Path, "the OpenCL library lists no platform");
    }

    [SkippableFact]
    public async Task APlatformWithoutDevicesIsSaidInOneLine()
    {
        Skip.IfNot(File.Exists("/etc/OpenCL/vendors/pocl.icd"), "PoCL is not installed here.");
        File.Copy("/etc/OpenCL/vendors/pocl.icd", Path.Combine(_folder.Path, "pocl.icd"));

        // PoCL then has the devices that are named, and there is none of that name.
        await AssertSays(
            "POCL_DEVICES", "none",
            "no OpenCL platform has a device that can be used (Portable Computing Language: no device)",
            ("OCL_ICD_VENDORS", _folder.Path));
    }

    private static async Task AssertSays(
        string variable, string value, string problem, params (string Name, string Value)[] more)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "The variables are those of Linux.");
        Skip.IfNot(AcceleratorCatalog.Ilgpu == "built-in", "The ILGPU package is in use.");
        (string, string)[] variables = [(variable, value), .. more];

        (int exitCode, string output, string error) = await MnistGpuRun.StartProcessAsync(variables, "devices");
        Assert.Equal((0, ""), (exitCode, error));
        Assert.Contains($"OpenCL: {problem}; install ", output);
        Assert.Contains("--device auto is cpu.", output);

        (exitCode, output, error) = await MnistGpuRun.StartProcessAsync(variables, "verify", "--device", "opencl");
        Assert.Equal((1, ""), (exitCode, output));
        Assert.StartsWith($"mnistgpu: there is no opencl: {problem}; install ", error);
        Assert.Single(error.TrimEnd().Split('\n'));
    }
}
