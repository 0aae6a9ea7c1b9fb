using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using MnistGpu.Core.Data;
using MnistGpu.Core.Network;

namespace MnistGpu.Core.Files;

/// <summary>
/// One array of numbers in NumPy's .npy format, versions 1.0, 2.0 and 3.0: a magic number, the length of a header, the
/// header (a Python dictionary with the element type, the order and the shape), then the elements. The constructor
/// reads the header; the elements are read once the shape is known to be the expected one, so that memory is never allocated
/// just because a file claims a size. (The format: NEP 1 and the documentation of numpy.lib.format.)
/// </summary>
/// <remarks>Its exceptions do not name the file or the array; the caller knows them.</remarks>
internal sealed partial class NpyArray
{
    // NumPy's own default limit; a header of this project's arrays has 118 bytes.
    private const int MaxHeaderBytes = 10_000;

    private readonly Stream _stream;
    private readonly bool _fortranOrder;
    private readonly char _kind;
    private readonly int _elementBytes;
    private readonly bool _isBigEndian;

    /// <summary>Reads the header.</summary>
    /// <param name="stream">Positioned at the magic number.</param>
    /// <exception cref="InvalidDataException">This is not an array of real numbers.</exception>
    /// <exception cref="EndOfStreamException">The header is cut short.</exception>
    public NpyArray(Stream stream)
    {
        _stream = stream;
        string header = ReadHeader();
        Match match = HeaderPattern().Match(header);
        var values = new Dictionary<string, string>();
        for (int i = 0; i < match.Groups["key"].Captures.Count; i++)
            values[match.Groups["key"].Captures[i].Value] = match.Groups["value"].Captures[i].Value;
        if (values.Count != 3)
            throw new InvalidDataException("its header is not that of a NumPy array of numbers");

        string type = values["descr"].TrimStart('u').Trim('\'', '"');
        if (type.EndsWith('O'))
            throw new InvalidDataException("it holds pickled Python objects, which are never loaded");
        string name = type.TrimStart('<', '>', '=', '|');
        (_kind, _elementBytes) = ParseType(name) ?? throw new InvalidDataException(
            $"its elements are of {(name.All(char.IsAsciiLetterOrDigit) ? $"type {name}" : "another type")}; "
                + "floats of 16 to 64 bits and integers can be read");
        _isBigEndian = type[0] == '>' || type[0] != '<' && !BitConverter.IsLittleEndian;
        _fortranOrder = values["fortran_order"] switch
        {
            "True" => true,
            "False" => false,
            _ => throw new InvalidDataException("its header says neither True nor False for fortran_order"),
        };
        Shape = ParseShape(values["shape"]);
    }

    /// <summary>The array's extents, outermost first.</summary>
    public IReadOnlyList<int> Shape { get; }

    /// <summary>Checksum of everything read so far, as stored in a zip archive.</summary>
    public uint Checksum { get; private set; }

    /// <summary>A shape as printed by Python: (784, 100), (10,) or ().</summary>
    public static string ShapeText(IReadOnlyList<int> shape) =>
        shape.Count == 1 ? $"({shape[0]},)" : $"({string.Join(", ", shape)})";

    /// <summary>Reads the elements as float32 in row-major order, whatever the file has.</summary>
    /// <param name="elements">As many as <see cref="Shape"/> says.</param>
    /// <exception cref="InvalidDataException">An element is NaN or infinite, or more bytes follow the last.</exception>
    /// <exception cref="EndOfStreamException">Elements are missing.</exception>
    public void ReadElements(Span<float> elements)
    {
        int size = _elementBytes;
        int rows = Shape.Count == 2 ? Shape[0] : 1;
        int columns = elements.Length / rows;
        var buffer = new byte[64 * 1024];
        for (int done = 0; done < elements.Length;)
        {
            int count = Math.Min(buffer.Length / size, elements.Length - done);
            ReadExactly(buffer.AsSpan(0, count * size));
            for (int i = 0; i < count; i++, done++)
            {
                double value = Decode(buffer.AsSpan(i * size, size));
                int index = _fortranOrder ? done % rows * columns + done / rows : done;
                elements[index] = (float)value;
                if (!float.IsFinite(elements[index]))
                    throw new InvalidDataException(
                        $"element [{IndexText(index, columns)}] is {value.ToString(CultureInfo.InvariantCulture)}, " +
                        "which is not a finite float32 number");
            }
        }
        if (_stream.ReadByte() >= 0)
            throw new InvalidDataException("more bytes follow its last element");
    }

