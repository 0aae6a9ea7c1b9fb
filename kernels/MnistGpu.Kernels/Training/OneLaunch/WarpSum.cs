using ILGPU;

namespace MnistGpu.Kernels.Training.OneLaunch;

/// <summary>
/// Sums over threads of a warp, which exchange registers: in each exchange, the partner is the thread whose index differs in
/// one bit. All threads of the warp must call this together.
/// </summary>
internal static class WarpSum
{
    /// <summary>The sum of a number over sixteen neighbouring threads.</summary>
    public static float OfImage(float x)
    {
        x += Warp.ShuffleXor(x, 1);
        x += Warp.ShuffleXor(x, 2);
        x += Warp.ShuffleXor(x, 4);
        return x + Warp.ShuffleXor(x, 8);
    }

    /// <summary>
    /// The sums of four numbers over sixteen neighbouring threads, of which thread t gets the one with index t % 4. A thread
    /// passes on those that it does not keep, so five exchanges are enough instead of sixteen.
    /// </summary>
    public static float OfUnit(Float4 z)
    {
        bool odd = (Group.IdxX & 1) != 0;
        float low = (odd ? z.Y : z.X) + Warp.ShuffleXor(odd ? z.X : z.Y, 1);
        float high = (odd ? z.W : z.Z) + Warp.ShuffleXor(odd ? z.Z : z.W, 1);
        bool upper = (Group.IdxX & 2) != 0;
        float sum = (upper ? high : low) + Warp.ShuffleXor(upper ? low : high, 2);
        sum += Warp.ShuffleXor(sum, 4);
        return sum + Warp.ShuffleXor(sum, 8);
    }

    /// <summary>The vector of the thread whose index differs in the bits of a mask.</summary>
    public static Float4 Exchange(Float4 v, int mask) => new(
        Warp.ShuffleXor(v.X, mask), Warp.ShuffleXor(v.Y, mask), Warp.ShuffleXor(v.Z, mask), Warp.ShuffleXor(v.W, mask));
}
