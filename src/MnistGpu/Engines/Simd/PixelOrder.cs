namespace MnistGpu.Engines.Simd;

/// <summary>Where a sum finds the bytes of its lit pixels.</summary>
internal unsafe interface IPixelOrder
{
    /// <summary>The byte of the next set bit.</summary>
    byte Next(ref byte* values, byte* pixels, nint bit);
}

/// <summary>One image's bytes, one after another; each is also put in its place, where the update finds it.</summary>
internal readonly unsafe struct Spread : IPixelOrder
{
    public byte Next(ref byte* values, byte* pixels, nint bit) => pixels[bit] = *values++;
}

/// <summary>One pixel's bytes, a chunk apart from image to image.</summary>
internal readonly unsafe struct Column : IPixelOrder
{
    public byte Next(ref byte* values, byte* pixels, nint bit) => pixels[bit * SparseImages.ChunkPixels];
}
