using MnistGpu.Cli.Benchmarking;
using MnistGpu.Cli.Commands;
using MnistGpu.Cli.Output;
using MnistGpu.Gpu.Devices;

namespace MnistGpu.Cli.Tests.Commands;

public class DevicesCommandTests
{
    [Fact]
    public void WhereAcceleratorsCannotBeListedTheOtherDevicesAreAndTheReasonIsGiven()
    {
        var output = new StringWriter();
        var error = new StringWriter();
        var terminal = new Terminal(output, error, new(CancellationToken.None));

        int exitCode = DevicesCommand.Run(terminal, () => throw new InvalidOperationException("no driver"));

        Assert.Equal(0, exitCode);
        Assert.Equal("mnistgpu: warning: no driver", error.ToString().TrimEnd());
        Assert.Contains("\nreference  ", output.ToString());
        Assert.StartsWith("cpu  ", output.ToString());
        Assert.EndsWith("--device auto is cpu: there is no usable GPU.", output.ToString().TrimEnd());
    }

    [Theory]
    [InlineData(false, "--device auto is opencl:1, the first GPU.")]
    [InlineData(true, "--device auto is cpu, and from 512 hidden units up opencl:1: it is integrated, and slower than the CPU below that.")]
    public void EachDeviceIsDescribedEachThatIsNotUsedHasAReasonAndTheLastLineNamesTheOneThatAutoTakes(bool isIntegrated, string last)
    {
        var output = new StringWriter();
        AcceleratorInfo[] found =
        [
            new("opencl:0", "Some CPU", "OpenCL CPU", false, 6_000_000_000, 4096)
            {
                Multiprocessors = 2, SharedBytes = 1 << 19, Version = "OpenCL 3.0",
            },
            new("opencl:1", "Some GPU", "OpenCL GPU", true, 8_000_000_000, 1024)
            {
                Multiprocessors = 40, SharedBytes = 1 << 16, Version = "OpenCL 2.1", IsIntegrated = isIntegrated,
            },
        ];

        DevicesCommand.Run(
            new Terminal(output, TextWriter.Null, new(CancellationToken.None)),
            () => new AcceleratorList(found, ["CUDA: no NVIDIA driver was found (libcuda.so.1)"]));

        string[] lines = [.. output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(2)];
        Assert.Equal(
            [
                "opencl:0   OpenCL CPU: Some CPU",
                "           6.0 GB, 2 multiprocessors",
                "           4,096 threads and 512 KB of shared memory per group",
                "           OpenCL 3.0",
                "opencl:1   OpenCL GPU: Some GPU",
                "           8.0 GB, 40 multiprocessors",
                "           1,024 threads and 64 KB of shared memory per group",
                "           OpenCL 2.1",
                "not used   CUDA: no NVIDIA driver was found (libcuda.so.1)",
                "Accelerators are found and used through ILGPU 1.5.3.",
                last,
            ],
            lines);
    }

    [Fact]
    public void TheVerdictIsMadeFromTheLimitsAndSaysThem()
    {
        (int, double)[] cpu = [(100, 0.032), (512, 0.2), (2048, 0.8)];
        // 2,814 launches of 20 µs are 56 ms. 512 units are 20.3 GFLOP: 0.2 s at 100 GFLOP/s, 0.02 s at 1,000.
        var slow = new DeviceLimits(20e-6, 50e9, 100e9);
        var fast = slow with { OperationsPerSecond = 1000e9 };

        Assert.Equal(
            "An epoch of MNIST with 100 hidden units is 2,814 launches of 20.0 µs = 56.3 ms on opencl:0, and at least 39.6 ms of "
            + "work; the CPU engine takes 32.0 ms, and is faster up to at least 2,048 units.",
            Verdict.Of("opencl:0", slow, cpu));
        Assert.EndsWith("32.0 ms. opencl:0 can be faster from 512 units up.", Verdict.Of("opencl:0", fast, cpu));
    }

    [Fact]
    public async Task MeasuringTellsTheEpochOfTheCpuEngine()
    {
        // An emulated GPU takes a minute to be measured.
        MnistGpuRun run = await MnistGpuRun.StartProcessAsync([("CUDA_EMULATOR_DEVICES", "0")], "devices", "--measure");

        Assert.Equal(0, run.ExitCode);
        Assert.Matches(@"^cpu        [\d,]+ ms per epoch of MNIST with 100 hidden units\n", run.Output);
        Assert.DoesNotContain("ilgpu-cpu", run.Output);
    }
}
