namespace MnistGpu.Core.Simd;

/// <summary>A batch of more than 64 images is processed in parts, whose gradients are added up first.</summary>
internal enum BatchPart
{
    /// <summary>The whole batch.</summary>
    Whole,

    /// <summary>A part after which others come.</summary>
    Inner,

    /// <summary>The part that ends the batch.</summary>
    Last,
}
