namespace MnistGpu.Engines.Simd;

/// <summary>The lit pixels of an image in one chunk.</summary>
internal unsafe struct LitPixels
{
    /// <summary>A bit for each pixel that is not 0.</summary>
    public ulong Mask;

    /// <summary>The bytes of these pixels, one after another.</summary>
    public byte* Bytes;
}
