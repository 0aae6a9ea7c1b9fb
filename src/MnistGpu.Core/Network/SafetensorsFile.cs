using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace MnistGpu.Core.Network;

/// <summary>
/// A network's parameters in the safetensors format: the length of a JSON header, the header, which says where each array
/// is, and the arrays.
/// </summary>
internal static class SafetensorsFile
{
    public static void Write(Stream stream, NetworkParameters parameters)
    {
        (string Name, float[] Elements, string Shape)[] arrays =
        [
            ("W1", parameters.W1, $"{NetworkParameters.Inputs},{parameters.Hidden}"),
            ("W2", parameters.W2, $"{parameters.Hidden},{NetworkParameters.Outputs}"),
            ("b1", parameters.B1, $"{parameters.Hidden}"),
            ("b2", parameters.B2, $"{NetworkParameters.Outputs}"),
        ];
        int end = 0;
        string header = string.Join(',', arrays.Select(array => $$"""
            "{{array.Name}}":{"dtype":"F32","shape":[{{array.Shape}}],"data_offsets":[{{end}},{{end += sizeof(float) * array.Elements.Length}}]}
            """));
        // Blanks at its end, so that the floats begin at a multiple of 8 bytes.
        byte[] bytes = Encoding.ASCII.GetBytes($"{{{header}}}".PadRight((header.Length + 2 + 7) / 8 * 8));
        Span<byte> length = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)bytes.Length);
        stream.Write(length);
        stream.Write(bytes);
        foreach ((_, float[] elements, _) in arrays)
            stream.Write(MemoryMarshal.AsBytes(elements.AsSpan()));
    }
}
