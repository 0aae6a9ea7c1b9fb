using System.Buffers.Binary;

namespace MnistGpu.Core.Pictures;

/// <summary>
/// What a PNG file's header, palette and transparency chunks say about its pixels, and how a pixel becomes grey.
/// (Section numbers as in <see cref="PngFile"/>.)
/// </summary>
internal sealed class PngFormat
{
    private const int Gray = 0;
    private const int Rgb = 2;
    private const int Indexed = 3;
    private const int GrayAlpha = 4;
    private const int Rgba = 6;

    private readonly int _bitDepth;
    private readonly int _colorType;
    private readonly int _maxSample;
    private byte[]? _palette;
    private byte[]? _paletteAlpha;
    private int[]? _transparentColor;

    /// <summary>Reads the IHDR chunk (section 11.2.1).</summary>
    /// <exception cref="InvalidDataException">A value is not allowed, or the picture is too large.</exception>
    public PngFormat(ReadOnlySpan<byte> header)
    {
        if (header.Length != 13)
            throw new InvalidDataException($"its IHDR chunk has {header.Length} bytes instead of 13");
        uint width = BinaryPrimitives.ReadUInt32BigEndian(header);
        uint height = BinaryPrimitives.ReadUInt32BigEndian(header[4..]);
        GrayImage.CheckSize(width, height);
        Width = (int)width;
        Height = (int)height;
        _bitDepth = header[8];
        _colorType = header[9];
        bool known = (_colorType, _bitDepth) is
            (Gray, 1 or 2 or 4 or 8 or 16) or (Indexed, 1 or 2 or 4 or 8) or (Rgb or GrayAlpha or Rgba, 8 or 16);
        if (!known)
            throw new InvalidDataException($"there is no PNG colour type {_colorType} with {_bitDepth} bits");
        if (header[10] != 0 || header[11] != 0 || header[12] > 1)
            throw new InvalidDataException("its compression, filter or interlace method is not known");
        IsInterlaced = header[12] == 1;
        _maxSample = (1 << _bitDepth) - 1;
    }

    /// <summary>Pixels of a row.</summary>
    public int Width { get; }

    /// <summary>Number of rows.</summary>
    public int Height { get; }

    /// <summary>Whether the image data is in Adam7's order.</summary>
    public bool IsInterlaced { get; }

    /// <summary>How far back a filter looks: a pixel, and at least a byte.</summary>
    public int BytesPerPixel => Math.Max(1, Channels * _bitDepth / 8);

    private int Channels => _colorType switch { Rgb => 3, GrayAlpha => 2, Rgba => 4, _ => 1 };

    /// <summary>Bytes of a row of so many pixels, without the filter's.</summary>
    public int BytesPerRow(int columns) => checked((int)(((long)columns * Channels * _bitDepth + 7) / 8));

    /// <summary>Takes the PLTE chunk: red, green and blue of each entry.</summary>
    /// <exception cref="InvalidDataException">It has no entry, a part of one, or more than 256.</exception>
    public void SetPalette(ReadOnlySpan<byte> data)
    {
        if (data.Length == 0 || data.Length % 3 != 0 || data.Length > 256 * 3)
            throw new InvalidDataException($"its palette has {data.Length} bytes");
        _palette = data.ToArray();
    }

    /// <summary>Takes the tRNS chunk: alpha of the first palette entries, or the colour that is transparent.</summary>
    /// <exception cref="InvalidDataException">It does not fit the colour type.</exception>
    public void SetTransparency(ReadOnlySpan<byte> data)
    {
        bool fits = _colorType switch
        {
            Gray => data.Length == 2,
            Rgb => data.Length == 6,
            Indexed => _palette is not null && data.Length <= _palette.Length / 3,
            _ => false,
        };
        if (!fits)
            throw new InvalidDataException($"its tRNS chunk of {data.Length} bytes does not fit its colour type");
        if (_colorType == Indexed)
        {
            _paletteAlpha = data.ToArray();
            return;
        }
        _transparentColor = new int[Channels];
        for (int i = 0; i < Channels; i++)
            _transparentColor[i] = BinaryPrimitives.ReadUInt16BigEndian(data[(2 * i)..]);
    }

    /// <summary>Makes sure, before the pixels are read, that indexed colours have a palette.</summary>
    /// <exception cref="InvalidDataException">They have none.</exception>
    public void CheckPalette()
    {
        if (_colorType == Indexed && _palette is null)
            throw new InvalidDataException("its palette is missing");
    }

    /// <summary>A pixel of an unfiltered row as grey, laid over paper of a brightness.</summary>
    /// <exception cref="InvalidDataException">It names a palette entry that does not exist.</exception>
    public byte GrayAt(ReadOnlySpan<byte> row, int column, byte paper)
    {
        int first = column * Channels;
        int sample = SampleAt(row, first);
        switch (_colorType)
        {
            case Gray:
                int level = ToByte(sample);
                return GrayImage.Luma(level, level, level, sample == _transparentColor?[0] ? 0 : 255, paper);
            case GrayAlpha:
                level = ToByte(sample);
                return GrayImage.Luma(level, level, level, ToByte(SampleAt(row, first + 1)), paper);
            case Indexed:
                return PaletteGray(sample, paper);
        }

        int green = SampleAt(row, first + 1);
        int blue = SampleAt(row, first + 2);
        int alpha = _maxSample;
        if (_colorType == Rgba)
            alpha = SampleAt(row, first + 3);
        else if (_transparentColor is [int r, int g, int b] && (r, g, b) == (sample, green, blue))
            alpha = 0;
        return GrayImage.Luma(ToByte(sample), ToByte(green), ToByte(blue), ToByte(alpha), paper);
    }

    private byte PaletteGray(int index, byte paper)
    {
        if (index >= _palette!.Length / 3)
            throw new InvalidDataException($"a pixel has colour {index}, but its palette has {_palette.Length / 3}");
        int alpha = index < _paletteAlpha?.Length ? _paletteAlpha[index] : 255;
        return GrayImage.Luma(_palette[3 * index], _palette[3 * index + 1], _palette[3 * index + 2], alpha, paper);
    }

    /// <summary>A sample as stored; several of less than 8 bits share a byte, the first in the high bits.</summary>
    private int SampleAt(ReadOnlySpan<byte> row, int index)
    {
        if (_bitDepth == 8)
            return row[index];
        if (_bitDepth == 16)
            return BinaryPrimitives.ReadUInt16BigEndian(row[(2 * index)..]);
        int bit = index * _bitDepth;
        return row[bit / 8] >> (8 - _bitDepth - bit % 8) & _maxSample;
    }

    private int ToByte(int sample) => (sample * 255 + _maxSample / 2) / _maxSample;
}
