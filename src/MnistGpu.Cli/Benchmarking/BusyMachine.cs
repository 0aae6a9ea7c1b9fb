using System.Diagnostics;
using MnistGpu.Cli.Output;

namespace MnistGpu.Cli.Benchmarking;

/// <summary>Finds out whether other programs keep the processors busy, which makes all measured times too long.</summary>
internal static class BusyMachine
{
    /// <summary>An idle machine gives a program nearly all of its processors' time.</summary>
    private const double Idle = 0.85;

    private static readonly TimeSpan s_trial = TimeSpan.FromMilliseconds(200);

    /// <summary>Warns where the machine is busy.</summary>
    public static void Warn(Terminal terminal)
    {
        if (Share() is < Idle and var share)
            terminal.WriteError($"warning: the machine is busy with other programs, and this one gets {share:P0} of its processors; "
                + "times will be longer, and vary");
    }

    /// <summary>The fraction of the processors' time, 0 to 1, that this program gets when it briefly asks for all of it.</summary>
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
