using MnistGpu.Core.Network;

namespace MnistGpu.Cli.Tests.Engines;

/// <summary>What is said where an NVIDIA GPU cannot be used, in the words of whoever has it. The CUDA emulator fails as it is told to.</summary>
public class CudaTroubleTests(SmallDataset data) : IClassFixture<SmallDataset>
{
    private const string OrEndOthers = "close other programs that use its memory (nvidia-smi lists them), or use --device cpu";

    /// <summary>nvidia-smi would show every GPU.</summary>
    [SkippableTheory]
    [InlineData("2", true)]
    [InlineData("-1", false)]
    [InlineData("", false)]
    [InlineData("none", true)]
    [InlineData("GPU-0123abcd", true)]
    public async Task AVariableThatHidesTheGpusIsNamed(string visible, bool isMistake)
    {
        string hidden = $"CUDA_VISIBLE_DEVICES is '{visible}', which hides the GPUs from programs; unset it, or set it to 0 for the first one";
        (string, string)[] variables = [("CUDA_VISIBLE_DEVICES", visible), ("CUDA_EMULATOR_FAIL", "init:100")];

        MnistGpuRun cuda = await StartAsync(variables, "train", "--device", "cuda");
        MnistGpuRun devices = await StartAsync(variables, "devices");
        MnistGpuRun auto = await StartAsync(variables, "train", "--data", data.Path, "--epochs", "1", "--hidden", "4");

        Assert.Equal((1, $"mnistgpu: there is no cuda: the environment variable {hidden}; use --device auto or cpu"), (cuda.ExitCode, cuda.Error.TrimEnd()));
        Assert.Contains($"CUDA: the environment variable {hidden}", devices.Output);
        Assert.Equal(0, auto.ExitCode);
        // On purpose, as most who write -1 or nothing do it, it need not be said at each training.
        string warning = $"mnistgpu: warning: CUDA: the environment variable {hidden}; the CPU takes over";
        Assert.Equal(isMistake, auto.Error.Split('\n')[0] == warning);
        Assert.Equal(isMistake, auto.Error.Contains("CUDA"));
    }

    [SkippableTheory]
    [InlineData("init:100", "error 100, CUDA_ERROR_NO_DEVICE")]
    [InlineData("init:803", "error 803")]
    [InlineData("init:999", "error 999, CUDA_ERROR_UNKNOWN")]
    [InlineData("devicecount:999", "error 999, CUDA_ERROR_UNKNOWN")]
    public async Task ADriverThatDoesNotStartSaysItsErrorsNumberAndName(string fault, string error)
    {
        MnistGpuRun run = await StartAsync([("CUDA_EMULATOR_FAIL", fault)], "train", "--device", "cuda");

        Assert.Equal($"mnistgpu: there is no cuda: the NVIDIA driver does not start: {error} (nvidia-smi may say why); use --device auto or cpu",
            run.Error.TrimEnd());
    }

    /// <summary>Whatever the command, and before it has read or measured anything.</summary>
    [SkippableTheory]
    [InlineData("train", "--device", "cuda")]
    [InlineData("evaluate", "--device", "cuda", "--model", "MODEL")]
    [InlineData("verify", "--device", "cuda")]
    [InlineData("sweep", "--device", "cuda:0")]
    [InlineData("benchmark", "--devices", "cpu,cuda")]
    [InlineData("benchmark", "kernels", "--devices", "cuda")]
    public async Task EveryCommandSaysTheDriversErrorWhereCudaIsAskedFor(params string[] command)
    {
        using var folder = new TemporaryFolder();
        string model = Path.Combine(folder.Path, "model.npz");
        ModelFile.Save(model, GlorotInitializer.Draw(hidden: 4, seed: 1));

        MnistGpuRun run = await StartAsync(
            [("CUDA_EMULATOR_FAIL", "init:999")], [.. command.Select(word => word == "MODEL" ? model : word)]);

        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Matches("^mnistgpu: there is no cuda(:0)?: the NVIDIA driver does not start: error 999, CUDA_ERROR_UNKNOWN "
            + @"\(nvidia-smi may say why\); (use --device auto or cpu|leave it out of --devices)\n$", run.Error);
    }

    /// <summary>Where no device is named, the others are measured, and a warning says why the GPU is not.</summary>
    [SkippableFact]
    public async Task WhereAllDevicesAreMeasuredAGpuIsNotLeftOutSilently()
    {
        (string, string)[] failing = [("CUDA_EMULATOR_FAIL", "init:999")];
        const string reason = "CUDA: the NVIDIA driver does not start: error 999, CUDA_ERROR_UNKNOWN (nvidia-smi may say why)";

        MnistGpuRun benchmark = await StartAsync(
            failing, "benchmark", "--data", data.Path, "--epochs", "1", "--repeats", "1", "--hidden-sizes", "4");
        MnistGpuRun measure = await StartAsync(failing, "devices", "--measure");

        Assert.Equal(0, benchmark.ExitCode);
        Assert.StartsWith($"mnistgpu: warning: {reason}\n", benchmark.Error);
        Assert.Equal(0, measure.ExitCode);
        Assert.Contains($"\nnot used   {reason}\n", measure.Output);
    }

