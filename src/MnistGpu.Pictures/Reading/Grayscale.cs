using MnistGpu.Pictures.Steps;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.PixelFormats;

namespace MnistGpu.Pictures.Reading;

/// <summary>
/// Converts a colour picture to grey. Transparent parts are laid over white, or over black if next to nothing would stand out,
/// as with a white digit on a transparent background.
/// </summary>
internal static class Grayscale
{
    // Thousandths of red, green and blue. (Luma: Rec. ITU-R BT.601.)
    private static readonly int[] s_luma = [299, 587, 114];

    private static readonly int[][] s_weights = [s_luma, [1000, 0, 0], [0, 1000, 0], [0, 0, 1000]];

    // A colour is used instead of luma if it stands out more by this factor.
    private const double MuchMore = 2;

    /// <summary>
    /// The picture's luma, or one of its three colours if that shows much more: a red digit may be as light as the green around
    /// it.
    /// </summary>
    public static GrayImage Of(Image<Rgba32> image)
    {
        GrayImage onWhite = LaidOver(paper: 255, image);
        if (Contrast(onWhite) >= InkFinder.LeastContrast)
            return onWhite;
        GrayImage onBlack = LaidOver(paper: 0, image);
        return Contrast(onBlack) > Contrast(onWhite) ? onBlack : onWhite;
    }

    /// <summary>The picture laid over paper of some brightness.</summary>
    private static GrayImage LaidOver(int paper, Image<Rgba32> image)
    {
        int[] weights = s_weights.MaxBy(
            weights => StandardDeviation(image, paper, weights) * (weights == s_luma ? MuchMore : 1))!;
        var gray = new byte[image.Width * image.Height];
        image.ProcessPixelRows(rows =>
        {
            for (int y = 0; y < rows.Height; y++)
            {
                Span<Rgba32> row = rows.GetRowSpan(y);
                for (int x = 0; x < row.Length; x++)
                    gray[y * row.Length + x] = Gray(row[x], paper, weights);
            }
        });
        return new GrayImage(image.Width, image.Height, gray);
    }

    private static byte Gray(Rgba32 pixel, int paper, int[] weights)
    {
        int opaque = (weights[0] * pixel.R + weights[1] * pixel.G + weights[2] * pixel.B + 500) / 1000;
        return (byte)((opaque * pixel.A + paper * (255 - pixel.A) + 127) / 255);
    }

    private static double StandardDeviation(Image<Rgba32> image, int paper, int[] weights)
    {
        long sum = 0, squares = 0, count = (long)image.Width * image.Height;
        image.ProcessPixelRows(rows =>
        {
            for (int y = 0; y < rows.Height; y++)
                foreach (Rgba32 pixel in rows.GetRowSpan(y))
                {
                    int gray = Gray(pixel, paper, weights);
                    sum += gray;
                    squares += gray * gray;
                }
        });
        double mean = (double)sum / count;
        return Math.Sqrt(Math.Max(0, (double)squares / count - mean * mean));
    }

    private static int Contrast(GrayImage image) => image.Pixels.Max() - image.Pixels.Min();
}
