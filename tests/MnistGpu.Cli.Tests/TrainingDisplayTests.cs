using MnistGpu.Core.Training;
using Spectre.Console;

namespace MnistGpu.Cli.Tests;

public class TrainingDisplayTests
{
    [Theory]
    [InlineData(40, false)]
    [InlineData(80, true)]
    public void ANarrowTerminalHasNoRoomForABar(int width, bool hasBar)
    {
        using var output = new StringWriter();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes,
            Interactive = InteractionSupport.Yes,
            Out = new AnsiConsoleOutput(output),
        });
        console.Profile.Width = width;

        TrainingDisplay.LiveDisplay.Show(console, epochs: 3, images: 60, observer => observer!.EpochStarted(1));

        Assert.Contains("epoch 1/3", output.ToString());
        Assert.Equal(hasBar, output.ToString().Contains('%'));
    }

    [Fact]
    public void TheLiveDisplayHasABarForTheRunningEpochAlone()
    {
        using var output = new StringWriter();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes,
            Interactive = InteractionSupport.Yes,
            Out = new AnsiConsoleOutput(output),
        });

        TrainingDisplay.LiveDisplay.Show(console, epochs: 3, images: 60, observer =>
        {
            for (int epoch = 1; epoch <= 3; epoch++)
            {
                observer!.EpochStarted(epoch);
                // So short that no progress is reported.
                observer.EpochFinished(new EpochResult(epoch, 0.5, 0.8, 0.01, 0.9));
            }
        });

        string text = output.ToString();
        for (int epoch = 1; epoch <= 3; epoch++)
        {
            // After its line, an epoch is not heard of again.
            int line = text.IndexOf($"epoch {epoch}/3  loss 0.5000", StringComparison.Ordinal);
            Assert.InRange(line, 0, text.Length);
            Assert.DoesNotContain($"epoch {epoch}/3", text[(line + 1)..]);
        }
    }
}