    /// <summary>What did not fit, and who may hold the memory.</summary>
    [SkippableTheory]
    [InlineData("CUDA_EMULATOR_MEMORY", "400000", "4", "failed in uploading the images: ", "train on fewer images with --limit, ")]
    [InlineData("CUDA_EMULATOR_MEMORY", "30000000", "20000", "failed in uploading the parameters: ", "use fewer hidden units, ")]
    [InlineData("CUDA_EMULATOR_FAIL", "context:2", "4", "cannot be used: ", "")]
    public async Task TooLittleMemoryIsSaidToBeForWhatDidNotFit(string name, string value, string hidden, string problem, string less)
    {
        MnistGpuRun run = await StartAsync(
            [(name, value)], "train", "--device", "cuda", "--data", data.Path, "--epochs", "1", "--hidden", hidden, "--quiet");

        string error = run.Error.TrimEnd();
        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith("mnistgpu: cuda:0 (", error);
        Assert.Contains($") {problem}", error);
        Assert.EndsWith($"; {less}{OrEndOthers}", error);
        Assert.Contains("(error 2, CUDA_ERROR_OUT_OF_MEMORY)", error);
    }

    [SkippableTheory]
    [InlineData("209", "CUDA_ERROR_NO_BINARY_FOR_GPU")]
    [InlineData("222", "CUDA_ERROR_UNSUPPORTED_PTX_VERSION")]
    public async Task ADriverThatIsTooOldForTheKernelsIsToBeRenewed(string number, string name)
    {
        MnistGpuRun run = await StartAsync(
            [("CUDA_EMULATOR_FAIL", $"module:{number}")], "train", "--device", "cuda", "--data", data.Path, "--quiet");

        Assert.Contains($"(error {number}, {name}); the NVIDIA driver is too old for the kernels, install a newer one; --device cpu works without it",
            run.Error);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }

    /// <summary>The CPU is measured all the same.</summary>
    [SkippableFact]
    public async Task ABenchmarkSaysWhatToDoAboutADeviceThatFails()
    {
        const string old = @"cuda:0 \(Emulated [^)]*\) cannot be used: .*[^.] \(error 222, CUDA_ERROR_UNSUPPORTED_PTX_VERSION\); "
            + "the NVIDIA driver is too old for the kernels, install a newer one\n";
        (string, string)[] failing = [("CUDA_EMULATOR_FAIL", "module:222")];

        MnistGpuRun benchmark = await StartAsync(
            failing, "benchmark", "--devices", "cpu,cuda", "--data", data.Path, "--epochs", "1", "--repeats", "1", "--hidden-sizes", "4");
        MnistGpuRun kernels = await StartAsync(failing, "benchmark", "kernels", "--devices", "cuda");

        Assert.Equal((1, 1), (benchmark.ExitCode, kernels.ExitCode));
        Assert.Contains("│ cpu ", benchmark.Output);
        Assert.Matches(old, benchmark.Output);
        Assert.Matches($"^mnistgpu: {old}$", kernels.Error);
    }

    [SkippableTheory]
    [InlineData("devices", "--measure")]
    [InlineData("benchmark", "kernels", "--devices", "cuda")]
    public async Task AGpuThatFailsWhileItIsMeasuredIsNamedWithTheDriversError(params string[] command)
    {
        MnistGpuRun run = await StartAsync([("CUDA_EMULATOR_FAIL", "launch:719")], command);

        Assert.Equal(1, run.ExitCode);
        Assert.Matches(@"(?m)^mnistgpu: cuda:0 \(Emulated [^)]*\) failed in measuring: unspecified launch failure "
            + @"\(error 719, CUDA_ERROR_LAUNCH_FAILED\)(; --device cpu works without it)?$", run.Error);
    }

    /// <summary>Each is measured, or has its own line that says why not.</summary>
    [SkippableFact]
    public async Task OneBadGpuDoesNotEndDevicesMeasure()
    {
        MnistGpuRun run = await StartAsync(
            [("CUDA_EMULATOR_DEVICES", "2"), ("CUDA_EMULATOR_FAIL", "context:46")], "devices", "--measure");

        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith("cpu  ", run.Output);
        string[] failed = [.. run.Error.TrimEnd().Split('\n').Where(line => !line.Contains("the machine is busy"))];
        Assert.Equal(2, failed.Length);
        for (int gpu = 0; gpu < 2; gpu++)
            Assert.Matches($@"^mnistgpu: cuda:{gpu} \(.*\) cannot be used: .* \(error 46\); --device cpu works without it$", failed[gpu]);
    }

    private static Task<MnistGpuRun> StartAsync((string, string)[] variables, params string[] command)
    {
        GpuDevice.RequireCudaEmulator();
        return MnistGpuRun.StartProcessAsync(variables, command);
    }
}
