namespace MnistGpu.Core.Simd;

/// <summary>A number of vectors as a type, so that the JIT compiles a kernel for just that many.</summary>
internal interface IWidth
{
    static abstract int Vectors { get; }
}

internal readonly struct Width1 : IWidth
{
    public static int Vectors => 1;
}

internal readonly struct Width2 : IWidth
{
    public static int Vectors => 2;
}

internal readonly struct Width3 : IWidth
{
    public static int Vectors => 3;
}

internal readonly struct Width4 : IWidth
{
    public static int Vectors => 4;
}

internal readonly struct Width5 : IWidth
{
    public static int Vectors => 5;
}

internal readonly struct Width6 : IWidth
{
    public static int Vectors => 6;
}

internal readonly struct Width7 : IWidth
{
    public static int Vectors => 7;
}

internal readonly struct Width8 : IWidth
{
    public static int Vectors => 8;
}

internal readonly struct Width9 : IWidth
{
    public static int Vectors => 9;
}

internal readonly struct Width10 : IWidth
{
    public static int Vectors => 10;
}

internal readonly struct Width11 : IWidth
{
    public static int Vectors => 11;
}

internal readonly struct Width12 : IWidth
{
    public static int Vectors => 12;
}

internal readonly struct Width13 : IWidth
{
    public static int Vectors => 13;
}
