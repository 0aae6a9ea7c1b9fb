namespace MnistGpu.Core.Pictures;

/// <summary>
/// Decodes the Netpbm formats to grey: PBM (P1, P4), PGM (P2, P5) and PPM (P3, P6), as text or binary. A header of
/// numbers, with comments from # to the end of the line, then the samples. Of several pictures the first is taken.
/// (Netpbm's manual pages pbm, pgm and ppm.)
/// </summary>
public static class NetpbmFile
{
    /// <summary>Decodes a whole file.</summary>
    /// <param name="file">The bytes of the file.</param>
    /// <exception cref="InvalidDataException">
    /// The file is damaged or too large; the message does not name it.
    /// </exception>
    public static GrayImage Decode(ReadOnlySpan<byte> file)
    {
        if (file is not [(byte)'P', >= (byte)'1' and <= (byte)'6', ..])
            throw new InvalidDataException("it does not begin with P1 to P6");
        int kind = file[1] - '0';
        bool isText = kind <= 3;
        bool isBitmap = kind is 1 or 4;
        int channels = kind is 3 or 6 ? 3 : 1;

        int position = 2;
        int width = NextNumber(file, ref position);
        int height = NextNumber(file, ref position);
        int maxValue = isBitmap ? 1 : NextNumber(file, ref position);
        GrayImage.CheckSize(width, height);
        if (maxValue is < 1 or > 65_535)
            throw new InvalidDataException($"its largest value is given as {maxValue}; it is 1 to 65535");
        // Exactly one blank parts the header from binary samples.
        if (!isText && (position >= file.Length || !IsBlank(file[position++])))
            throw new InvalidDataException("its header is damaged");

        int bits = isBitmap ? 1 : maxValue < 256 ? 8 : 16;
        int rowBytes = (int)(((long)width * channels * bits + 7) / 8);
        // A text sample takes at least a digit.
        long needed = isText ? (long)width * height * channels : (long)rowBytes * height;
        if (file.Length - position < needed)
            throw new InvalidDataException(
                $"it is cut short: {width}×{height} pixels do not fit in its {file.Length} bytes");

        var pixels = new byte[width * height];
        Span<int> color = stackalloc int[channels];
        for (int i = 0; i < pixels.Length; i++)
        {
            for (int c = 0; c < channels; c++)
            {
                int sample;
                if (kind == 1)
                    sample = NextBit(file, ref position);
                else if (isText)
                    sample = NextNumber(file, ref position);
                else
                    sample = BinarySample(file[(position + i / width * rowBytes)..], i % width * channels + c, bits);
                if (sample > maxValue)
                    throw new InvalidDataException(
                        $"a sample is {sample}, but its largest value is given as {maxValue}");
                // In a bitmap 1 is black.
                color[c] = ((isBitmap ? 1 - sample : sample) * 255 + maxValue / 2) / maxValue;
            }
            pixels[i] = GrayImage.Luma(color[0], color[channels / 2], color[^1]);
        }
        return new GrayImage(width, height, pixels);
    }

    private static int BinarySample(ReadOnlySpan<byte> row, int index, int bits) => bits switch
    {
        1 => row[index / 8] >> (7 - index % 8) & 1,
        8 => row[index],
        _ => row[2 * index] << 8 | row[2 * index + 1],
    };

    private static int NextNumber(ReadOnlySpan<byte> file, ref int position)
    {
        SkipBlanks(file, ref position);
        int start = position;
        int number = 0;
        for (; position < file.Length && char.IsAsciiDigit((char)file[position]); position++)
        {
            number = number * 10 + file[position] - '0';
            if (number > GrayImage.MaxPixels)
                throw new InvalidDataException($"a number in it is larger than {GrayImage.MaxPixels}");
        }
        if (position == start)
            throw new InvalidDataException(
                position == file.Length ? "it is cut short" : $"at byte {position} it should have a number");
        return number;
    }

    /// <summary>A digit of a text bitmap; they need no blanks between them.</summary>
    private static int NextBit(ReadOnlySpan<byte> file, ref int position)
    {
        SkipBlanks(file, ref position);
        if (position == file.Length)
            throw new InvalidDataException("it is cut short");
        int bit = file[position++] - '0';
        return bit is 0 or 1 ? bit : throw new InvalidDataException($"at byte {position - 1} it should have a 0 or 1");
    }

    private static void SkipBlanks(ReadOnlySpan<byte> file, ref int position)
    {
        for (; position < file.Length; position++)
        {
            if (file[position] == '#')
                while (position < file.Length - 1 && file[position] is not ((byte)'\n' or (byte)'\r'))
                    position++;
            else if (!IsBlank(file[position]))
                return;
        }
    }

    private static bool IsBlank(byte value) => value is (byte)' ' or >= 9 and <= 13;
}
