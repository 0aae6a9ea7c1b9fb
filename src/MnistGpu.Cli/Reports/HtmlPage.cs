using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using MnistGpu.Core.Files;

namespace MnistGpu.Cli.Reports;

/// <summary>
/// Writes a page that needs no other file: a template from this folder, with the style sheet and scripts in place of the
/// references to them, and the data, as JSON, in place of "null".
/// </summary>
internal static class HtmlPage
{
    /// <param name="path">The page; replaced if it exists.</param>
    /// <param name="template">The name of an embedded HTML file.</param>
    /// <param name="data">What its scripts read.</param>
    /// <param name="type">How that becomes JSON.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write<T>(string path, string template, T data, JsonTypeInfo<T> type)
    {
        string page = Regex.Replace(
            Resource(template), """<link rel="stylesheet" href="(.+?)">|<script src="(.+?)"></script>""",
            match => match.Groups[1].Success
                ? $"<style>\n{Resource(match.Groups[1].Value)}</style>"
                : $"<script>\n{Resource(match.Groups[2].Value)}</script>");
        // The serializer escapes every <, so no name in the data can end the script element around it.
        page = page.Replace(">null</script>", $">{JsonSerializer.Serialize(data, type)}</script>");
        AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(page)));
    }

    private static string Resource(string name)
    {
        using Stream stream = typeof(HtmlPage).Assembly.GetManifestResourceStream(name)!;
        return new StreamReader(stream).ReadToEnd();
    }
}

/// <summary>How the pages' data becomes JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(DrawPage))]
[JsonSerializable(typeof(NetworkReport))]
internal sealed partial class PageJson : JsonSerializerContext;
