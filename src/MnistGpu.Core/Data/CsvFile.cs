using System.Text;
using MnistGpu.Core.Files;
using MnistGpu.Core.Memory;

namespace MnistGpu.Core.Data;

/// <summary>
/// Labelled images as comma-separated values: a row is an image, its 784 pixels from 0 to 255 and a label from 0 to 9. The
/// first line may name the columns: one is then "label", "class", "target" or "y", and one may be "id" or "index", which is
/// ignored. Without names, the label comes first. A gzip file is unpacked.
/// </summary>
internal sealed class CsvFile : IDisposable
{
    /// <summary>A row has some 3,000 bytes, and a line of names 8,000.</summary>
    private const int LongestLine = 64 * 1024;

    private static readonly string[] LabelNames = ["label", "class", "target", "y"];
    private static readonly string[] NumberNames = ["id", "index", "", "unnamed: 0"];

    private static readonly (byte Separator, string Name)[] OtherSeparators = [((byte)';', "semicolons"), ((byte)'\t', "tabs"), ((byte)' ', "spaces")];

    private readonly string _path;
    private readonly Stream _content;
    private readonly byte[] _buffer = new byte[2 * LongestLine];
    private int _begin;
    private int _end;
    private int _line;

    // What each column contains: a pixel's number, or one of these.
    private const int Label = -1;
    private const int Nothing = -2;
    private int[] _columns = [];

    private CsvFile(string path)
    {
        _path = path;
        _content = IdxFile.OpenContent(path, out _);
    }

    public void Dispose() => _content.Dispose();

    /// <summary>Whether a file has a label in each row, according to its first line.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="InvalidDataException">It is not such a file.</exception>
    public static bool HasLabels(string path)
    {
        using var file = new CsvFile(path);
        file.ReadColumns();
        return file._columns.Contains(Label);
    }

    /// <summary>Reads all rows.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="InvalidDataException">It is not such a file, or a number is out of range; the message names the line.</exception>
    public static ImageSet Read(string path)
    {
        using var file = new CsvFile(path);
        return file.ReadRows();
    }

    private ImageSet ReadRows()
    {
        ReadColumns();
        if (!_columns.Contains(Label))
            throw Fault($"there are no labels in it; a row is a label and {ImageSet.PixelsPerImage} pixels");
        byte[] pixels = new byte[1000 * ImageSet.PixelsPerImage], labels = new byte[1000];
        int count = 0;
        while (NextLine(out ReadOnlySpan<byte> line))
        {
            if (line.IsEmpty)
                continue;
            if (count == labels.Length)
            {
                // At least a thousand more, but never more than an array can hold.
                int room = (int)Math.Min(2L * count, Array.MaxLength / ImageSet.PixelsPerImage);
                if (room == count)
                    throw Fault($"there are more than {room:N0} images in it");
                Array.Resize(ref labels, room);
                Array.Resize(ref pixels, room * ImageSet.PixelsPerImage);
            }
            ReadRow(line, pixels.AsSpan(count * ImageSet.PixelsPerImage, ImageSet.PixelsPerImage), ref labels[count]);
            count++;
        }
        if (count == 0)
            throw Fault("there are no images in it");
        Array.Resize(ref labels, count);
        byte[] all = HugePages.NewArray(count * ImageSet.PixelsPerImage);
        pixels.AsSpan(0, all.Length).CopyTo(all);
        return new ImageSet(all, labels);
    }

