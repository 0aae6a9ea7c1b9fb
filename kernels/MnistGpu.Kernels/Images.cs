using ILGPU;

namespace MnistGpu.Kernels;

/// <summary>
/// Images on the device, in two forms. The update asks for the same pixel of many images, and finds it among the bytes.
/// The hidden layer asks for all pixels of an image that are not 0, a fifth of them, and finds them in a list: without
/// one, every launch would search 784 bytes an image for the 150 that matter.
/// </summary>
/// <param name="Pixels">784 bytes an image, 0 to 255.</param>
/// <param name="LitStarts">Where an image's list starts in <paramref name="Lit"/>; one more than there are images.</param>
/// <param name="Lit">The pixels that are not 0, image after image.</param>
/// <param name="Labels">The digit of each image.</param>
public readonly record struct Images(
    ArrayView<byte> Pixels, ArrayView<int> LitStarts, ArrayView<LitPixel> Lit, ArrayView<byte> Labels);

/// <summary>A pixel that is not 0, in one word: half the memory of two is half the time to read it.</summary>
/// <param name="Bits">The position times 256, plus the value.</param>
public readonly record struct LitPixel(int Bits)
{
    /// <summary>Packs a pixel.</summary>
    /// <param name="position">0 to 783.</param>
    /// <param name="value">1 to 255.</param>
    public LitPixel(int position, int value)
        : this(position << 8 | value)
    {
    }

    /// <summary>Where it is in the image: the row of W1 that it multiplies.</summary>
    public int Position => Bits >> 8;

    /// <summary>Its byte: 255 times how bright it is.</summary>
    public int Value => Bits & 0xFF;
}

/// <summary>The images of a training step: some places of the epoch's order.</summary>
/// <param name="Order">Indices of images, as the epoch goes through them.</param>
/// <param name="Start">Where in the order the batch begins.</param>
/// <param name="Count">Images B of the batch.</param>
public readonly record struct Batch(ArrayView<int> Order, int Start, int Count)
{
    /// <summary>The index of an image of the batch.</summary>
    public int this[int i] => Order[Start + i];
}
