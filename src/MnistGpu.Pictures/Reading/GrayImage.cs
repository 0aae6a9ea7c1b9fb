namespace MnistGpu.Pictures.Reading;

/// <summary>A grey picture of any size: a pixel is a byte, 0 (black) to 255 (white).</summary>
public sealed class GrayImage
{
    /// <summary>Uses the array without copying it.</summary>
    /// <param name="width">At least 1.</param>
    /// <param name="height">At least 1.</param>
    /// <param name="pixels">width × height bytes, row by row.</param>
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

    /// <summary>Pixels per row.</summary>
    public int Width { get; }

    /// <summary>Number of rows.</summary>
    public int Height { get; }

    /// <summary>width × height bytes, row by row from the top.</summary>
    public byte[] Pixels { get; }
}