    /// <summary>Finds out from the first line what the columns are; if it is itself a row, it is read again.</summary>
    private void ReadColumns()
    {
        if (!NextLine(out ReadOnlySpan<byte> line))
            throw Fault("this is an empty file");
        if (line is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..] or [0, not 0, 0, not 0, ..] or [not 0, 0, not 0, 0, ..])
            throw Fault("this is text in UTF-16; save it in UTF-8");
        if (FileSignature.Describe(line) is { } kind and not "a text file" && !line.IsEmpty)
            throw Fault($"this is {kind}, not comma-separated values");
        string[] names = [.. Encoding.UTF8.GetString(line).TrimStart('\uFEFF').Split(',').Select(name => name.Trim().Trim('"', '\'').ToLowerInvariant())];
        bool areNames = names.Any(name => !name.All(c => char.IsAsciiDigit(c) || c == '.'));
        _columns = new int[names.Length];
        if (areNames)
        {
            int label = Array.FindIndex(names, LabelNames.Contains);
            for (int i = 0, pixel = 0; i < names.Length; i++)
                _columns[i] = i == label ? Label : NumberNames.Contains(names[i]) ? Nothing : pixel++;
        }
        else
        {
            // This line is a row.
            _begin = _lineBegin;
            _line--;
        }
        if (_columns.All(column => column != Label) && (areNames ? _columns.Count(column => column >= 0) : names.Length) == ImageSet.PixelsPerImage + 1)
            for (int i = 0, next = Label; i < names.Length; i++)
                _columns[i] = areNames && _columns[i] == Nothing ? Nothing : next++;
        else if (!areNames)
            for (int i = 0; i < names.Length; i++)
                _columns[i] = i;
        if (_columns.Count(column => column >= 0) is var pixels && pixels == ImageSet.PixelsPerImage)
            return;
        foreach ((byte separator, string name) in OtherSeparators)
            if (names.Length < ImageSet.PixelsPerImage && line.Count(separator) >= ImageSet.PixelsPerImage)
                throw Fault($"its values are separated by {name}; replace those by commas");
        throw Fault($"a row has {names.Length:N0} values, {pixels:N0} of them pixels; it should be a label and {ImageSet.PixelsPerImage} pixels, with commas between");
    }

    private void ReadRow(ReadOnlySpan<byte> line, Span<byte> pixels, ref byte label)
    {
        int column = 0;
        for (int at = 0; at <= line.Length; column++)
        {
            int length = line[at..].IndexOf((byte)',') is >= 0 and var comma ? comma : line.Length - at;
            if (column < _columns.Length && _columns[column] != Nothing)
            {
                int value = Number(line.Slice(at, length));
                if (value is < 0 or > byte.MaxValue)
                    throw Fault($"line {_line:N0}, column {column + 1}: '{Shown(line.Slice(at, length))}' is not a whole number from 0 to 255");
                if (_columns[column] != Label)
                    pixels[_columns[column]] = (byte)value;
                else if (value > 9)
                    throw Fault($"line {_line:N0}: the label is {value}; a digit is 0 to 9 (sets of letters, such as EMNIST's, cannot be read)");
                else
                    label = (byte)value;
            }
            at += length + 1;
        }
        if (column != _columns.Length)
            throw Fault($"line {_line:N0} has {column:N0} values, the first has {_columns.Length:N0}");
    }

    /// <summary>An integer, which may be in quotes and end with ".0"; −1 if it is not one, or has more than three digits.</summary>
    private static int Number(ReadOnlySpan<byte> text)
    {
        text = text.Trim(" \t\"'"u8);
        int value = 0, digits = 0;
        for (; digits < text.Length && text[digits] is >= (byte)'0' and <= (byte)'9'; digits++)
            value = Math.Min(1000, value * 10 + text[digits] - '0');
        bool endsThere = digits == text.Length || text[digits] == '.' && text[(digits + 1)..].TrimEnd((byte)'0').IsEmpty;
        return digits > 0 && endsThere ? value : -1;
    }

    private static string Shown(ReadOnlySpan<byte> text) => Encoding.Latin1.GetString(text[..Math.Min(text.Length, 20)]);

    private int _lineBegin;

    /// <summary>The next line without its end; false at the end of the file.</summary>
    private bool NextLine(out ReadOnlySpan<byte> line)
    {
        int newLine;
        while ((newLine = _buffer.AsSpan(_begin, _end - _begin).IndexOf((byte)'\n')) < 0)
        {
            if (_end - _begin > LongestLine)
                throw Fault($"line {_line + 1:N0} has more than {LongestLine:N0} bytes; a row is a label and {ImageSet.PixelsPerImage} pixels");
            _buffer.AsSpan(_begin, _end - _begin).CopyTo(_buffer);
            (_begin, _end) = (0, _end - _begin);
            int count = Fill();
            if (count == 0)
                break;
            _end += count;
        }
        int length = newLine < 0 ? _end - _begin : newLine;
        _lineBegin = _begin;
        line = _buffer.AsSpan(_begin, length).TrimEnd((byte)'\r');
        bool isThere = newLine >= 0 || length > 0;
        _begin += length + (newLine < 0 ? 0 : 1);
        _line++;
        return isThere;
    }

    private int Fill()
    {
        try
        {
            return _content.Read(_buffer.AsSpan(_end));
        }
        catch (InvalidDataException exception)
        {
            throw new InvalidDataException($"{_path}: the gzip file is damaged or cut short", exception);
        }
    }

    private InvalidDataException Fault(string problem) => new($"{_path}: {problem}");
}
