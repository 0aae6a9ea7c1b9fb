using System.Text;

namespace MnistGpu.Cli.Output;

/// <summary>
/// Standard output whose errors say that it is the output that cannot be written; a full disk's own message could be about
/// any file.
/// </summary>
internal sealed class CheckedOutput(TextWriter output) : TextWriter
{
    public override Encoding Encoding => output.Encoding;

    public override void Write(char value) => Check(() => output.Write(value));

    public override void Write(string? value) => Check(() => output.Write(value));

    public override void Write(char[] buffer, int index, int count) => Check(() => output.Write(buffer, index, count));

    /// <summary>In one piece, so that a line appears whole.</summary>
    public override void WriteLine(string? value) => Check(() => output.WriteLine(value));

    public override void Flush() => Check(output.Flush);

    private static void Check(Action write)
    {
        try
        {
            write();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            string reason = exception is UnauthorizedAccessException ? "it is closed" : exception.Message;
            throw new IOException($"the output cannot be written: {reason}", exception);
        }
    }
}
