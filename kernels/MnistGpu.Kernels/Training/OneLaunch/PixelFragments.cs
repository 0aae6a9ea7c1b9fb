using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using MnistGpu.Kernels.Training.TensorCores;
using static MnistGpu.Kernels.Training.TensorCores.Fragment;

namespace MnistGpu.Kernels.Training.OneLaunch;

/// <summary>
/// The gradient on tensor cores, where all pixels are multiplied, including those that are 0. A warp has 32 pixels of all
/// images: eight words of four, each loaded by four threads, which have a quarter of the images each. See
/// <see cref="Fragment"/> for what a lane holds of a product. A sum may have its images in any order, so what lane 4·g + q has
/// loaded is all it needs of Xᵀ, of two products with every 16 images, from image i on:
/// <code>
///   A: 16 pixels × 16 images                                 B: 16 images × 8 columns
///
///   a0   pixel 0 of word g, images i + 4·q and i + 4·q + 1   b0   images i + 4·q and i + 4·q + 1
///   a1   pixel 1                                             b1   images i + 4·q + 2 and i + 4·q + 3
///   a2   pixel 0, images i + 4·q + 2 and i + 4·q + 3              columns 2·u and 2·u + 1: δh of unit u,
///   a3   pixel 1                                                  its high part and its middle part;
///        (pixels 2 and 3 are in the second product)               then, with the same sums, 0 and its low part
/// </code>
/// So the lane has all sums of unit q: c0 and c2 of the high part, and c1 and c3 of the other two. They are apart for the
/// reason that <see cref="GradientTile"/> gives. The sums of 16 images are added to those of others by ordinary additions,
/// because those are rounded, whereas a tensor core may cut off what it adds.
/// </summary>
/// <param name="From0">The thread's word of four images of the first product, images 0 to 15.</param>
/// <param name="From16">Of four images of the second product.</param>
/// <param name="From32">Of four images of the third product.</param>
/// <param name="From48">Of four images of the last product.</param>
internal readonly record struct PixelFragments(UInt4 From0, UInt4 From16, UInt4 From32, UInt4 From48)
    : IHiddenGradient<PixelFragments>
{
    private const int MaxBatch = EpochInOneLaunch.MaxBatch;

    /// <summary>Threads that share a word, and images of a product that each has.</summary>
    private const int ThreadsPerWord = 4;

    /// <summary>
    /// Columns of B, as rows of bfloat16 in <see cref="GroupMemory.Sums"/>, behind a vector for each thread: eight for one
    /// product and eight for the other. They are longer than a batch, so that the four that half a warp reads at a time are in
    /// different banks.
    /// </summary>
    private const int FirstColumn = EpochInOneLaunch.GroupSize * 16 / sizeof(ushort), ColumnStride = MaxBatch + 16;

    private const int Columns = 8;

    /// <summary>From a column of the high and middle parts to that of 0 and the low part, in vectors of four images.</summary>
    private const int ZeroAndLowStart = Columns * ColumnStride / 4;

    // Fragments of A and B.
    private const string Pixels = "{a0,a1,a2,a3}", HighAndMiddle = "{%4,%5}", ZeroAndLow = "{%6,%7}";

    // Fragments of C, of one product: for pixels 0 and 1, and for pixels 2 and 3.
    private const string FrontSums = "{c0,c1,c2,c3}", BackSums = "{d0,d1,d2,d3}", Zero = "{zero,zero,zero,zero}";

    // x: one pixel of the lane's four images. h and r: the four pixels' sums of the high part and of the rest.
    private const string Registers =
        ".reg .b32 x<4>; .reg .b32 a<4>; .reg .f32 c<4>; .reg .f32 d<4>; .reg .f32 h<4>; .reg .f32 r<4>; .reg .f32 zero; "
        + $".reg .b32 memory; .reg .b32 at; mov.u32 memory, {Fragment.SharedMemory}; mov.f32 zero, 0f00000000; ";

    private const string Clear =
        "mov.f32 h0, zero; mov.f32 h1, zero; mov.f32 h2, zero; mov.f32 h3, zero; "
        + "mov.f32 r0, zero; mov.f32 r1, zero; mov.f32 r2, zero; mov.f32 r3, zero; ";

    // A byte becomes the last one of 2²³, which adds it; without the 2²³ it is a float, whose upper half has all of it. In each
    // digit of a selector, 0 to 3 is a byte of the first number and 4 to 7 one of the second, beginning with the result's lowest.
    private const string TwoTo23 = "0x4B000000", Pixel0 = "0x7440", Pixel1 = "0x7441", Pixel2 = "0x7442", Pixel3 = "0x7443",
        UpperHalves = "0x7632";

    private const string SubtractTwoTo23 =
        "sub.f32 x0, x0, 0f4B000000; sub.f32 x1, x1, 0f4B000000; sub.f32 x2, x2, 0f4B000000; sub.f32 x3, x3, 0f4B000000; ";

    private const string ToA0AndA2 =
        $"{SubtractTwoTo23}prmt.b32 a0, x0, x1, {UpperHalves}; prmt.b32 a2, x2, x3, {UpperHalves}; ";

    private const string ToA1AndA3 =
        $"{SubtractTwoTo23}prmt.b32 a1, x0, x1, {UpperHalves}; prmt.b32 a3, x2, x3, {UpperHalves}; ";

    private const string FrontPixels =
        $"prmt.b32 x0, %0, {TwoTo23}, {Pixel0}; prmt.b32 x1, %1, {TwoTo23}, {Pixel0}; "
        + $"prmt.b32 x2, %2, {TwoTo23}, {Pixel0}; prmt.b32 x3, %3, {TwoTo23}, {Pixel0}; {ToA0AndA2}"
        + $"prmt.b32 x0, %0, {TwoTo23}, {Pixel1}; prmt.b32 x1, %1, {TwoTo23}, {Pixel1}; "
        + $"prmt.b32 x2, %2, {TwoTo23}, {Pixel1}; prmt.b32 x3, %3, {TwoTo23}, {Pixel1}; {ToA1AndA3}";

    private const string BackPixels =
        $"prmt.b32 x0, %0, {TwoTo23}, {Pixel2}; prmt.b32 x1, %1, {TwoTo23}, {Pixel2}; "
        + $"prmt.b32 x2, %2, {TwoTo23}, {Pixel2}; prmt.b32 x3, %3, {TwoTo23}, {Pixel2}; {ToA0AndA2}"
        + $"prmt.b32 x0, %0, {TwoTo23}, {Pixel3}; prmt.b32 x1, %1, {TwoTo23}, {Pixel3}; "
        + $"prmt.b32 x2, %2, {TwoTo23}, {Pixel3}; prmt.b32 x3, %3, {TwoTo23}, {Pixel3}; {ToA1AndA3}";

    // All additions come last: with half of them before the second half of the pixels, ptxas needs a register more than it has.
    private const string MultiplyAndAdd =
        $"{FrontPixels}{Multiply}{FrontSums}, {Pixels}, {ZeroAndLow}, {Zero}; "
        + $"{Multiply}{FrontSums}, {Pixels}, {HighAndMiddle}, {FrontSums}; "
        + $"{BackPixels}{Multiply}{BackSums}, {Pixels}, {ZeroAndLow}, {Zero}; "
        + $"{Multiply}{BackSums}, {Pixels}, {HighAndMiddle}, {BackSums}; "
        + "add.f32 h0, h0, c0; add.f32 r0, r0, c1; add.f32 h1, h1, c2; add.f32 r1, r1, c3; "
        + "add.f32 h2, h2, d0; add.f32 r2, r2, d1; add.f32 h3, h3, d2; add.f32 r3, r3, d3; ";

    // (h + r) / 255, by the scale and its rest: the small products first, so that in effect only the result is rounded.
    private const string Scale =
        "mul.f32 c0, h0, %2; mul.f32 c1, h1, %2; mul.f32 c2, h2, %2; mul.f32 c3, h3, %2; "
        + "fma.rn.f32 c0, r0, %1, c0; fma.rn.f32 c1, r1, %1, c1; fma.rn.f32 c2, r2, %1, c2; fma.rn.f32 c3, r3, %1, c3; "
        + "fma.rn.f32 c0, h0, %1, c0; fma.rn.f32 c1, h1, %1, c1; fma.rn.f32 c2, h2, %1, c2; fma.rn.f32 c3, h3, %1, c3; ";

    private const string Store = "add.u32 at, memory, %0; st.shared.v4.f32 [at], {c0,c1,c2,c3}; ";

    /// <inheritdoc/>
    public static void DeclareRegisters() => CudaAsm.Emit(Registers);

    /// <inheritdoc/>
    /// <remarks>Nothing yet: while the outputs are computed, there are not enough registers.</remarks>
    public static PixelFragments RequestBeforeOutputs(Images images, ArrayView<int> words) => default;

    /// <inheritdoc/>
    public PixelFragments RequestBeforeDeltas(Images images, ArrayView<int> words) =>
        new(Words(images, words, 0), Words(images, words, 1), Words(images, words, 2), Words(images, words, 3));

    /// <inheritdoc/>
    /// <remarks>Both as a float, for b1, and in its columns of B.</remarks>
    public static void StoreDelta(float delta, int image, int unit, GroupMemory shared)
    {
        FourWords.StoreDelta(delta, image, unit, shared);
        ArrayView<ushort> column = shared.Sums.Cast<ushort>().SubView(FirstColumn + 2 * unit * ColumnStride + image);
        float rest = Bf16.Rest(delta);
        column[0] = Bf16.Upper(delta);
        column[ColumnStride] = Bf16.Upper(rest);
        column[Columns * ColumnStride] = 0;
        column[(Columns + 1) * ColumnStride] = Bf16.Upper(Bf16.Rest(rest));
    }

    /// <inheritdoc/>
    public Float4 Change(Images images, int count, float rate, GroupMemory shared)
    {
        int column = Group.IdxX / ThreadsPerWord & (Columns - 1);
        ArrayView<UInt2> delta = shared.Sums.Cast<UInt2>().AsAligned(8).SubView(
            FirstColumn / 4 + column * (ColumnStride / 4) + (Group.IdxX & (ThreadsPerWord - 1)));
        CudaAsm.Emit(Clear);
        AddProduct(From0, delta);
        AddProduct(From16, delta.SubView(16 / 4));
        AddProduct(From32, delta.SubView(32 / 4));
        AddProduct(From48, delta.SubView(48 / 4));
        // Through the thread's place in shared memory, because ILGPU keeps the results of an Emit in slower memory.
        CudaAsm.Emit(Scale + Store, 16 * Group.IdxX, Mnist.PixelScale, Mnist.PixelScaleRest);
        return -rate * Transpose(Float4.Of(shared.Sums)[Group.IdxX]);
    }

    /// <summary>Adds the products of 16 images.</summary>
    /// <param name="words">Their pixels.</param>
    /// <param name="delta">The thread's part of B, four images of a column.</param>
    private static void AddProduct(UInt4 words, ArrayView<UInt2> delta)
    {
        UInt2 highOrMiddle = delta[0], zeroOrLow = delta[ZeroAndLowStart];
        CudaAsm.Emit(
            MultiplyAndAdd, words.X, words.Y, words.Z, words.W, highOrMiddle.X, highOrMiddle.Y, zeroOrLow.X, zeroOrLow.Y);
    }

    /// <summary>The thread's word of its images of a product.</summary>
    private static UInt4 Words(Images images, ArrayView<int> words, int product)
    {
        // The last threads have no word of their own, and repeat the last one.
        int word = IntrinsicMath.Min(Group.IdxX / ThreadsPerWord, EpochInOneLaunch.WordsPerImage - 1);
        ArrayView<uint> pixels = images.Pixels.Cast<uint>().SubView(word);
        UInt4 starts = words.Cast<UInt4>().AsAligned(16)[
            product * ThreadsPerWord + (Group.IdxX & (ThreadsPerWord - 1))];
        return new UInt4(
            new UInt2(pixels[(int)starts.X], pixels[(int)starts.Y]), new UInt2(pixels[(int)starts.Z], pixels[(int)starts.W]));
    }

    /// <summary>Four neighbouring threads have a column each of a 4×4 matrix, and get a row each.</summary>
    private static Float4 Transpose(Float4 v)
    {
        bool odd = (Group.IdxX & 1) != 0;
        float a = Warp.ShuffleXor(odd ? v.X : v.Y, 1), b = Warp.ShuffleXor(odd ? v.Z : v.W, 1);
        v = odd ? new Float4(a, v.Y, b, v.W) : new Float4(v.X, a, v.Z, b);
        bool upper = (Group.IdxX & 2) != 0;
        a = Warp.ShuffleXor(upper ? v.X : v.Z, 2);
        b = Warp.ShuffleXor(upper ? v.Y : v.W, 2);
        return upper ? new Float4(a, b, v.Z, v.W) : new Float4(v.X, v.Y, a, b);
    }
}