    /// <summary>Reads the elements as bytes, in row-major order.</summary>
    /// <param name="elements">As many as <see cref="Shape"/> says.</param>
    /// <exception cref="InvalidDataException">An element is not an integer from 0 to 255, or more bytes follow the last.</exception>
    /// <exception cref="EndOfStreamException">Elements are missing.</exception>
    public void ReadBytes(Span<byte> elements)
    {
        if (_fortranOrder && Shape.Count > 1)
            throw new InvalidDataException("it is in Fortran order; save numpy.ascontiguousarray of it");
        if ((_kind, _elementBytes) == ('u', 1))
        {
            ReadExactly(elements);
        }
        else
        {
            var buffer = new byte[64 * 1024];
            for (int done = 0; done < elements.Length;)
            {
                int count = Math.Min(buffer.Length / _elementBytes, elements.Length - done);
                ReadExactly(buffer.AsSpan(0, count * _elementBytes));
                for (int i = 0; i < count; i++, done++)
                {
                    double value = Decode(buffer.AsSpan(i * _elementBytes, _elementBytes));
                    if (value is not (>= 0 and <= byte.MaxValue) || value != (byte)value)
                        throw new InvalidDataException(
                            $"element {done} is {value.ToString(CultureInfo.InvariantCulture)}, which is not a whole number from 0 to 255"
                            + (value is > 0 and < 1 ? "; save (255 * x).round().astype('uint8')" : ""));
                    elements[done] = (byte)value;
                }
            }
        }
        if (_stream.ReadByte() >= 0)
            throw new InvalidDataException("more bytes follow its last element");
    }

    /// <summary>Writes a float32 array, row-major, in the byte order of this machine.</summary>
    /// <param name="stream">Where the array goes.</param>
    /// <param name="elements">As many as <paramref name="shape"/> says.</param>
    /// <param name="shape">One or two extents.</param>
    public static void Write(Stream stream, ReadOnlySpan<float> elements, params int[] shape)
    {
        string type = BitConverter.IsLittleEndian ? "<f4" : ">f4";
        string header = $"{{'descr': '{type}', 'fortran_order': False, 'shape': {ShapeText(shape)}, }}";
        // Magic number, version and length take 10 bytes; spaces and a line feed pad the total to a multiple of 64.
        header = header.PadRight((10 + header.Length) / 64 * 64 + 64 - 11) + "\n";
        stream.Write([.. Magic, 1, 0, (byte)header.Length, (byte)(header.Length >> 8)]);
        stream.Write(Encoding.Latin1.GetBytes(header));
        stream.Write(MemoryMarshal.AsBytes(elements));
    }

    private string ReadHeader()
    {
        Span<byte> start = stackalloc byte[8];
        ReadExactly(start);
        if (!start[..6].SequenceEqual(Magic))
            throw new InvalidDataException("it does not begin with NumPy's magic number");
        int version = start[6];
        if (version is < 1 or > 3 || start[7] != 0)
            throw new InvalidDataException($"its format version {version}.{start[7]} is not 1.0, 2.0 or 3.0");

        Span<byte> lengthBytes = stackalloc byte[version == 1 ? 2 : 4];
        ReadExactly(lengthBytes);
        uint length = version == 1
            ? BinaryPrimitives.ReadUInt16LittleEndian(lengthBytes)
            : BinaryPrimitives.ReadUInt32LittleEndian(lengthBytes);
        if (length > MaxHeaderBytes)
            throw new InvalidDataException($"its header claims {length} bytes; at most {MaxHeaderBytes} are accepted");
        var header = new byte[length];
        ReadExactly(header);
        return (version == 3 ? Encoding.UTF8 : Encoding.Latin1).GetString(header);
    }

