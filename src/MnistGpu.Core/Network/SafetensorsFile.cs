using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using MnistGpu.Core.Files;

namespace MnistGpu.Core.Network;

/// <summary>
/// A network's parameters in the safetensors format: the length of a JSON header; the header, which says where each array
/// is; and the arrays.
/// </summary>
internal static class SafetensorsFile
{
    /// <summary>Four arrays take about 300; the rest allows for metadata that other programs add.</summary>
    private const int MaxHeaderBytes = 1_000_000;

    public static void Write(Stream stream, NetworkParameters parameters)
    {
        // By name, as other programs write them.
        NetworkArray[] arrays = [.. parameters.Arrays.OrderBy(array => array.Name, StringComparer.Ordinal)];
        int end = 0;
        string header = string.Join(',', arrays.Select(array => $$"""
            "{{array.Name}}":{"dtype":"F32","shape":[{{string.Join(',', array.Shape)}}],"data_offsets":[{{end}},{{end += sizeof(float) * array.Values.Length}}]}
            """));
        // Spaces at its end, so that the floats begin at a multiple of 8 bytes.
        byte[] bytes = Encoding.ASCII.GetBytes($"{{{header}}}".PadRight((header.Length + 2 + 7) / 8 * 8));
        Span<byte> length = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)bytes.Length);
        stream.Write(length);
        stream.Write(bytes);
        foreach (NetworkArray array in arrays)
            stream.Write(MemoryMarshal.AsBytes(array.Values.AsSpan()));
    }

    /// <summary>Reads what <see cref="Write"/> wrote, or what other programs wrote with the same four arrays of float32.</summary>
    /// <param name="stream">Positioned at the beginning; can seek.</param>
    /// <exception cref="InvalidDataException">An array is missing, damaged, of another shape or type, or contains NaN or infinity.</exception>
    public static NetworkParameters Read(Stream stream)
    {
        try
        {
            return ReadArrays(stream);
        }
        catch (InvalidOperationException exception)
        {
            // Invalid Unicode is noticed only when a string is read.
            throw new InvalidDataException("its header is damaged", exception);
        }
        catch (EndOfStreamException exception)
        {
            throw new InvalidDataException("it is cut short", exception);
        }
    }

    private static NetworkParameters ReadArrays(Stream stream)
    {
        Span<byte> lengthBytes = stackalloc byte[sizeof(ulong)];
        stream.ReadExactly(lengthBytes);
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(lengthBytes);
        if (length > MaxHeaderBytes || (long)length > stream.Length - stream.Position)
            throw new InvalidDataException($"its header claims {length:N0} bytes; it is cut short, or not a model of four arrays");
        var bytes = new byte[length];
        stream.ReadExactly(bytes);
        long begin = stream.Position;
        using JsonDocument header = ParseHeader(bytes);
        if (header.RootElement.TryGetProperty("W3", out _))
            throw new InvalidDataException("it has an array W3: the network has one layer too many");

        int[] shape = Shape("W1");
        if (shape is not [NetworkParameters.Inputs, >= 1 and <= NetworkParameters.MaxHidden])
            throw new InvalidDataException($"array W1: its shape is {NpyArray.ShapeText(shape)}; it should be ({NetworkParameters.Inputs}, H) "
                + $"with H from 1 to {NetworkParameters.MaxHidden}");
        if (sizeof(float) * (long)NetworkParameters.Inputs * shape[1] > stream.Length - begin)
            throw new InvalidDataException("array W1: it is cut short");
        var parameters = new NetworkParameters(shape[1]);
        foreach (NetworkArray array in parameters.Arrays)
            ReadElements(array.Name, array.Values, array.Shape);
        return parameters;

        JsonElement Entry(string name) => header.RootElement.TryGetProperty(name, out JsonElement entry) && entry.ValueKind == JsonValueKind.Object
            ? entry
            : throw new InvalidDataException($"array {name} is missing; a model has W1, b1, W2 and b2, this file has {Names(header)}");

        int[] Shape(string name) => Numbers(Entry(name), "shape", name).Select(extent => (int)Math.Min(extent, int.MaxValue)).ToArray();

        void ReadElements(string name, float[] elements, int[] expected)
        {
            if (!Shape(name).SequenceEqual(expected))
                throw new InvalidDataException($"array {name}: its shape is {NpyArray.ShapeText(Shape(name))}; "
                    + $"with this W1 it should be {NpyArray.ShapeText(expected)}");
            string? type = Entry(name).TryGetProperty("dtype", out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
            if (type != "F32")
                throw new InvalidDataException($"array {name}: its elements are of {(type is "F16" or "BF16" or "F64" ? $"type {type}" : "another type")}; F32 can be read");
            long size = sizeof(float) * (long)elements.Length;
            if (Numbers(Entry(name), "data_offsets", name) is not [long from, long to] || to - from != size || to > stream.Length - begin)
                throw new InvalidDataException($"array {name}: it is cut short, or its place is wrong");
            stream.Position = begin + from;
            stream.ReadExactly(MemoryMarshal.AsBytes(elements.AsSpan()));
            if (Array.FindIndex(elements, element => !float.IsFinite(element)) is >= 0 and var at)
                throw new InvalidDataException($"array {name}: element {at} is {elements[at].ToString(CultureInfo.InvariantCulture)}, which is not a finite number");
        }
    }

    private static JsonDocument ParseHeader(byte[] bytes)
    {
        try
        {
            JsonDocument header = JsonDocument.Parse(bytes);
            return header.RootElement.ValueKind == JsonValueKind.Object ? header : throw new JsonException();
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException("its header is damaged", exception);
        }
    }

    /// <summary>A list of non-negative integers: a shape, or where an array begins and ends.</summary>
    private static long[] Numbers(JsonElement entry, string property, string array)
    {
        if (!entry.TryGetProperty(property, out JsonElement list) || list.ValueKind != JsonValueKind.Array || list.GetArrayLength() > 8)
            throw new InvalidDataException($"array {array}: its {property} is damaged");
        return [.. list.EnumerateArray().Select(number => number.ValueKind == JsonValueKind.Number && number.TryGetInt64(out long value) && value >= 0
            ? value
            : throw new InvalidDataException($"array {array}: its {property} is damaged"))];
    }

    /// <summary>The names of the first arrays in a file, always on one line.</summary>
    private static string Names(JsonDocument header)
    {
        const int most = 8;
        string[] names = [.. header.RootElement.EnumerateObject().Select(property => property.Name).Where(name => name != "__metadata__").Take(most + 1)];
        IEnumerable<string> shown = names.Take(most).Select(name => string.Concat(name.Take(40).Select(c => char.IsControl(c) ? '?' : c)));
        return names.Length == 0 ? "none" : string.Join(", ", shown) + (names.Length > most ? ", …" : "");
    }
}
