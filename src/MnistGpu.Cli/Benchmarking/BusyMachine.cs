using System.Diagnostics;
using MnistGpu.Cli.Output;

namespace MnistGpu.Cli.Benchmarking;

/// <summary>Finds out whether something else keeps the processors busy, which makes every time that is measured too long.</summary>
internal static class BusyMachine
{
    /// <summary>A machine that does nothing else gives a program nearly all of its processors.</summary>
    private const double Idle = 0.85;

    private static readonly TimeSpan s_trial = TimeSpan.FromMilliseconds(200);

    /// <summary>Warns where the machine is busy.</summary>
    public static void Warn(Terminal terminal)
    {
        if (Share() is < Idle and var share)
            terminal.WriteError($"warning: the machine is busy with something else, and this program gets {share:P0} of its processors; "
                + "times are longer than they would be, and differ");
    }

    /// <summary>The part of the processors' time, 0 to 1, that this program gets when it wants all of it for a moment.</summary>
    public static double Share()
    {
        long start = Stopwatch.GetTimestamp();
        TimeSpan before = Environment.CpuUsage.TotalTime;
        Thread[] threads = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(() =>
        {
            while (Stopwatch.GetElapsedTime(start) < s_trial)
            {
            }
        }))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        return (Environment.CpuUsage.TotalTime - before) / Stopwatch.GetElapsedTime(start) / threads.Length;
    }
}
