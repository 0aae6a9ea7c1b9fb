using MnistGpu.Cli.Output;
using MnistGpu.Core.Training;
using Spectre.Console;

namespace MnistGpu.Cli.Tests.Output;

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
    public void TheLiveDisplaysBarIsForTheEpochsThatAreNotOver()
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

    [Fact]
    public void TheLossCurveFollowsTheTraining()
    {
        using var output = new StringWriter();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });

        TrainingDisplay.LiveDisplay.Show(console, epochs: 2, images: 100, observer =>
        {
            observer!.EpochStarted(1);
            // The mean so far: fifty images at 0.8, then fifty at 0.4.
            observer.Report(new EpochProgress(1, 0.8));
            observer.Report(new EpochProgress(50, 0.8));
            observer.EpochFinished(new EpochResult(1, 0.6, 0.8, 0.01, 0.9));
            observer.EpochStarted(2);
            // As a GPU reports.
            observer.Report(new EpochProgress(50, null));
            observer.EpochFinished(new EpochResult(2, 0.1, 0.8, 0.01, 0.9));
        });

        Assert.EndsWith("\nloss 0.8000 █▄▁ 0.1000\n", output.ToString());
    }

    [Fact]
    public void ALongTrainingsCurveHasNoMoreThan40Blocks()
    {
        var curve = new LossCurve(images: 1000);
        for (int seen = 1; seen <= 1000; seen++)
            curve.Add(seen, 1000 * (1 - Math.Exp(-seen / 200.0)));

        Assert.Matches("^loss 4.7001 █[▁-█]{38}▁ 0.0359$", curve.ToString());
        Assert.Equal("", new LossCurve(images: 10).ToString());
    }
}
