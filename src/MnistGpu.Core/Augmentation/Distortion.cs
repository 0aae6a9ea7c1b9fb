using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using MnistGpu.Core.Memory;

namespace MnistGpu.Core.Augmentation;

/// <summary>
/// A small random distortion of an image, as another hand might have written it: rotated, scaled, shifted, and bent by
/// an elastic field. (P. Simard, D. Steinkraus, J. Platt: Best practices for convolutional neural networks applied to
/// visual document analysis, ICDAR 2003.) Its random numbers depend only on seed, epoch and index, and all arithmetic
/// is in integers, so it is the same, bit for bit, on every processor.
/// </summary>
/// <remarks>
/// A pixel (x, y) of the result is interpolated between the four pixels around the place
/// <code>
///   c + A·((x, y) − c) + shift + bend(x, y)
/// </code>
/// of the image, where c is its centre and A rotates and scales. The field bend(x, y) is a cubic B-spline: random vectors
/// on a grid of 7×7 points, 7 pixels apart, and a smooth surface in between. That is as smooth as noise filtered by a
/// Gaussian of 4 pixels, which Simard uses, for a fraction of the work.
/// </remarks>
public static class Distortion
{
    /// <summary>The largest distortion in either direction: 7.5°, 8 % and 0.7 pixels.</summary>
    private const int Angle = 2_145, Scale = 1_311, Shift = 179;

    /// <summary>The most a grid point moves: 1.6 pixels, scaled for the bit shifts that follow.</summary>
    private const int MostBend = 3_250;

    /// <summary>Pixels per side, grid points along it, and pixels between them.</summary>
    private const int Side = 28, Points = 7, Spacing = 7;

    /// <summary>Random bytes per image: two for every grid point, and five 16-bit numbers.</summary>
    private const int RandomBytes = 7 * 16;

    /// <summary>1.0 in fixed point: factors have 14 fraction bits, places 8.</summary>
    private const int One14 = 1 << 14, One8 = 1 << 8;

    /// <summary>The centre of the image, 13.5, with 8 fraction bits.</summary>
    private const int Centre = 27 * One8 / 2;

    /// <summary>
    /// Dark pixels around the image, so that places outside it need no special case: more than rotating, scaling, shifting and
    /// bending together move a corner, which is 5.4.
    /// </summary>
    private const int Edge = 6;

    private const int Stride = Side + 2 * Edge;

    /// <summary>Pixels per row, plus padding to fill the last vector of eight.</summary>
    private const int Row = 32;

    /// <summary>
    /// For each pixel of a row, the four grid points around it, and their weights times 6·7³ = 2058; row 0 has the first point
    /// of every pixel, row 1 the second.
    /// </summary>
    private static readonly AlignedBuffer<int> s_points = Table((x, point) => x / Spacing + point);
    private static readonly AlignedBuffer<int> s_weights = Table((x, point) => Weight(point, x % Spacing));

    /// <summary>Distances of the pixels of a row from the centre, in half pixels.</summary>
    private static readonly AlignedBuffer<int> s_fromCentre = Table((x, _) => 2 * x - 27);

    /// <summary>Distorts an image.</summary>
    /// <param name="image">784 bytes.</param>
    /// <param name="seed">The training's seed.</param>
    /// <param name="epoch">From 0.</param>
    /// <param name="index">The image's index among the training images.</param>
    /// <param name="target">784 bytes; written.</param>
    public static unsafe void Draw(ReadOnlySpan<byte> image, int seed, int epoch, int index, Span<byte> target)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(image.Length, Side * Side);
        ArgumentOutOfRangeException.ThrowIfNotEqual(target.Length, Side * Side);
        byte* random = stackalloc byte[RandomBytes];
        Philox.Fill(new Span<byte>(random, RandomBytes), (uint)seed, (uint)epoch, (uint)index);
        Affine affine = DrawAffine((short*)(random + 2 * Points * Points));
        byte* source = stackalloc byte[Stride * Stride];
        new Span<byte>(source, Stride * Stride).Clear();
        for (int y = 0; y < Side; y++)
            image.Slice(y * Side, Side).CopyTo(new Span<byte>(source + (y + Edge) * Stride + Edge, Side));

