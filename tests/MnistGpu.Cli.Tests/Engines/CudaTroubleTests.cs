
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
    [InlineData("100", "error 100, CUDA_ERROR_NO_DEVICE")]
    [InlineData("803", "error 803")]
    [InlineData("999", "error 999, CUDA_ERROR_UNKNOWN")]
    public async Task ADriverThatDoesNotStartSaysItsErrorsNumberAndName(string number, string error)
    {
        MnistGpuRun run = await StartAsync([("CUDA_EMULATOR_FAIL", $"init:{number}")], "train", "--device", "cuda");

        Assert.Equal($"mnistgpu: there is no cuda: the NVIDIA driver does not start: {error} (nvidia-smi may say why); use --device auto or cpu",
            run.Error.TrimEnd());
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
