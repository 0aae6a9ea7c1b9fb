using System.Reflection;
using MnistGpu.Core.Training;
using MnistGpu.Gpu.Engine;
using MnistGpu.Kernels;
using MnistGpu.Pictures;
using PublicApiGenerator;

namespace MnistGpu.Cli.Tests;

/// <summary>
/// PublicApi/ lists what each package offers to programs, so that no change goes unnoticed. After an intended change,
/// WRITE_PUBLIC_API=1 updates the lists.
/// </summary>
public class PublicApiTests
{
    public static TheoryData<string> Packages =>
        [.. new[] { typeof(Images), typeof(Trainer), typeof(DigitNormalizer), typeof(AcceleratorEngine) }.Select(type => type.Assembly.GetName().Name!)];

    [Theory]
    [MemberData(nameof(Packages))]
    public void ItIsTheOneThatIsListed(string package)
    {
        string file = Path.Combine(Repository.Folder, "tests", "MnistGpu.Cli.Tests", "PublicApi", package + ".txt");
        string api = Assembly.Load(package).GeneratePublicApi(new ApiGeneratorOptions { IncludeAssemblyAttributes = false }) + "\n";
        if (Environment.GetEnvironmentVariable("WRITE_PUBLIC_API") == "1")
            File.WriteAllText(file, api);

        Assert.Equal(File.ReadAllText(file), api);
    }
}
