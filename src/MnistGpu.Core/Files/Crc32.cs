using MnistGpu.Core.Data;
namespace MnistGpu.Core.Files;

/// <summary>
/// The 32-bit cyclic redundancy check of zip archives and PNG files (polynomial 0xEDB88320, bit-reversed; PNG
/// specification, annex D).
/// </summary>
internal static class Crc32
{
    private static readonly uint[] Table = MakeTable();

    /// <summary>Continues a checksum; the first call passes <paramref name="checksum"/> 0.</summary>
    public static uint Append(uint checksum, ReadOnlySpan<byte> bytes)
    {
        uint register = ~checksum;
        foreach (byte value in bytes)
            register = Table[(byte)(register ^ value)] ^ (register >> 8);
        return ~register;
    }

    private static uint[] MakeTable()
    {
        var table = new uint[256];
        for (uint value = 0; value < table.Length; value++)
        {
            uint register = value;
            for (int bit = 0; bit < 8; bit++)
                register = (register & 1) != 0 ? 0xEDB88320 ^ (register >> 1) : register >> 1;
            table[value] = register;
        }
        return table;
    }
}
