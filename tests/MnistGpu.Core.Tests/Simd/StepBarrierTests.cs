using MnistGpu.Core.Simd;

namespace MnistGpu.Core.Tests.Simd;

public class StepBarrierTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void NoThreadGoesOnBeforeAllHaveArrived(int threads)
    {
        const int Rounds = 300;
        var barrier = new StepBarrier(threads);
        var arrived = new int[Rounds];
        int early = 0;

        Run(threads, thread =>
        {
            for (int round = 0; round < Rounds; round++)
            {
                Interlocked.Increment(ref arrived[round]);
                barrier.Arrive(thread);
                barrier.Wait(thread);
                if (Volatile.Read(ref arrived[round]) != threads)
                    Interlocked.Increment(ref early);
            }
        });

        Assert.Equal(0, early);
    }

    [Fact]
    public void OneThreadDoesNotWait()
    {
        var barrier = new StepBarrier(1);

        Run(1, thread =>
        {
            barrier.Arrive(thread);
            barrier.Wait(thread);
        });
    }

    [Fact]
    public void AThreadThatComesLateIsWaitedFor()
    {
        var barrier = new StepBarrier(2);
        bool arrived = false, seen = false;

        Run(2, thread =>
        {
            if (thread == 1)
            {
                Thread.Sleep(200);
                Volatile.Write(ref arrived, true);
            }
            barrier.Arrive(thread);
            barrier.Wait(thread);
            if (thread == 0)
                seen = Volatile.Read(ref arrived);
        });

        Assert.True(seen);
    }

    private static void Run(int threads, Action<int> work)
    {
        Thread[] all = Enumerable.Range(0, threads).Select(t => new Thread(() => work(t)) { IsBackground = true }).ToArray();
        foreach (Thread thread in all)
            thread.Start();
        foreach (Thread thread in all)
            Assert.True(thread.Join(TimeSpan.FromSeconds(30)));
    }
}
