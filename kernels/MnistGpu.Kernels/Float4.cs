using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;

namespace MnistGpu.Kernels;

/// <summary>
/// Four neighbouring floats. A GPU loads and stores them in one instruction if their address is a multiple of 16 bytes and
/// the compiler knows it, so one request of a warp moves 512 bytes instead of 128.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct Float4(float x, float y, float z, float w)
{
    /// <summary>The first.</summary>
    public float X = x;

    /// <summary>The second.</summary>
    public float Y = y;

    /// <summary>The third.</summary>
    public float Z = z;

    /// <summary>The fourth.</summary>
    public float W = w;

    /// <summary>The sum, float by float.</summary>
    public static Float4 operator +(Float4 a, Float4 b) => new(a.X + b.X, a.Y + b.Y, a.Z + b.Z, a.W + b.W);

    /// <summary>The difference, float by float.</summary>
    public static Float4 operator -(Float4 a, Float4 b) => new(a.X - b.X, a.Y - b.Y, a.Z - b.Z, a.W - b.W);

    /// <summary>The product, float by float.</summary>
    public static Float4 operator *(Float4 a, Float4 b) => new(a.X * b.X, a.Y * b.Y, a.Z * b.Z, a.W * b.W);

    /// <summary>Each float times a number.</summary>
    public static Float4 operator *(float a, Float4 b) => new(a * b.X, a * b.Y, a * b.Z, a * b.W);

    /// <summary>The four floats added up.</summary>
    public readonly float Sum => X + Y + (Z + W);

    /// <summary>A vector's floats in fours; its length must be a multiple of 4.</summary>
    public static ArrayView<Float4> Of(Vector vector) => vector.Cast<Float4>().AsAligned(16);

    /// <summary>A matrix's floats in fours, row by row; the number of columns must be a multiple of 4.</summary>
    public static ArrayView<Float4> Of(Matrix matrix) => Of(matrix.BaseView);
}
