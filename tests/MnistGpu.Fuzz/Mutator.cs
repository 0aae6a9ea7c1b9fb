using System.Buffers.Binary;

namespace MnistGpu.Fuzz;

/// <summary>Damages files as disks, networks and editors do, and as nobody does.</summary>
internal static class Mutator
{
    // Headers are at the beginning of a file, directories and checksums at its end: half of the damage is there.
    private const int EdgeBytes = 160;

    private static readonly long[] s_lengths =
        [0, 1, 2, 7, 8, 127, 128, 255, 256, 784, 32_767, 32_768, 65_535, 65_536, int.MaxValue, uint.MaxValue, int.MinValue];

    /// <summary>A file that differs from a valid one in one to five places.</summary>
    /// <param name="seeds">One of them is damaged, maybe with a part of another.</param>
    /// <param name="random">Decides everything.</param>
    public static byte[] Damaged(IReadOnlyList<Seed> seeds, Random random)
    {
        Seed seed = seeds[random.Next(seeds.Count)];
        byte[] content = [.. seed.Content];
        for (int changes = random.Next(1, 6); changes > 0; changes--)
            content = Change(content, seeds[random.Next(seeds.Count)].Content, random);
        return seed.Wrap(content);
    }

    private static byte[] Change(byte[] content, byte[] other, Random random)
    {
        int at = Place(content.Length, random);
        int end = Math.Min(content.Length, at + 1 + random.Next(random.Next(2) == 0 ? 8 : 200));
        switch (random.Next(8))
        {
            case 0 or 1 when at < content.Length:
                content[at] ^= (byte)(1 << random.Next(8));
                return content;
            case 2 when at < content.Length:
                content[at] = (byte)random.Next(256);
                return content;
            case 3 or 4:
                WriteLength(content.AsSpan(at), random);
                return content;
            case 5:
                return content[..at];
            case 6:
                return [.. content[..at], .. content[end..]];
            default:
                // A part of another file, or of this one once more.
                byte[] source = random.Next(2) == 0 ? other : content;
                int from = Place(source.Length, random);
                return [.. content[..at], .. source.AsSpan(from, Math.Min(end - at, source.Length - from)), .. content[at..]];
        }
    }

    private static int Place(int length, Random random) => random.Next(4) switch
    {
        0 => random.Next(Math.Min(length, EdgeBytes) + 1),
        1 => length - random.Next(Math.Min(length, EdgeBytes) + 1),
        _ => random.Next(length + 1),
    };

    /// <summary>A number that lengths are wrong by, of two or four bytes in either order.</summary>
    private static void WriteLength(Span<byte> place, Random random)
    {
        Span<byte> bytes = stackalloc byte[4];
        long number = s_lengths[random.Next(s_lengths.Length)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, (int)number);
        bytes = bytes[..random.Next(2, 5)];
        if (random.Next(2) == 0)
            bytes.Reverse();
        bytes[..Math.Min(bytes.Length, place.Length)].CopyTo(place);
    }
}
