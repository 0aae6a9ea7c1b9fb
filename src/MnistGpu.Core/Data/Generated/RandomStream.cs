namespace MnistGpu.Core.Data.Generated;

/// <summary>
/// A stream of random numbers for one image. SplitMix64 (G. Steele, D. Lea, C. Flood: Fast splittable pseudorandom
/// number generators, OOPSLA 2014) rather than <see cref="Random"/>: a stream starts with a few multiplications instead
/// of an array of 56 numbers, and neighbouring keys give unrelated streams. So every image can have its own stream and is
/// independent of those drawn before it.
/// </summary>
internal struct RandomStream
{
    private const ulong Increment = 0x9E3779B97F4A7C15;
    private ulong _state;

    /// <summary>Starts the stream of one image.</summary>
    /// <param name="seed">Seed of the whole set.</param>
    /// <param name="part">Which part of the set: training, test.</param>
    /// <param name="index">Which image of the part.</param>
    public RandomStream(int seed, int part, int index) =>
        _state = Mix(Mix(Mix((uint)seed) + (uint)part) + (uint)index);

    /// <summary>A whole number from 0 to <paramref name="bound"/> − 1.</summary>
    public int Below(int bound) => (int)((Next() >> 32) * (ulong)bound >> 32);

    /// <summary>
    /// A bell-shaped number of mean 0 and standard deviation 1, within ±2√3: the sum of four uniform ones. It needs no
    /// logarithm or cosine, and has no tails that would draw monsters.
    /// </summary>
    public double Bell() => (Uniform() + Uniform() + Uniform() + Uniform() - 2) * 1.7320508075688772;

    /// <summary>A number from 0 to 1, without 1.</summary>
    private double Uniform() => (Next() >> 11) * (1.0 / (1L << 53));

    private ulong Next() => Mix(_state += Increment);

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
