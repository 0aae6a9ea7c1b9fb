using System.Numerics;
using System.Runtime.CompilerServices;

namespace MnistGpu.Core.Data;

/// <summary>
/// Labelled 28×28 grey images. A pixel is a byte, 0 (background) to 255 (ink); the network sees it divided by 255.
/// </summary>
public sealed class ImageSet
{
    /// <summary>Width and height of an image, in pixels.</summary>
    public const int Side = 28;

    /// <summary>Pixels of an image.</summary>
    public const int PixelsPerImage = Side * Side;

    private readonly Lazy<double> _meanImageSquared;

    /// <summary>Uses the arrays without copying them; do not change them later.</summary>
    /// <param name="pixels">count × 784 bytes, image after image, row after row.</param>
    /// <param name="labels">The digit of each image, 0 to 9.</param>
    /// <exception cref="ArgumentException">The arrays disagree in length, or a label is above 9.</exception>
    public ImageSet(byte[] pixels, byte[] labels)
    {
        if (pixels.Length != (long)labels.Length * PixelsPerImage)
            throw new ArgumentException(
                $"{labels.Length} labels need {(long)labels.Length * PixelsPerImage} pixels, but there are {pixels.Length}.",
                nameof(pixels));
        if (labels.AsSpan().IndexOfAnyExceptInRange((byte)0, (byte)9) is >= 0 and int bad)
            throw new ArgumentException($"label {bad} is {labels[bad]}; a digit is 0 to 9.", nameof(labels));
        Pixels = pixels;
        Labels = labels;
        _meanImageSquared = new(ComputeMeanImageSquared);
    }

    /// <summary>All pixels, count × 784, image after image, row after row.</summary>
    public byte[] Pixels { get; }

    /// <summary>The digit of each image, 0 to 9.</summary>
    public byte[] Labels { get; }

    /// <summary>Number of images.</summary>
    public int Count => Labels.Length;

    /// <summary>The 784 pixels of one image.</summary>
    /// <param name="index">0 to <see cref="Count"/> − 1.</param>
    public ReadOnlySpan<byte> Image(int index) => Pixels.AsSpan(index * PixelsPerImage, PixelsPerImage);

    /// <summary>
    /// The squared length of the mean image, with pixels from 0 to 1: MNIST 35, Fashion-MNIST 94. It is most of the largest
    /// eigenvalue of XᵀX / count (85 to 91 % in these sets), and so says how steep the loss is for the hidden layer.
    /// From 0 to 784; 0 if there are no images. Computed once.
    /// </summary>
    public double MeanImageSquared => _meanImageSquared.Value;

    private double ComputeMeanImageSquared()
    {
        // Sums of this many bytes still fit in 16 bits, and a vector adds twice as many of those as of 32 bits.
        const int MostImages = ushort.MaxValue / byte.MaxValue;
        var few = new ushort[PixelsPerImage];
        var sums = new long[PixelsPerImage];
        for (int first = 0; first < Count; first += MostImages)
        {
            Array.Clear(few);
            for (int i = first; i < Math.Min(first + MostImages, Count); i++)
                Add(Image(i), few);
            for (int pixel = 0; pixel < sums.Length; pixel++)
                sums[pixel] += few[pixel];
        }
        double scale = 1 / (255.0 * Math.Max(1, Count)), squared = 0;
        foreach (long sum in sums)
            squared += sum * scale * (sum * scale);
        return squared;
    }

    // Optimised from the start: a training needs it once, and 60,000 calls of hastily compiled code take 50 ms.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add(ReadOnlySpan<byte> image, Span<ushort> sums)
    {
        int pixel = 0, half = Vector<ushort>.Count;
        for (; pixel <= image.Length - 2 * half; pixel += 2 * half)
        {
            Vector.Widen(new Vector<byte>(image[pixel..]), out Vector<ushort> low, out Vector<ushort> high);
            (new Vector<ushort>(sums[pixel..]) + low).CopyTo(sums[pixel..]);
            (new Vector<ushort>(sums[(pixel + half)..]) + high).CopyTo(sums[(pixel + half)..]);
        }
        for (; pixel < image.Length; pixel++)
            sums[pixel] += image[pixel];
    }

    /// <summary>The first images; this set itself if it has no more than <paramref name="count"/>.</summary>
    /// <param name="count">At least 0.</param>
    public ImageSet Take(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return count >= Count ? this : new ImageSet(Pixels[..(count * PixelsPerImage)], Labels[..count]);
    }

    /// <summary>The images from one on.</summary>
    /// <param name="first">0 to <see cref="Count"/>.</param>
    public ImageSet From(int first) => new(Pixels[(first * PixelsPerImage)..], Labels[first..]);
}
