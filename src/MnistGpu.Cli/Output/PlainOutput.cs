using System.Text;

namespace MnistGpu.Cli.Output;

/// <summary>
/// An output for terminals whose encoding lacks box-drawing characters, shades and symbols: it writes similar ASCII
/// characters.
/// </summary>
internal sealed class PlainOutput(TextWriter output) : TextWriter
{
    public override Encoding Encoding => output.Encoding;

    /// <summary>
    /// Whether an output needs this: its encoding lacks such characters, or the locale's encoding is not UTF-8, which .NET
    /// writes for each encoding it does not know, and for C and POSIX.
    /// </summary>
    /// <param name="encoding">What the output is encoded in.</param>
    /// <param name="variable">The value of an environment variable.</param>
    public static bool IsNeeded(Encoding encoding, Func<string, string?> variable)
    {
        const string sample = "│█";
        string? locale = new[] { "LC_ALL", "LC_CTYPE", "LANG" }.Select(variable).FirstOrDefault(value => value is not (null or ""));
        return encoding.GetString(encoding.GetBytes(sample)) != sample
            || !OperatingSystem.IsWindows() && locale?.Contains("utf", StringComparison.OrdinalIgnoreCase) == false;
    }

    public override void Write(char value) => Write(value.ToString());

    public override void Write(string? value) => output.Write(Plain(value));

    public override void WriteLine(string? value) => output.WriteLine(Plain(value));

    public override void Flush() => output.Flush();

    private static string Plain(string? text) => string.Concat((text ?? "").Select(Lookalike));

    private static string Lookalike(char character) => character switch
    {
        '─' or '━' or '−' => "-",
        '│' => "|",
        >= '\u2500' and <= '\u257F' => "+",
        '█' => "#",
        >= '▁' and <= '▇' => "_.-:=+*"[character - '▁'].ToString(),
        '▓' => "*",
        '▒' => "+",
        '░' => ".",
        '×' => "x",
        '·' => ".",
        'µ' => "u",
        '…' => "...",
        _ => character.ToString(),
    };
}
