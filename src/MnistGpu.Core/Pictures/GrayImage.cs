namespace MnistGpu.Core.Pictures;

/// <summary>A grey picture of any size: a pixel is a byte, 0 (black) to 255 (white).</summary>
public sealed class GrayImage
{
    /// <summary>The most pixels that a picture may have, 64 Mi.</summary>
    public const int MaxPixels = 64 * 1024 * 1024;

    /// <summary>Takes the array as it is, without a copy.</summary>
    /// <param name="width">At least 1.</param>
    /// <param name="height">At least 1.</param>
    /// <param name="pixels">width × height bytes, row after row.</param>
    /// <exception cref="ArgumentException">The sizes disagree.</exception>
    public GrayImage(int width, int height, byte[] pixels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (pixels.Length != (long)width * height)
            throw new ArgumentException($"{width}×{height} pixels are not {pixels.Length} bytes.", nameof(pixels));
        Width = width;
        Height = height;
        Pixels = pixels;
    }

    /// <summary>Pixels of a row.</summary>
    public int Width { get; }

    /// <summary>Number of rows.</summary>
    public int Height { get; }

    /// <summary>width × height bytes, row after row from the top.</summary>
    public byte[] Pixels { get; }

    /// <summary>The brightest pixel less the darkest.</summary>
    internal int Contrast
    {
        get
        {
            (byte darkest, byte brightest) = (255, 0);
            foreach (byte pixel in Pixels)
                (darkest, brightest) = (Math.Min(darkest, pixel), Math.Max(brightest, pixel));
            return brightest - darkest;
        }
    }

    /// <summary>Refuses a size that a file claims before memory is taken for it.</summary>
    /// <exception cref="InvalidDataException">No pixel, or more than <see cref="MaxPixels"/>.</exception>
    internal static void CheckSize(long width, long height)
    {
        if (width < 1 || height < 1)
            throw new InvalidDataException($"its size is {width}×{height} pixels");
        if (width > MaxPixels / height)
            throw new InvalidDataException($"its {width}×{height} pixels are more than the {MaxPixels} that are taken");
    }

    /// <summary>
    /// The brightness of a colour (Rec. ITU-R BT.601 luma), laid over paper where it is not opaque.
    /// </summary>
    /// <param name="red">0 to 255.</param>
    /// <param name="green">0 to 255.</param>
    /// <param name="blue">0 to 255.</param>
    /// <param name="alpha">0 (transparent) to 255 (opaque).</param>
    /// <param name="paper">0 (black) to 255 (white).</param>
    internal static byte Luma(int red, int green, int blue, int alpha = 255, int paper = 255)
    {
        int luma = (299 * red + 587 * green + 114 * blue + 500) / 1000;
        return (byte)((luma * alpha + paper * (255 - alpha) + 127) / 255);
    }
}
