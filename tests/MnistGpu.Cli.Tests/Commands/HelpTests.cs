namespace MnistGpu.Cli.Tests.Commands;

public class HelpTests
{
    [Theory]
    [InlineData("", "mnistgpu train --output model.npz")]
    [InlineData("train ", "mnistgpu train --output model.npz")]
    [InlineData("sweep ", "mnistgpu sweep --seeds 1-20")]
    [InlineData("evaluate ", "mnistgpu evaluate --model model.npz")]
    [InlineData("predict ", "mnistgpu predict --model model.npz --test-index 0 1 2")]
    [InlineData("draw ", "mnistgpu draw --model model.npz --open")]
    [InlineData("export ", "mnistgpu export --model model.npz model.onnx")]
    [InlineData("verify ", "mnistgpu verify")]
    [InlineData("benchmark ", "mnistgpu benchmark --html report.html")]
    [InlineData("benchmark kernels ", "mnistgpu benchmark kernels")]
    [InlineData("devices ", "mnistgpu devices")]
    [InlineData("kernels ", "mnistgpu kernels")]
    [InlineData("data ", "mnistgpu data fetch")]
    [InlineData("data fetch ", "mnistgpu data fetch")]
    [InlineData("data info ", "mnistgpu data info")]
    [InlineData("data generate ", "mnistgpu data generate --output digits")]
    public void HelpEndsWithExamples(string command, string example)
    {
        MnistGpuRun run = MnistGpuRun.Succeed($"{command}--help".Split(' '));

        Assert.Contains("Usage:", run.Output);
        Assert.Contains(example, run.Output[run.Output.IndexOf("Examples:", StringComparison.Ordinal)..]);
    }

    [Theory]
    [InlineData("train", "Data: --data", "Model: --hidden", "Training: --device", "Output: --output", "Other: -?,")]
    [InlineData("sweep", "Lists to try: --seeds", "Data: --data", "Training: --device", "Output: --csv", "Other: -?,")]
    [InlineData("evaluate", "Input: --model", "Computation: --device", "Output: --confusion", "Other: -?,")]
    [InlineData("benchmark", "Measurement: --devices", "Data: --data", "Training: --hidden-sizes", "Output: --json", "Other: -?,")]
    public void OptionsAreInGroups(string command, params string[] groups)
    {
        string[] lines = MnistGpuRun.Succeed(command, "--help").Output.Split('\n', StringSplitOptions.TrimEntries);

        string[] firstOfGroup = [.. lines.Zip(lines.Skip(1))
            .Where(pair => pair.First.EndsWith(':') && pair.Second.StartsWith('-'))
            .Select(pair => $"{pair.First} {pair.Second.Split(' ')[0]}")];
        Assert.Equal(groups, firstOfGroup);
    }

    [Fact]
    public void NoCommandAtAllShowsHelp()
    {
        MnistGpuRun run = MnistGpuRun.Start();

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("Examples:", run.Output);
    }

    [Fact]
    public void VersionIsANumber() => Assert.Matches(@"^\d+\.\d+\.\d+\s*$", MnistGpuRun.Succeed("--version").Output);
}
