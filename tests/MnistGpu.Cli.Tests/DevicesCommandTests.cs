using MnistGpu.Cli.Commands;

namespace MnistGpu.Cli.Tests;

public class DevicesCommandTests
{
    [Fact]
    public void WhereAcceleratorsCannotBeListedTheOtherDevicesAreAndTheReasonIsGiven()
    {
        var output = new StringWriter();
        var error = new StringWriter();
        var terminal = new Terminal(output, error, CancellationToken.None);

        int exitCode = DevicesCommand.Run(terminal, () => throw new InvalidOperationException("no driver"));

        Assert.Equal(0, exitCode);
        Assert.Equal("mnistgpu: warning: no driver", error.ToString().TrimEnd());
        Assert.Contains("│ reference ", output.ToString());
        Assert.Contains("│ cpu ", output.ToString());
        Assert.Contains("--device auto is cpu.", output.ToString());
    }
}
