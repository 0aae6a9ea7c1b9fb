using System.Buffers.Binary;

namespace MnistGpu.Core.Augmentation;

/// <summary>
/// Counter-based random numbers: a block of four is a function of its number and a key, so any of them can be drawn at any
/// time, on any thread. This is Philox-4x32-10. (J. Salmon et al.: Parallel random numbers: as easy as 1, 2, 3, SC 2011.)
/// </summary>
internal static class Philox
{
    /// <summary>Draws random bytes, 16 per block.</summary>
    /// <param name="target">Written; its length is a multiple of 16.</param>
    /// <param name="seed">Half of the key.</param>
    /// <param name="epoch">The other half of the key.</param>
    /// <param name="index">What the numbers are for; together with the block's number, the counter.</param>
    public static void Fill(Span<byte> target, uint seed, uint epoch, uint index)
    {
        for (int block = 0; block < target.Length / 16; block++)
        {
            (uint a, uint b, uint c, uint d) = Block((uint)block, index, seed, epoch);
            Span<byte> sixteen = target[(16 * block)..];
            BinaryPrimitives.WriteUInt32LittleEndian(sixteen, a);
            BinaryPrimitives.WriteUInt32LittleEndian(sixteen[4..], b);
            BinaryPrimitives.WriteUInt32LittleEndian(sixteen[8..], c);
            BinaryPrimitives.WriteUInt32LittleEndian(sixteen[12..], d);
        }
    }

    /// <summary>Four random numbers for the counter (counter0, counter1, 0, 0).</summary>
    internal static (uint A, uint B, uint C, uint D) Block(uint counter0, uint counter1, uint key0, uint key1)
    {
        (uint a, uint b, uint c, uint d) = (counter0, counter1, 0, 0);
        for (int round = 0; round < 10; round++)
        {
            ulong left = (ulong)a * 0xD251_1F53, right = (ulong)c * 0xCD9E_8D57;
            (a, b, c, d) = ((uint)(right >> 32) ^ b ^ key0, (uint)right, (uint)(left >> 32) ^ d ^ key1, (uint)left);
            key0 += 0x9E37_79B9;
            key1 += 0xBB67_AE85;
        }
        return (a, b, c, d);
    }
}