        int* sourceX = stackalloc int[Row], sourceY = stackalloc int[Row];
        for (int y = 0; y < Side; y++)
        {
            int v = 2 * y - 27;
            Place((sbyte*)random, y, affine.XX, affine.XY * v, affine.X0, sourceX);
            Place((sbyte*)random + Points * Points, y, affine.YX, affine.YY * v, affine.Y0, sourceY);
            Read(source, sourceX, sourceY, target.Slice(y * Side, Side));
        }
    }

    /// <summary>Where the pixels of a row are read, in one direction, with 8 fraction bits.</summary>
    /// <param name="grid">The elastic field: 7×7 random numbers, and one unused.</param>
    /// <param name="y">The row.</param>
    /// <param name="across">From A: by how much a place moves from one pixel to the next, with 14 fraction bits.</param>
    /// <param name="down">By how much it moves from half a row above the centre to this row.</param>
    /// <param name="centre">Where the centre is read.</param>
    /// <param name="places">32; written.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void Place(sbyte* grid, int y, int across, int down, int centre, int* places)
    {
        Vector256<int> points = default;
        for (int i = 0; i < 4; i++)
        {
            Vector128<sbyte> eight = Vector64.Load(grid + (y / Spacing + i) * Points).ToVector128();
            points += Vector256.WidenLower(Vector128.WidenLower(eight).ToVector256()) * Weight(i, y % Spacing);
        }
        for (int x = 0; x < Row; x += Vector256<int>.Count)
        {
            Vector256<int> sum = default;
            for (int i = 0; i < 4; i++)
                sum += Vector256.Load(s_weights.Pointer + i * Row + x)
                    * Vector256.Shuffle(points, Vector256.Load(s_points.Pointer + i * Row + x));
            Vector256<int> bend = ((sum >> 12) * MostBend) >> 20;
            Vector256<int> turned = Vector256.Load(s_fromCentre.Pointer + x) * across + Vector256.Create(down);
            (bend + (turned >> 7) + Vector256.Create(centre)).Store(places + x);
        }
    }

    /// <summary>Interpolates a row of pixels at their places in the image, each between the four pixels around it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void Read(byte* source, int* sourceX, int* sourceY, Span<byte> target)
    {
        for (int x = 0; x < target.Length; x++)
        {
            int right = sourceX[x] & (One8 - 1), bottom = sourceY[x] & (One8 - 1);
            byte* corner = source + ((sourceY[x] >> 8) + Edge) * Stride + (sourceX[x] >> 8) + Edge;
            int upper = corner[0] * (One8 - right) + corner[1] * right;
            int lower = corner[Stride] * (One8 - right) + corner[Stride + 1] * right;
            target[x] = (byte)((upper * (One8 - bottom) + lower * bottom + (1 << 15)) >> 16);
        }
    }

    /// <summary>The weight of one of four neighbouring points, u sevenths of the way from the second to the third.</summary>
    private static int Weight(int point, int u) => point switch
    {
        0 => (7 - u) * (7 - u) * (7 - u),
        1 => (3 * u - 42) * u * u + 1372,
        _ => Weight(3 - point, 7 - u),
    };

    private static AlignedBuffer<int> Table(Func<int, int, int> value)
    {
        var table = new AlignedBuffer<int>(4 * Row);
        for (int i = 0; i < 4 * Row; i++)
            table.Span[i] = value(i % Row, i / Row);
        return table;
    }

    private static unsafe Affine DrawAffine(short* numbers)
    {
        int angle = numbers[0] * Angle >> 15;
        int square = angle * angle >> 14;
        // The first terms of both series: the next would be below the last bit.
        int cosine = One14 - square / 2, sine = angle - (angle * square >> 14) / 6;
        int scaleX = One14 + (numbers[1] * Scale >> 15), scaleY = One14 + (numbers[2] * Scale >> 15);
        return new Affine(
            cosine * scaleX >> 14, -(sine * scaleY >> 14), Centre + (numbers[3] * Shift >> 15),
            sine * scaleX >> 14, cosine * scaleY >> 14, Centre + (numbers[4] * Shift >> 15));
    }

    /// <summary>A·(p − c) + c + shift, with 14 fraction bits in A and 8 in places.</summary>
    private readonly record struct Affine(int XX, int XY, int X0, int YX, int YY, int Y0);
}
