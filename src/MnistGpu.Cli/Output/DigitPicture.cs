using MnistGpu.Core.Data;

namespace MnistGpu.Cli.Output;

/// <summary>A 28×28 image as text, two characters per pixel to keep its proportions.</summary>
internal static class DigitPicture
{
    private const string Shades = " ░▒▓█";

    /// <summary>28 lines of up to 56 characters.</summary>
    /// <param name="pixels">784 bytes, 0 background to 255 ink.</param>
    public static IEnumerable<string> Lines(byte[] pixels)
    {
        for (int row = 0; row < ImageSet.Side; row++)
            yield return string.Concat(
                pixels.Skip(row * ImageSet.Side).Take(ImageSet.Side).Select(pixel => new string(Shade(pixel), 2))).TrimEnd();
    }

    private static char Shade(byte pixel) => Shades[(pixel * (Shades.Length - 1) + 127) / 255];
}
