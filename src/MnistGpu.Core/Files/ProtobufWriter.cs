using System.Buffers;
using System.Text;
using MnistGpu.Core.Network;

namespace MnistGpu.Core.Files;

/// <summary>
/// Writes a message in the Protocol Buffers format: each field is its number and kind, then a number in groups of seven bits,
/// or a length and that many bytes. (The format: protobuf.dev, Encoding.)
/// </summary>
internal sealed class ProtobufWriter
{
    private const int Number = 0;
    private const int Bytes = 2;

    private readonly ArrayBufferWriter<byte> _message = new();

    public void Write(int field, long number)
    {
        WriteVarint((ulong)(field << 3 | Number));
        WriteVarint((ulong)number);
    }

    public void Write(int field, string text) => Write(field, Encoding.UTF8.GetBytes(text));

    public void Write(int field, ReadOnlySpan<byte> bytes)
    {
        WriteVarint((ulong)(field << 3 | Bytes));
        WriteVarint((ulong)bytes.Length);
        _message.Write(bytes);
    }

    /// <summary>A nested message.</summary>
    public void Write(int field, Action<ProtobufWriter> write)
    {
        var inner = new ProtobufWriter();
        write(inner);
        Write(field, inner._message.WrittenSpan);
    }

    public void CopyTo(Stream stream) => stream.Write(_message.WrittenSpan);

    private void WriteVarint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            _message.Write([(byte)(value | 0x80)]);
        _message.Write([(byte)value]);
    }
}
