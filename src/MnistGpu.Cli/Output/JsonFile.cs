using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using MnistGpu.Core.Files;

namespace MnistGpu.Cli.Output;

/// <summary>Writes a value as a JSON file that ends with a new line, completely or not at all.</summary>
internal static class JsonFile
{
    /// <param name="path">The file; replaced if it exists.</param>
    /// <param name="value">What to write.</param>
    /// <param name="type">Generated at compile time, so that no reflection delays the start.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write<T>(string path, T value, JsonTypeInfo<T> type) => AtomicFile.Write(path, stream =>
    {
        JsonSerializer.Serialize(stream, value, type);
        stream.WriteByte((byte)'\n');
    });
}
