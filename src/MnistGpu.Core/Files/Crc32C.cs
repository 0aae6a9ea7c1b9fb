using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MnistGpu.Core.Files;

/// <summary>
/// The 32-bit cyclic redundancy check of iSCSI (Castagnoli's polynomial, RFC 3720, appendix B.4), for which processors have
/// an instruction: it takes 8 bytes at a time, whereas <see cref="Crc32"/> looks up each byte in a table.
/// </summary>
internal static class Crc32C
{
    /// <summary>Continues a checksum; the first call passes <paramref name="checksum"/> 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static uint Append(uint checksum, ReadOnlySpan<byte> bytes)
    {
        uint register = ~checksum;
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (ulong word in words)
            register = BitOperations.Crc32C(register, BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word));
        foreach (byte value in bytes[(words.Length * sizeof(ulong))..])
            register = BitOperations.Crc32C(register, value);
        return ~register;
    }
}
