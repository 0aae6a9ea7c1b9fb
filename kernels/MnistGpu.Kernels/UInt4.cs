using System.Runtime.InteropServices;

namespace MnistGpu.Kernels;

/// <summary>Two neighbouring words, which a GPU stores in one instruction.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct UInt2(uint x, uint y)
{
    public uint X = x;
    public uint Y = y;
}

/// <summary>Four neighbouring words, which a GPU loads and stores in one instruction: sixteen pixels of an image.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct UInt4(UInt2 first, UInt2 second)
{
    public uint X = first.X;
    public uint Y = first.Y;
    public uint Z = second.X;
    public uint W = second.Y;
}
