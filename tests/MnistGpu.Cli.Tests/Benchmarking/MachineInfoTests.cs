using System.Text.RegularExpressions;
using MnistGpu.Cli.Benchmarking;

namespace MnistGpu.Cli.Tests.Benchmarking;

public class MachineInfoTests
{
    [Fact]
    public void TheProcessorHasAName()
    {
        string name = MachineInfo.Read([]).Cpu;

        Assert.Matches(@"^\S.*\S$", name);
        Assert.DoesNotContain('\0', name);
    }

    [SkippableFact]
    public void TheNameIsTheOneThatLinuxShows()
    {
        Skip.IfNot(File.Exists("/proc/cpuinfo"), "Linux alone has this file.");
        string? line = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name"));
        Skip.If(line is null, "Linux shows no name for this processor.");

        Assert.Equal(Regex.Replace(line.Split(':')[1].Trim(), " +", " "), MachineInfo.Read([]).Cpu);
    }
}
