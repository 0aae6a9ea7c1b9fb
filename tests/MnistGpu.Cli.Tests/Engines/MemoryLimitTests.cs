using MnistGpu.Core.Network;

namespace MnistGpu.Cli.Tests.Engines;

/// <summary>What is said in a process that may have too little memory.</summary>
public sealed class MemoryLimitTests : IDisposable
{
    private const string Limit = "0x1000000";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("the drawn digits: name a smaller set with --data", "train", "--device", "cpu", "--data", "generated", "--limit", "100")]
    [InlineData("the drawn digits: name a smaller set with --data", "data", "info", "--data", "generated")]
    [InlineData("65,536 hidden units: use fewer with --hidden", "train", "--device", "cpu", "--data", "DIGITS", "--hidden", "65536")]
    [InlineData("batches of 50,000 images: use a smaller --batch-size",
        "train", "--data", "DIGITS", "--device", "ilgpu-cpu", "--hidden", "1000", "--batch-size", "50000")]
    [InlineData("that many digits: draw fewer with --train and --test", "data", "generate", "--output", "NEW", "--train", "500000")]
    [InlineData("the network in DIR/model.npz: raise the memory limit", "evaluate", "--device", "cpu", "--data", "DIGITS", "--model", "DIR/model.npz")]
    [InlineData("the picture DIR/large.pgm: make it smaller", "predict", "--model", "DIR/small.npz", "DIR/large.pgm")]
    public async Task WhatDoesNotFitIsNamedInOneLineWithWhatToDo(string message, params string[] command)
    {
        ModelFile.Save(Path.Combine(_folder.Path, "model.npz"), new NetworkParameters(10_000));
        ModelFile.Save(Path.Combine(_folder.Path, "small.npz"), new NetworkParameters(1));
        File.WriteAllBytes(Path.Combine(_folder.Path, "large.pgm"), [.. "P5 6000 6000 255\n"u8, .. new byte[36_000_000]]);
        MnistGpuRun.Succeed("data", "generate", "--output", Path.Combine(_folder.Path, "digits"), "--train", "100", "--test", "10");

        MnistGpuRun run = await MnistGpuRun.StartProcessAsync([("DOTNET_GCHeapHardLimit", Limit)], [.. command.Select(Named)]);

        Assert.Equal(1, run.ExitCode);
        Assert.Equal($"mnistgpu: not enough memory for {Named(message)}", run.Error.TrimEnd());

        string Named(string text) => text.Replace("DIGITS", $"{_folder.Path}/digits").Replace("NEW", $"{_folder.Path}/new")
            .Replace("DIR", _folder.Path);
    }
}
