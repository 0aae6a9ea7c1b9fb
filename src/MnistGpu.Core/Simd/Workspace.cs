namespace MnistGpu.Core.Simd;

/// <summary>
/// What a thread has for itself in an epoch, and keeps for the next: a virtual machine can take longer to give new
/// memory than a thread to train on a hundred images. Hidden units are padded, and lie share by share.
/// </summary>
/// <param name="hidden">Hidden units, padded.</param>
internal sealed unsafe class Workspace(int hidden)
{
    /// <summary>No images are here, and none are announced.</summary>
    public static readonly (int Pass, int EndPart) Nothing = (-1, -1);

    private const int MaxImages = BatchPixels.MaxImages;

    private readonly AlignedBuffer<float>[] _sums =
        [new((long)MaxImages * hidden), new((long)MaxImages * hidden)];

    /// <summary>The images of a pass.</summary>
    public BatchPixels Pixels { get; } = new();

    /// <summary>Their digits.</summary>
    public AlignedBuffer<byte> Labels { get; } = new(MaxImages);

    /// <summary>The last pass whose images are here, and the end of the parts that they were gathered for.</summary>
    public (int Pass, int EndPart) Gathered { get; set; } = Nothing;

    /// <summary>σ of the joined sums, 64 × hidden units: of the thread's half of the images.</summary>
    public AlignedBuffer<float> Hidden { get; } = new((long)MaxImages * hidden);

    /// <summary>−η·δh of all images, 64 × hidden units: those of the other half of the images are handed over.</summary>
    public AlignedBuffer<float> Deltas { get; } = new((long)MaxImages * hidden);

    /// <summary>Outputs, and then their deltas: those of the thread's half of the images, from the first on.</summary>
    public AlignedBuffer<float> Outputs { get; } = new(MaxImages * SimdNetwork.OutputStride);

    /// <summary>
    /// X·W1 for half of the pixels, 64 × hidden units. The thread's own half has all images; of the other half, those
    /// of the images that are the thread's are handed over.
    /// </summary>
    public float* Sums(int half) => _sums[half].Pointer;
}
