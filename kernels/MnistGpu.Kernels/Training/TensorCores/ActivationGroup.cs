using ILGPU;

namespace MnistGpu.Kernels.Training.TensorCores;

/// <summary>
/// A group's part of X·W1, 128 images times 64 units: where each of its eight warps finds its fragments of a tile, and where
/// it leaves its sums. The tile is in shared memory as <see cref="TileOfPixels"/> says.
/// </summary>
internal readonly struct ActivationGroup
{
    /// <summary>
    /// Warps per group: two along the images of a tile times two along its units, times two. The second four take the other
    /// half of each tile's pixels: with 64 images times 32 units, a loaded fragment serves twice as often as in a tile half
    /// as large.
    /// </summary>
    private const int Warps = 8;

    /// <summary>Threads of a group.</summary>
    public const int Size = Warps * Fragment.Lanes;

    private const int WarpsPerSlice = Warps / 2;

    private const int PixelsPerProduct = 16;

    private const int ImagesPerWarp = TileOfPixels.Images / 2;

    private const int UnitsPerWarp = TileOfUnits.Units / 2;

    /// <summary>Images whose sums are in shared memory at a time: those that the warps store at once.</summary>
    public const int StoredImages = 2 * ActivationTile.StoredImages;

    /// <summary>Their sums in a slice, in vectors.</summary>
    private const int SliceVectors = StoredImages * Fragment.SumStride / 4;

    /// <summary>What the sums of both slices take of shared memory, in vectors: more than a tile.</summary>
    public const int SumVectors = 2 * SliceVectors;

    private readonly int _x;
    private readonly int _weights;
    private readonly int _nextWeights;
    private readonly int _sums;

    /// <summary>The places of the thread, and sums of 0; to be called after <see cref="ActivationTile.Declare"/>.</summary>
    public ActivationGroup()
    {
        int lane = Group.IdxX % Fragment.Lanes;
        int warp = Group.IdxX / Fragment.Lanes;
        int slice = warp / WarpsPerSlice;
        int image = warp / 2 % 2 * ImagesPerWarp;
        int unit = warp % 2 * UnitsPerWarp;
        // Lanes 0-7, 8-15, 16-23 and 24-31 each give the rows of one 8×8 square.
        // Of x: images 0-7 and 8-15 of pixels 0-7, then of 8-15: a0, a1, a2 and a3.
        int row = image + lane % 16;
        _x = row * TileOfPixels.ImageStride + ((2 * slice + lane / 16) ^ (row / 2 & 3)) * 16;
        // Of W1: pixels 0-7 and 8-15 of units 0-7, then of 8-15: b0 and b1 of two blocks.
        row = slice * PixelsPerProduct + lane % 16;
        _weights = TileOfPixels.WeightStart + row * TileOfUnits.Stride + ((unit / 8 + lane / 16) ^ (row & 7)) * 16;
        // Two blocks further on is two chunks further on, before chunks change places.
        _nextWeights = _weights ^ 2 * 16;
        int storedRow = image / ImagesPerWarp * ActivationTile.StoredImages + lane / 4;
        _sums = (slice * SliceVectors * 4 + storedRow * Fragment.SumStride + unit + lane % 4 * 2) * sizeof(float);
        ActivationTile.Clear();
    }

    /// <summary>Adds the products of a tile, which begins at this byte of shared memory.</summary>
    public void Multiply(int tile) => ActivationTile.Multiply16Pixels(tile + _x, tile + _weights, tile + _nextWeights);

    /// <summary>Stores the sums of half of the images in shared memory: of the first 32 of each warp.</summary>
    public void StoreFront() => ActivationTile.StoreFront(_sums);

    /// <summary>Stores those of the others.</summary>
    public void StoreBack() => ActivationTile.StoreBack(_sums);

    /// <summary>Which image of the group the sums of a stored row belong to; 32 more after <see cref="StoreBack"/>.</summary>
    public static int ImageOf(int row) =>
        row / ActivationTile.StoredImages * ImagesPerWarp + row % ActivationTile.StoredImages;

    /// <summary>Four neighbouring sums of a stored row, of both slices.</summary>
    public static Float4 Sums(ArrayView<Float4> memory, int row, int vector)
    {
        int sum = row * (Fragment.SumStride / 4) + vector;
        return memory[sum] + memory[sum + SliceVectors];
    }
}
