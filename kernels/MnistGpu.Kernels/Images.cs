using ILGPU;

namespace MnistGpu.Kernels;

/// <summary>
/// Images on the device, in two forms. The update needs the same pixel of many images, and finds it among the bytes. The
/// hidden layer needs all lit pixels of an image, a fifth of them, and finds them in a list: without it, every launch would
/// search 784 bytes per image for the 150 that matter.
/// </summary>
/// <param name="Pixels">784 bytes per image, 0 to 255.</param>
/// <param name="LitStarts">Where an image's list starts in <paramref name="Lit"/>; one more than there are images.</param>
/// <param name="Lit">The lit pixels, those that are not 0, image after image.</param>
/// <param name="Labels">The digit of each image.</param>
public readonly record struct Images(
    ArrayView<byte> Pixels, ArrayView<int> LitStarts, ArrayView<LitPixel> Lit, ArrayView<byte> Labels);

/// <summary>A pixel that is not 0, packed into one word, which takes half as long to read as two.</summary>
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

    /// <summary>Its position in the image, which is the row of W1 that it multiplies.</summary>
    public int Position => Bits >> 8;

    /// <summary>Its byte, 255 times the brightness.</summary>
    public int Value => Bits & 0xFF;
}

/// <summary>The images of a training step: a range of the epoch's order.</summary>
/// <param name="Order">Indices of images, in the order of the epoch.</param>
/// <param name="Start">Where in the order the batch begins.</param>
/// <param name="Count">Images B in the batch.</param>
public readonly record struct Batch(ArrayView<int> Order, int Start, int Count)
{
    /// <summary>The index of an image in the batch.</summary>
    public int this[int i] => Order[Start + i];
}
