using MnistGpu.Core.Simd;

namespace MnistGpu.Core.Tests.Simd;

public class BarrierTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void NoThreadGoesOnBeforeAllHaveArrived(int threads)
    {
        const int Rounds = 300;
        using var barrier = new MnistGpu.Core.Simd.Barrier(threads);
        var arrived = new int[Rounds];
        int early = 0;

        Run(threads, thread =>
        {
            for (int round = 0; round < Rounds; round++)
            {
                Interlocked.Increment(ref arrived[round]);
                barrier.Meet(thread, threads, number: round + 1);
                if (Volatile.Read(ref arrived[round]) != threads)
                    Interlocked.Increment(ref early);
            }
        });

        Assert.Equal(0, early);
    }

    [Fact]
    public void AThreadThatComesLateIsWaitedFor()
    {
        using var barrier = new MnistGpu.Core.Simd.Barrier(2);
        bool arrived = false, seen = false;

        Run(threads: 2, thread =>
        {
            if (thread == 1)
            {
                Thread.Sleep(200);
                Volatile.Write(ref arrived, true);
            }
            barrier.Meet(thread, threads: 2, number: 1);
            if (thread == 0)
                seen = Volatile.Read(ref arrived);
        });

        Assert.True(seen);
    }

    [Fact]
    public void WhoSleptThroughSomeMeetingsComesToTheNext()
    {
        using var barrier = new MnistGpu.Core.Simd.Barrier(3);
        for (int number = 1; number <= 5; number++)
            barrier.Meet(thread: 0, threads: 1, number);

        Run(threads: 3, thread => barrier.Meet(thread, threads: 3, number: 6));
    }

    private static void Run(int threads, Action<int> work)
    {
        Thread[] all = Enumerable.Range(0, threads).Select(t => new Thread(() => work(t)) { IsBackground = true }).ToArray();
        foreach (Thread thread in all)
            thread.Start();
        foreach (Thread thread in all)
            Assert.True(thread.Join(TimeSpan.FromMinutes(2)));
    }
}
