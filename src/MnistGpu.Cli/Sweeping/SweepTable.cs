using MnistGpu.Cli.Output;
using MnistGpu.Cli.Reports;
using Spectre.Console;

namespace MnistGpu.Cli.Sweeping;

/// <summary>The settings of a sweep on a terminal, one row each, best first.</summary>
internal static class SweepTable
{
    public const string Explanation =
        "Test accuracy in percent over the seeds: mean, standard deviation, least and most. Time: the epochs of a training.";

    public static Table Of(SweepReport report, IReadOnlyList<Setting> ranked)
    {
        (string Name, string Words, Func<Setting, string> Text)[] varied =
            [.. Setting.Variables.Where(variable => report.Varied.Contains(variable.Name))];
        bool anyFailed = report.Results.Any(result => result.Failed > 0);
        Table table = new Table().RoundedBorder();
        foreach (string column in (string[])
            [.. varied.Select(variable => variable.Words), .. report.LastTenth > 0 ? new[] { "last tenth" } : [],
                "mean", "±", "least", "most", "time", .. anyFailed ? new[] { "failed" } : []])
            table.AddColumn(new TableColumn(column).RightAligned());
        for (int i = 0; i < ranked.Count; i++)
        {
            SettingResult result = report.Results[i];
            table.AddRow(
            [
                .. varied.Select(variable => variable.Text(ranked[i])),
                .. report.LastTenth > 0 ? new[] { Percent(result.LastTenthAccuracy?.Mean) } : [],
                Percent(result.TestAccuracy?.Mean), result.TestAccuracy?.Deviation is double deviation ? $"{100 * deviation:0.00}" : "",
                Percent(result.TestAccuracy?.Least), Percent(result.TestAccuracy?.Most), $"{Format.ThreeDigits(result.TrainSeconds)} s",
                .. anyFailed ? new[] { result.Failed == 0 ? "" : $"{result.Failed} of {result.Runs.Count}" } : [],
            ]);
        }
        return table;
    }

    private static string Percent(double? accuracy) => accuracy is double part ? $"{100 * part:0.00}" : "";
}
