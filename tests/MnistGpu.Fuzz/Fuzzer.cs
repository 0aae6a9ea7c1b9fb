using Xunit.Abstractions;

// So that the process's time is the time of one reader.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace MnistGpu.Fuzz;

/// <summary>Has a reader read damaged files, and looks at what it throws, how long it takes and what memory.</summary>
/// <param name="output">Told how many were read and what was found.</param>
internal sealed class Fuzzer(ITestOutputHelper output)
{
    /// <summary>Of the processor: a busy machine may take it away for longer.</summary>
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(1);

    /// <summary>Processor time, too: a reader that takes this long never ends.</summary>
    private static readonly TimeSpan s_hang = TimeSpan.FromMinutes(1);

    /// <summary>How many damaged files; <c>FUZZ_INPUTS=10000</c> in the environment reads so many.</summary>
    private static readonly int s_inputs = int.Parse(Environment.GetEnvironmentVariable("FUZZ_INPUTS") ?? "1000");

    /// <summary>Reads one file after another; each is made from its number alone.</summary>
    /// <param name="seeds">Valid files, which are read first.</param>
    /// <param name="mostBytes">What reading one may allocate.</param>
    /// <param name="read">Reads a file; may throw <see cref="InvalidDataException"/> with one line that names the file.</param>
    public void Run(IReadOnlyList<Seed> seeds, long mostBytes, Action<string> read)
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "file");
        foreach (Seed seed in seeds)
        {
            File.WriteAllBytes(path, seed.Wrap(seed.Content));
            read(path);
        }

        int input = 0, refused = 0;
        TimeSpan start = Environment.CpuUsage.TotalTime;
        // A reader that never ends cannot be stopped, but named.
        using var watchdog = new Timer(_ =>
        {
            if (Environment.CpuUsage.TotalTime - start > s_hang)
                Environment.FailFast($"Reading input {input} does not end.");
        }, null, s_hang, s_hang);
        (double Seconds, long Bytes) most = (0, 0);
        for (; input < s_inputs; input++)
        {
            start = Environment.CpuUsage.TotalTime;
            byte[] file = Mutator.Damaged(seeds, new Random(input));
            File.WriteAllBytes(path, file);
            Measure(path, read, out bool isRefused, out double seconds, out long bytes, $"input {input}, {Convert.ToBase64String(file)}");
            refused += isRefused ? 1 : 0;
            most = (Math.Max(most.Seconds, seconds), Math.Max(most.Bytes, bytes));
            if (seconds > s_longest.TotalSeconds || bytes > mostBytes)
                Assert.Fail($"input {input} took {seconds:0.0} s and {bytes:N0} bytes: {Convert.ToBase64String(file)}");
        }
        output.WriteLine($"{s_inputs:N0} files, {refused:N0} of them refused; "
            + $"at most {most.Seconds * 1000:0} ms and {most.Bytes:N0} bytes a file");
        Assert.InRange(refused, 1, int.MaxValue);
    }

    private static void Measure(
        string path, Action<string> read, out bool isRefused, out double seconds, out long bytes, string input)
    {
        isRefused = false;
        long before = GC.GetAllocatedBytesForCurrentThread();
        TimeSpan start = Environment.CpuUsage.TotalTime;
        try
        {
            read(path);
        }
        catch (InvalidDataException exception)
        {
            isRefused = true;
            Assert.True(exception.Message.Contains(path) && !exception.Message.Contains('\n'), $"{input}: {exception.Message}");
        }
        catch (Exception exception)
        {
            Assert.Fail($"{input}: {exception}");
        }
        seconds = (Environment.CpuUsage.TotalTime - start).TotalSeconds;
        bytes = GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
