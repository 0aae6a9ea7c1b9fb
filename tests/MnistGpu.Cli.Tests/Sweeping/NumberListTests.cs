using System.CommandLine;
using System.Globalization;
using MnistGpu.Cli.Sweeping;
using MnistGpu.Core.Data;

namespace MnistGpu.Cli.Tests.Sweeping;

public class NumberListTests
{
    [Fact]
    public void AnyListOfNumbersAndRangesIsItsNumbersSortedAndOnce()
    {
        var random = new Random(1);
        Option<int[]> option = NumberList.Integers("--seeds", "", [], 0);
        Option<double[]> decimals = NumberList.Numbers("--rates", "", _ => true, "");
        var command = new RootCommand { option, decimals };
        for (int trial = 0; trial < 300; trial++)
        {
            var expected = new SortedSet<int>();
            List<string> parts = [];
            for (int part = random.Next(1, 12); part > 0; part--)
            {
                int first = random.Next(100), last = random.Next(3) == 0 ? first + random.Next(20) : first;
                parts.Add(last == first ? $"{first}" : $"{first}-{last}");
                expected.UnionWith(Enumerable.Range(first, last - first + 1));
            }
            double[] rates = [.. Enumerable.Range(0, random.Next(1, 12)).Select(_ => Math.Round(random.NextDouble(), 1))];

            ParseResult parsed = command.Parse(["--seeds", string.Join(random.Next(2) == 0 ? "," : " , ", parts), "--rates", string.Join(',', rates)]);

            Assert.Equal(expected, parsed.GetValue(option)!);
            Assert.Equal(rates.Distinct().Order(), parsed.GetValue(decimals)!);
        }
    }

    [Fact]
    public void SettingsAreTheProductOfRandomListsOrARandomPartOfIt()
    {
        var random = new Random(2);
        var settings = new SweepSettings();
        var command = new Command("sweep");
        foreach (Option option in (Option[])[.. settings.Lists, .. settings.OfData, .. settings.OfTraining])
            command.Options.Add(option);
        settings.RefuseTooMany(command);
        var images = new ImageSet(new byte[784], new byte[1]);
        for (int trial = 0; trial < 60; trial++)
        {
            int[] Draw(int most) => [.. Enumerable.Range(1, most).Where(_ => random.Next(2) == 0).DefaultIfEmpty(1)];
            int[] hidden = Draw(6), batch = Draw(4), epochs = Draw(3);
            double[] rates = [.. Draw(4).Select(n => n / 8.0)], momentum = [.. Draw(3).Select(n => n / 4.0)];
            string[] options =
            [
                "--hidden", string.Join(',', hidden), "--batch-size", string.Join(',', batch), "--epochs", string.Join(',', epochs),
                "--learning-rate", List(rates), "--momentum", List(momentum), "--augment", "off,on",
            ];
            var expected = (from h in hidden from b in batch from e in epochs from r in rates from m in momentum from a in new[] { false, true } select (h, b, e, r, m, a)).ToList();

            ParseResult parsed = command.Parse(options);
            Assert.Empty(parsed.Errors);
            IReadOnlyList<Setting> all = settings.Settings(parsed, images);

            Assert.Equal(expected, all.Select(s => (
                s.Hidden, s.Options.BatchSize, s.Options.Epochs, s.Options.LearningRate!.Value, s.Options.Momentum!.Value, s.Options.Augment)));
            Assert.Equal(hidden.Length > 1, settings.Varied(parsed).Contains("hidden"));
            int count = random.Next(1, all.Count + 2);
            IReadOnlyList<Setting> some = settings.Settings(command.Parse([.. options, "--random", $"{count}"]), images);
            Assert.Equal(Math.Min(count, all.Count), some.Distinct().Count());
            Assert.Empty(some.Except(all));
            Assert.Equal(some, settings.Settings(command.Parse([.. options, "--random", $"{count}"]), images));
        }

        static string List(double[] values) => string.Join(',', values.Select(value => value.ToString(CultureInfo.InvariantCulture)));
    }

    [Theory]
    [InlineData("--seeds 1-x", "--seeds '1-x' is not a whole number from 0, nor a range such as 1-20")]
    [InlineData("--seeds 5-1", "--seeds '5-1' is not a whole number from 0")]
    [InlineData("--seeds 1,,2", "--seeds '' is not a whole number from 0")]
    [InlineData("--seeds -1", "--seeds '-1' is not a whole number from 0")]
    [InlineData("--seeds 0-2147483647", "--seeds '0-2147483647' is too long: a list has at most 100,000 numbers")]
    [InlineData("--seeds 2147483648", "--seeds '2147483648' is not a whole number from 0")]
    [InlineData("--hidden 100,65537", "--hidden '65537' is not a whole number from 1 to 65536")]
    [InlineData("--learning-rate 0,1", "--learning-rate '0' is not a number from 1.4e-45")]
    [InlineData("--learning-rate 0.1;0.2", "--learning-rate '0.1;0.2' is not a number")]
    [InlineData("--momentum 0.5,1", "--momentum '1' is not a number from 0 to below 1")]
    [InlineData("--augment both", "--augment 'both' is unknown; choose on, off or off,on")]
    [InlineData("--seeds 1-1000 --hidden 1-1000", "these lists ask for 1,000,000 trainings, but a sweep may have at most 100,000; --random N")]
    [InlineData("--random 200000 --seeds 1 --hidden 1-1000 --batch-size 1-1000", "these lists ask for 200,000 trainings")]
    [InlineData("--hidden 1-60000 --batch-size 1-90000 --epochs 1-90000 --momentum 0,0.1,0.2 --random 1", "these lists have 1.46E+15 settings, too many")]
    [InlineData("--csv runs.json", "--csv runs.json is the name of another kind of file; choose one that ends with .csv")]
    [InlineData("--csv -", "--csv -: a row is added to it after each training; name a file")]
    [InlineData("--csv a.csv --resume b.csv", "--resume adds to its own file; leave out --csv")]
    [InlineData("--report a --json a", "--json and --report are the same file, a")]
    public void WrongListsGiveOneClearLine(string options, string message)
    {
        MnistGpuRun run = MnistGpuRun.Start(["sweep", .. options.Split(' ')]);

        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith($"mnistgpu: {message}", run.Error);
        Assert.Equal("", run.Output);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }
}
