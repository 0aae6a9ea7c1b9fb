using System.Runtime.Intrinsics;

namespace MnistGpu.Core.Simd;

/// <summary>
/// A vector of floats. The engine is written once over this interface and compiled once for each width: the type
/// argument is a struct, so the JIT sees constants and single instructions where the source has calls.
/// </summary>
internal unsafe interface ISimd<TVector>
    where TVector : struct, ISimd<TVector>
{
    /// <summary>Floats in a vector.</summary>
    static abstract int Lanes { get; }

    static abstract TVector Load(float* source);
    static abstract void Store(float* target, TVector value);

    /// <summary>
    /// Writes past the caches, which is the way to pass data to another core: a plain store would first have to take the cache
    /// line from the core that read it last. <see cref="Barrier.Arrive"/> makes it visible.
    /// </summary>
    static abstract void StorePastCaches(float* target, TVector value);

    /// <summary>The value in every lane.</summary>
    static abstract TVector Broadcast(float value);

    static abstract TVector operator +(TVector a, TVector b);
    static abstract TVector operator -(TVector a, TVector b);
    static abstract TVector operator *(TVector a, TVector b);
    static abstract TVector operator /(TVector a, TVector b);

    /// <summary>a·b + c, rounded once if the CPU has such an instruction.</summary>
    static abstract TVector MultiplyAdd(TVector a, TVector b, TVector c);

    /// <summary>The same with b in memory, this many floats from the address: all of it becomes a single instruction.</summary>
    static abstract TVector MultiplyAdd(TVector a, float* b, nint offset, TVector c);

    /// <summary>The value, or the nearer bound if it is outside; NaN stays NaN.</summary>
    static abstract TVector Clamp(TVector value, TVector low, TVector high);

    /// <summary>2ⁿ for a whole number n from −126 to 127 in the lowest bits of a float's mantissa.</summary>
    static abstract TVector PowerOfTwo(TVector mantissa);

    /// <summary>The sum of all lanes, always taken in the same order.</summary>
    static abstract float Sum(TVector value);
}

/// <summary>16 floats: AVX-512.</summary>
internal readonly unsafe struct Simd512(Vector512<float> vector) : ISimd<Simd512>
{
    private readonly Vector512<float> _v = vector;

    public static int Lanes => 16;
    public static Simd512 Load(float* source) => new(Vector512.Load(source));
    public static void Store(float* target, Simd512 value) => value._v.Store(target);
    public static void StorePastCaches(float* target, Simd512 value) => value._v.StoreAlignedNonTemporal(target);
    public static Simd512 Broadcast(float value) => new(Vector512.Create(value));
    public static Simd512 operator +(Simd512 a, Simd512 b) => new(a._v + b._v);
    public static Simd512 operator -(Simd512 a, Simd512 b) => new(a._v - b._v);
    public static Simd512 operator *(Simd512 a, Simd512 b) => new(a._v * b._v);
    public static Simd512 operator /(Simd512 a, Simd512 b) => new(a._v / b._v);
    public static Simd512 MultiplyAdd(Simd512 a, Simd512 b, Simd512 c) =>
        new(Vector512.MultiplyAddEstimate(a._v, b._v, c._v));
    public static Simd512 MultiplyAdd(Simd512 a, float* b, nint offset, Simd512 c) =>
        new(Vector512.MultiplyAddEstimate(a._v, Vector512.Load(b + offset), c._v));
    public static Simd512 Clamp(Simd512 value, Simd512 low, Simd512 high) =>
        new(Vector512.MinNative(high._v, Vector512.MaxNative(low._v, value._v)));
    public static Simd512 PowerOfTwo(Simd512 mantissa) =>
        new(((mantissa._v.AsInt32() << 23) + Vector512<float>.One.AsInt32()).AsSingle());
    public static float Sum(Simd512 value) => Vector512.Sum(value._v);
}

/// <summary>8 floats: AVX2.</summary>
internal readonly unsafe struct Simd256(Vector256<float> vector) : ISimd<Simd256>
{
    private readonly Vector256<float> _v = vector;

    public static int Lanes => 8;
    public static Simd256 Load(float* source) => new(Vector256.Load(source));
    public static void Store(float* target, Simd256 value) => value._v.Store(target);
    public static void StorePastCaches(float* target, Simd256 value) => value._v.StoreAlignedNonTemporal(target);
    public static Simd256 Broadcast(float value) => new(Vector256.Create(value));
    public static Simd256 operator +(Simd256 a, Simd256 b) => new(a._v + b._v);
    public static Simd256 operator -(Simd256 a, Simd256 b) => new(a._v - b._v);
    public static Simd256 operator *(Simd256 a, Simd256 b) => new(a._v * b._v);
    public static Simd256 operator /(Simd256 a, Simd256 b) => new(a._v / b._v);
    public static Simd256 MultiplyAdd(Simd256 a, Simd256 b, Simd256 c) =>
        new(Vector256.MultiplyAddEstimate(a._v, b._v, c._v));
    public static Simd256 MultiplyAdd(Simd256 a, float* b, nint offset, Simd256 c) =>
        new(Vector256.MultiplyAddEstimate(a._v, Vector256.Load(b + offset), c._v));
    public static Simd256 Clamp(Simd256 value, Simd256 low, Simd256 high) =>
        new(Vector256.MinNative(high._v, Vector256.MaxNative(low._v, value._v)));
    public static Simd256 PowerOfTwo(Simd256 mantissa) =>
        new(((mantissa._v.AsInt32() << 23) + Vector256<float>.One.AsInt32()).AsSingle());
    public static float Sum(Simd256 value) => Vector256.Sum(value._v);
}

/// <summary>4 floats: SSE, NEON, WebAssembly. Without any of these, software does the same, slowly.</summary>
internal readonly unsafe struct Simd128(Vector128<float> vector) : ISimd<Simd128>
{
    private readonly Vector128<float> _v = vector;

    public static int Lanes => 4;
    public static Simd128 Load(float* source) => new(Vector128.Load(source));
    public static void Store(float* target, Simd128 value) => value._v.Store(target);
    public static void StorePastCaches(float* target, Simd128 value) => value._v.StoreAlignedNonTemporal(target);
    public static Simd128 Broadcast(float value) => new(Vector128.Create(value));
    public static Simd128 operator +(Simd128 a, Simd128 b) => new(a._v + b._v);
    public static Simd128 operator -(Simd128 a, Simd128 b) => new(a._v - b._v);
    public static Simd128 operator *(Simd128 a, Simd128 b) => new(a._v * b._v);
    public static Simd128 operator /(Simd128 a, Simd128 b) => new(a._v / b._v);
    public static Simd128 MultiplyAdd(Simd128 a, Simd128 b, Simd128 c) =>
        new(Vector128.MultiplyAddEstimate(a._v, b._v, c._v));
    public static Simd128 MultiplyAdd(Simd128 a, float* b, nint offset, Simd128 c) =>
        new(Vector128.MultiplyAddEstimate(a._v, Vector128.Load(b + offset), c._v));
    public static Simd128 Clamp(Simd128 value, Simd128 low, Simd128 high) =>
        new(Vector128.MinNative(high._v, Vector128.MaxNative(low._v, value._v)));
    public static Simd128 PowerOfTwo(Simd128 mantissa) =>
        new(((mantissa._v.AsInt32() << 23) + Vector128<float>.One.AsInt32()).AsSingle());
    public static float Sum(Simd128 value) => Vector128.Sum(value._v);
}
