using ILGPU;

namespace MnistGpu.Kernels.Augmentation;

/// <summary>
/// Draws a small random distortion of each image: rotated, scaled, shifted, and bent by an elastic field. The formulas and
/// their sources are in <c>Distortion</c> in MnistGpu.Core. The result is the same, bit for bit: everything here is in
/// integers, whose results no compiler changes by fusing or reordering operations.
/// </summary>
public static class Distortion
{
    /// <summary>
    /// Random numbers per image, 16 bits each, in memory order: two bytes for every grid point, which are 49 numbers, and then
    /// the angle, both scales and both shifts.
    /// </summary>
    public const int NumbersPerImage = BlocksPerImage * NumbersPerBlock;

    private const int BlocksPerImage = 7, NumbersPerBlock = 8;
    private const int FirstNumber = 49;

    // As in MnistGpu.Core: 7.5°, 8 % and 0.7 pixels, and 1.6 pixels.
    private const int Angle = 2_145, Scale = 1_311, Shift = 179, Bend = 3_250;

    private const int Side = 28, Points = 7, Spacing = 7;
    private const int One14 = 1 << 14, One8 = 1 << 8, Centre = 27 * One8 / 2;

    /// <summary>One thread per block of Philox-4x32-10, which is 16 bytes.</summary>
    /// <param name="index">Image × 7 + block.</param>
    /// <param name="seed">Half of the key.</param>
    /// <param name="epoch">The other half.</param>
    /// <param name="numbers">56 per image; written.</param>
    public static void DrawNumbers(Index1D index, int seed, int epoch, ArrayView<short> numbers)
    {
        uint a = (uint)(index % BlocksPerImage), b = (uint)(index / BlocksPerImage), c = 0, d = 0;
        uint key0 = (uint)seed, key1 = (uint)epoch;
        for (int round = 0; round < 10; round++)
        {
            ulong left = (ulong)a * 0xD251_1F53, right = (ulong)c * 0xCD9E_8D57;
            a = (uint)(right >> 32) ^ b ^ key0;
            b = (uint)right;
            c = (uint)(left >> 32) ^ d ^ key1;
            d = (uint)left;
            key0 += 0x9E37_79B9;
            key1 += 0xBB67_AE85;
        }
        ArrayView<uint> target = numbers.Cast<uint>().SubView(index * 4);
        target[0] = a;
        target[1] = b;
        target[2] = c;
        target[3] = d;
    }

    /// <summary>The range of a launch of <see cref="DrawNumbers"/>.</summary>
    public static Index1D NumbersLaunch(int images) => images * BlocksPerImage;

    /// <summary>One thread per pixel.</summary>
    /// <param name="index">Image × 784 + pixel.</param>
    /// <param name="numbers">See <see cref="DrawNumbers"/>.</param>
    /// <param name="images">784 bytes per image.</param>
    /// <param name="target">The distorted images; written.</param>
    public static void Draw(Index1D index, ArrayView<short> numbers, ArrayView<byte> images, ArrayView<byte> target)
    {
        int image = index / Mnist.Inputs, y = index % Mnist.Inputs / Side, x = index % Side;
        ArrayView<short> drawn = numbers.SubView(image * NumbersPerImage + FirstNumber);
        int angle = drawn[0] * Angle >> 15;
        int square = angle * angle >> 14;
        int cosine = One14 - square / 2, sine = angle - (angle * square >> 14) / 6;
        int scaleX = One14 + (drawn[1] * Scale >> 15), scaleY = One14 + (drawn[2] * Scale >> 15);

        ArrayView<sbyte> grid = numbers.Cast<sbyte>().SubView(
            image * NumbersPerImage * sizeof(short) + y / Spacing * Points + x / Spacing);
        int u = 2 * x - 27, v = 2 * y - 27;
        int sourceX = Centre + (drawn[3] * Shift >> 15)
            + ((cosine * scaleX >> 14) * u - (sine * scaleY >> 14) * v >> 7) + Bent(grid, x, y);
        int sourceY = Centre + (drawn[4] * Shift >> 15)
            + ((sine * scaleX >> 14) * u + (cosine * scaleY >> 14) * v >> 7) + Bent(grid.SubView(Points * Points), x, y);

        int left = sourceX >> 8, right = sourceX & (One8 - 1), top = sourceY >> 8, bottom = sourceY & (One8 - 1);
        int first = image * Mnist.Inputs;
        int upper = Pixel(images, first, left, top) * (One8 - right) + Pixel(images, first, left + 1, top) * right;
        int lower = Pixel(images, first, left, top + 1) * (One8 - right) + Pixel(images, first, left + 1, top + 1) * right;
        target[index] = (byte)(upper * (One8 - bottom) + lower * bottom + (1 << 15) >> 16);
    }

    /// <summary>The elastic field at a pixel: a cubic B-spline through the 4×4 points of the grid around it.</summary>
    private static int Bent(ArrayView<sbyte> grid, int x, int y)
    {
        int u = x % Spacing, v = y % Spacing;
        int sum = Before(u) * Column(grid, 0, v) + Middle(u) * Column(grid, 1, v)
            + Middle(Spacing - u) * Column(grid, 2, v) + Before(Spacing - u) * Column(grid, 3, v);
        return (sum >> 12) * Bend >> 20;
    }

    private static int Column(ArrayView<sbyte> grid, int column, int v) =>
        Before(v) * grid[column] + Middle(v) * grid[column + Points]
        + Middle(Spacing - v) * grid[column + 2 * Points] + Before(Spacing - v) * grid[column + 3 * Points];

    /// <summary>The weight of the point before the two in the middle, times 2058; u is 0 to 7.</summary>
    private static int Before(int u) => (Spacing - u) * (Spacing - u) * (Spacing - u);

    /// <summary>The weight of the first of the two in the middle, times 2058.</summary>
    private static int Middle(int u) => (3 * u - 42) * u * u + 1372;

    /// <summary>A pixel of an image; outside of it, 0.</summary>
    private static int Pixel(ArrayView<byte> images, int first, int x, int y) =>
        x >= 0 && x < Side && y >= 0 && y < Side ? images[first + y * Side + x] : 0;
}
