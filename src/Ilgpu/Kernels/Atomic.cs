using System.Runtime.CompilerServices;

namespace ILGPU;

/// <summary>In a kernel: changes of one element that no other thread can come between.</summary>
public static class Atomic
{
    /// <summary>Adds a value to an element and returns what the element was before.</summary>
    /// <param name="target">The element, in a buffer or in shared memory.</param>
    /// <param name="value">What is added.</param>
    public static int Add(ref int target, int value) => Interlocked.Add(ref target, value) - value;

    /// <summary>Adds a value to an element and returns what the element was before.</summary>
    /// <remarks>The order of the additions of several threads is not fixed, and so neither is the last bit.</remarks>
    /// <param name="target">The element, in a buffer or in shared memory.</param>
    /// <param name="value">What is added.</param>
    public static float Add(ref float target, float value)
    {
        // Compared as bits: NaN differs from itself as a float, and the loop would never end.
        ref int bits = ref Unsafe.As<float, int>(ref target);
        int before = Volatile.Read(ref bits);
        while (true)
        {
            float sum = BitConverter.Int32BitsToSingle(before) + value;
            int seen = Interlocked.CompareExchange(ref bits, BitConverter.SingleToInt32Bits(sum), before);
            if (seen == before)
                return BitConverter.Int32BitsToSingle(before);
            before = seen;
        }
    }
}
