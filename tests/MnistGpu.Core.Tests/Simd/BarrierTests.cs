using MnistGpu.Core.Simd;

namespace MnistGpu.Core.Tests.Simd;

public class BarrierTests
{
    [Fact]
    public void NoThreadGoesOnBeforeBothHaveArrived()
    {
        const int Rounds = 300;
        var barrier = new MnistGpu.Core.Simd.Barrier();
        var arrived = new int[Rounds];
        int early = 0;

        Run(thread =>
        {
            for (int round = 0; round < Rounds; round++)
            {
                Interlocked.Increment(ref arrived[round]);
                barrier.Meet(thread);
                if (Volatile.Read(ref arrived[round]) != 2)
                    Interlocked.Increment(ref early);
            }
        });

        Assert.Equal(0, early);
    }

    [Fact]
    public void AThreadThatComesLateIsWaitedFor()
    {
        var barrier = new MnistGpu.Core.Simd.Barrier();
        bool arrived = false, seen = false;

        Run(thread =>
        {
            if (thread == 1)
            {
                Thread.Sleep(200);
                Volatile.Write(ref arrived, true);
            }
            barrier.Meet(thread);
            if (thread == 0)
                seen = Volatile.Read(ref arrived);
        });

        Assert.True(seen);
    }

    private static void Run(Action<int> work)
    {
        Thread[] all = Enumerable.Range(0, 2).Select(t => new Thread(() => work(t)) { IsBackground = true }).ToArray();
        foreach (Thread thread in all)
            thread.Start();
        foreach (Thread thread in all)
            Assert.True(thread.Join(TimeSpan.FromMinutes(2)));
    }
}
