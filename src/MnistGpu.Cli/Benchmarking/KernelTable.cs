using MnistGpu.Cli.Output;
using MnistGpu.Cli.Reports;
using Spectre.Console;

namespace MnistGpu.Cli.Benchmarking;

/// <summary>The kernels of a device on a terminal.</summary>
internal static class KernelTable
{
    /// <summary>What the columns mean.</summary>
    public const string Explanation =
        "GFLOP/s and GB/s count the necessary work: none for a pixel that is 0, and every number read or "
            + "written once. The shares are of what the multiply-add kernel and the copy kernel reach on the device; "
            + "more than 100 % of the copy rate means that the data is in a cache. cuBLAS is NVIDIA's own library, included in "
            + "the comparison if installed, and in TF32 where there are tensor cores. The error is the largest against double "
            + "precision, as a multiple of what one rounding can do to the sum of an element's terms.";

    /// <summary>The kernels at one shape.</summary>
    public static Table Of(string shape, IEnumerable<KernelResult> kernels)
    {
        Table table = new Table().RoundedBorder().Title(Markup.Escape(shape));
        table.AddColumn("kernel");
        table.AddColumn("");
        foreach (string column in (string[])["µs", "GFLOP/s", "share", "GB/s", "share"])
            table.AddColumn(new TableColumn(column).RightAligned());
        foreach (KernelResult kernel in kernels)
            table.AddRow(
                Markup.Escape(kernel.Timing.Kernel), kernel.Timing.Version,
                Format.ThreeDigits(kernel.Seconds.Median * 1e6),
                Format.ThreeDigits(kernel.Gflops), Format.Percent(kernel.ShareOfMultiplyAdd),
                Format.ThreeDigits(kernel.GigabytesPerSecond), Format.Percent(kernel.ShareOfCopy));
        return table;
    }

    /// <summary>The rungs of the ladder at one shape.</summary>
    public static Table OfLadder(string shape, IEnumerable<KernelResult> rungs)
    {
        Table table = new Table().RoundedBorder().Title(Markup.Escape($"C = A·B, {shape}"));
        table.AddColumn("kernel");
        foreach (string column in (string[])["µs", "GFLOP/s", "share", "of cuBLAS", "error"])
            table.AddColumn(new TableColumn(column).RightAligned());
        foreach (KernelResult rung in rungs)
            table.AddRow(
                Markup.Escape(rung.Timing.Kernel),
                Format.ThreeDigits(rung.Seconds.Median * 1e6),
                Format.ThreeDigits(rung.Gflops), Format.Percent(rung.ShareOfMultiplyAdd),
                rung.ShareOfCuBlas is double share ? Format.Percent(share) : "-",
                rung.Timing.LargestError is double error ? Format.ThreeDigits(error) : "-");
        return table;
    }
}
