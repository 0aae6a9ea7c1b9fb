using MnistGpu.Cli.Output;
using MnistGpu.Core.Network;

namespace MnistGpu.Cli.Tests.Output;

/// <summary>An output, or an error output, that cannot be written.</summary>
public sealed class FailingOutputTests(SmallDataset data) : IClassFixture<SmallDataset>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void AnOutputThatCannotBeWrittenIsNamed()
    {
        using var error = new StringWriter();
        int exitCode = Program.Run(
            ["devices"], new Terminal(new CheckedOutput(new FullWriter()), error, new(CancellationToken.None)));

        Assert.Equal(1, exitCode);
        AssertOneLine(error, "the output cannot be written: no space");
    }

    [Fact]
    public void AnOutputThatFailsAfterAnEpochLeavesItsNetwork()
    {
        string file = Path.Combine(_folder.Path, "model.npz");
        using var error = new StringWriter();
        int exitCode = Program.Run(
            ["train", "--data", data.Path, "--device", "reference", "--output", file],
            new Terminal(new FullAtTheSecondEpoch(), error, new(CancellationToken.None)));

        Assert.Equal(1, exitCode);
        Assert.Contains($"the network after epoch 2 was saved to {file}", error.ToString());
        Assert.Contains("mnistgpu: no space", error.ToString());
        Assert.True(ModelFile.Load(file).IsFinite);
    }

    private sealed class FullAtTheSecondEpoch : StringWriter
    {
        public override void WriteLine(string? value)
        {
            if (value!.StartsWith("epoch 2/"))
                throw new IOException("no space");
        }
    }

    [Fact]
    public void TooLittleMemoryIsSaidWithWhatToDo()
    {
        using var error = new StringWriter();
        int exitCode = Program.Run(["devices"], new Terminal(new HungryWriter(), error, new(CancellationToken.None)));

        Assert.Equal(1, exitCode);
        AssertOneLine(error, "not enough memory: close other programs");
    }

    private sealed class HungryWriter : StringWriter
    {
        public override void Write(char value) => throw new OutOfMemoryException();

        public override void Write(string? value) => throw new OutOfMemoryException();
    }

    [Theory]
    [InlineData(2, "train", "--epochs", "0")]
    [InlineData(1, "evaluate", "--model", "missing.npz", "--verbose")]
    public void AnErrorOutputThatCannotBeWrittenLeavesTheExitCode(int exitCode, params string[] arguments)
    {
        var terminal = new Terminal(TextWriter.Null, new FullWriter(), new(CancellationToken.None));

        Assert.Equal(exitCode, Program.Run(arguments, terminal));
    }

    private sealed class FullWriter : TextWriter
    {
        public override System.Text.Encoding Encoding => System.Text.Encoding.UTF8;

        public override void Write(char value) => throw new IOException("no space");
    }

    private static void AssertOneLine(StringWriter error, string named)
    {
        Assert.StartsWith("mnistgpu: ", error.ToString());
        Assert.Single(error.ToString().TrimEnd().Split('\n'));
        Assert.Contains(named, error.ToString());
    }
}