    /// <summary>
    /// A type's kind and size in bytes, from any of NumPy's names for it: f for floats, i for signed and u for unsigned
    /// integers, which include True and False.
    /// </summary>
    private static (char Kind, int Bytes)? ParseType(string type) => type switch
    {
        "f2" or "e" or "half" or "float16" => ('f', 2),
        "f4" or "f" or "single" or "float32" => ('f', 4),
        "f8" or "d" or "double" or "float64" or "float" => ('f', 8),
        "i1" or "b" or "byte" or "int8" => ('i', 1),
        "i2" or "h" or "short" or "int16" => ('i', 2),
        "i4" or "i" or "intc" or "int32" => ('i', 4),
        "i8" or "q" or "longlong" or "int64" => ('i', 8),
        "u1" or "B" or "ubyte" or "uint8" or "b1" or "?" or "bool" => ('u', 1),
        "u2" or "H" or "ushort" or "uint16" => ('u', 2),
        "u4" or "I" or "uintc" or "uint32" => ('u', 4),
        "u8" or "Q" or "ulonglong" or "uint64" => ('u', 8),
        _ => null,
    };

    private static int[] ParseShape(string tuple)
    {
        // Python 2 wrote an L after long numbers.
        string[] parts = tuple.Trim('(', ')').Replace("L", "").Split(
            ',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var shape = new int[parts.Length];
        for (int i = 0; i < parts.Length; i++)
            if (!int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out shape[i]))
                throw new InvalidDataException("its header has a shape that is not a tuple of small numbers");
        return shape;
    }

    private double Decode(Span<byte> bytes)
    {
        if (_isBigEndian)
            bytes.Reverse();
        return (_kind, _elementBytes) switch
        {
            ('f', 2) => (double)BinaryPrimitives.ReadHalfLittleEndian(bytes),
            ('f', 4) => BinaryPrimitives.ReadSingleLittleEndian(bytes),
            ('f', _) => BinaryPrimitives.ReadDoubleLittleEndian(bytes),
            ('i', 1) => (sbyte)bytes[0],
            ('i', 2) => BinaryPrimitives.ReadInt16LittleEndian(bytes),
            ('i', 4) => BinaryPrimitives.ReadInt32LittleEndian(bytes),
            ('i', _) => BinaryPrimitives.ReadInt64LittleEndian(bytes),
            (_, 1) => bytes[0],
            (_, 2) => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
            (_, 4) => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
            _ => BinaryPrimitives.ReadUInt64LittleEndian(bytes),
        };
    }

    private string IndexText(int index, int columns) =>
        Shape.Count == 2 ? $"{index / columns}, {index % columns}" : $"{index}";

    private void ReadExactly(Span<byte> bytes)
    {
        _stream.ReadExactly(bytes);
        Checksum = Crc32.Append(Checksum, bytes);
    }

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>
    /// A dictionary of three entries with known keys. A value is a quoted string, a word or a tuple of numbers. Spaces are
    /// matched atomically, so no header makes the match slow.
    /// </summary>
    [GeneratedRegex(
        """
        ^(?>\s*)\{
        (?: (?>\s*) u?['"](?<key>descr|fortran_order|shape)['"] (?>\s*) : (?>\s*)
            (?<value> u?'[^']*' | u?"[^"]*" | [A-Za-z]+ | \([0-9L,\x20]*\) ) (?>\s*) (?: , | (?=\}) ) ){3}
        (?>\s*)\}(?>\s*)$
        """,
        RegexOptions.IgnorePatternWhitespace | RegexOptions.CultureInvariant)]
    private static partial Regex HeaderPattern();
}
