using ILGPU.Runtime.Cuda;
using static MnistGpu.Kernels.Training.TensorCores.Fragment;

namespace MnistGpu.Kernels.Training.TensorCores;

/// <summary>
/// A warp's part of Xᵀ·δh: 112 pixels times 16 units, as seven strips of 16 pixels times two blocks of 8 units, in registers.
/// δh is in three parts: see <see cref="Bf16"/>. Products with its high part have their own sum, and those with the other two
/// share one. A high part has 8 bits and a pixel has 8, so a tensor core adds up 16 such products almost exactly, however many
/// bits it keeps. An ordinary addition, which is rounded, adds them to the products of other images; a tensor core may cut
/// off what it adds. What it cuts off the other sum matters 128 times less. One sum for all three would be less exact than plain
/// float32.
/// </summary>
internal static class GradientTile
{
    /// <summary>Strips that <see cref="StoreFront"/> stores; <see cref="StoreBack"/> stores the other three.</summary>
    public const int FrontStrips = 4;

    // Fragments of A: 16 images of each strip of pixels.
    private const string X0 = "{x0,x1,x2,x3}", X1 = "{x4,x5,x6,x7}", X2 = "{x8,x9,x10,x11}", X3 = "{x12,x13,x14,x15}",
        X4 = "{x16,x17,x18,x19}", X5 = "{x20,x21,x22,x23}", X6 = "{x24,x25,x26,x27}";

    // Fragments of B, of 16 images: the two blocks of units in each part of δh.
    private const string High = "{d0,d1,d2,d3}", High0 = "{d0,d1}", High1 = "{d2,d3}";
    private const string Middle = "{d4,d5,d6,d7}", Middle0 = "{d4,d5}", Middle1 = "{d6,d7}";
    private const string Low = "{d8,d9,d10,d11}", Low0 = "{d8,d9}", Low1 = "{d10,d11}";

    // Fragments of C, by strip and block: sums of the products with the high part, and of those with the other two.
    private const string HighSum00 = "{h0,h1,h2,h3}", HighSum01 = "{h4,h5,h6,h7}",
        HighSum10 = "{h8,h9,h10,h11}", HighSum11 = "{h12,h13,h14,h15}",
        HighSum20 = "{h16,h17,h18,h19}", HighSum21 = "{h20,h21,h22,h23}",
        HighSum30 = "{h24,h25,h26,h27}", HighSum31 = "{h28,h29,h30,h31}",
        HighSum40 = "{h32,h33,h34,h35}", HighSum41 = "{h36,h37,h38,h39}",
        HighSum50 = "{h40,h41,h42,h43}", HighSum51 = "{h44,h45,h46,h47}",
        HighSum60 = "{h48,h49,h50,h51}", HighSum61 = "{h52,h53,h54,h55}";
    private const string RestSum00 = "{r0,r1,r2,r3}", RestSum01 = "{r4,r5,r6,r7}",
        RestSum10 = "{r8,r9,r10,r11}", RestSum11 = "{r12,r13,r14,r15}",
        RestSum20 = "{r16,r17,r18,r19}", RestSum21 = "{r20,r21,r22,r23}",
        RestSum30 = "{r24,r25,r26,r27}", RestSum31 = "{r28,r29,r30,r31}",
        RestSum40 = "{r32,r33,r34,r35}", RestSum41 = "{r36,r37,r38,r39}",
        RestSum50 = "{r40,r41,r42,r43}", RestSum51 = "{r44,r45,r46,r47}",
        RestSum60 = "{r48,r49,r50,r51}", RestSum61 = "{r52,r53,r54,r55}";

    // The products of 16 images with the high part, of the two blocks of a strip.
    private const string Product0 = "{p0,p1,p2,p3}", Product1 = "{p4,p5,p6,p7}", Nothing = "{zero,zero,zero,zero}";

    private const string Registers =
        ".reg .b32 x<28>; .reg .b32 d<12>; .reg .f32 h<56>; .reg .f32 r<56>; .reg .f32 p<8>; "
        + $".reg .b32 no; .reg .f32 zero; "
        + $".reg .b32 memory; .reg .b32 xAt; .reg .b32 dAt; .reg .b32 sumsAt; mov.u32 memory, {SharedMemory}; ";

    // 0·0 + 0 to every fragment of sums: a quarter as many instructions as moves that clear their registers.
    private const string Zero = $"{{no,no,no,no}}, {{no,no}}, {Nothing}; ";
    private const string ClearSums =
        "mov.b32 no, 0; mov.f32 zero, 0f00000000; "
        + $"{Multiply}{HighSum00}, {Zero}{Multiply}{HighSum01}, {Zero}{Multiply}{RestSum00}, {Zero}{Multiply}{RestSum01}, {Zero}"
        + $"{Multiply}{HighSum10}, {Zero}{Multiply}{HighSum11}, {Zero}{Multiply}{RestSum10}, {Zero}{Multiply}{RestSum11}, {Zero}"
        + $"{Multiply}{HighSum20}, {Zero}{Multiply}{HighSum21}, {Zero}{Multiply}{RestSum20}, {Zero}{Multiply}{RestSum21}, {Zero}"
        + $"{Multiply}{HighSum30}, {Zero}{Multiply}{HighSum31}, {Zero}{Multiply}{RestSum30}, {Zero}{Multiply}{RestSum31}, {Zero}"
        + $"{Multiply}{HighSum40}, {Zero}{Multiply}{HighSum41}, {Zero}{Multiply}{RestSum40}, {Zero}{Multiply}{RestSum41}, {Zero}"
        + $"{Multiply}{HighSum50}, {Zero}{Multiply}{HighSum51}, {Zero}{Multiply}{RestSum50}, {Zero}{Multiply}{RestSum51}, {Zero}"
        + $"{Multiply}{HighSum60}, {Zero}{Multiply}{HighSum61}, {Zero}{Multiply}{RestSum60}, {Zero}{Multiply}{RestSum61}, {Zero}";

    private const string LoadFragments =
        "add.u32 xAt, memory, %0; add.u32 dAt, memory, %1; "
        + $"{LoadTransposed}{X0}, [xAt]; {LoadTransposed}{X1}, [xAt+32]; {LoadTransposed}{X2}, [xAt+64]; "
        + $"{LoadTransposed}{X3}, [xAt+96]; {LoadTransposed}{X4}, [xAt+128]; {LoadTransposed}{X5}, [xAt+160]; "
        + $"{LoadTransposed}{X6}, [xAt+192]; "
        + $"{LoadTransposed}{Low}, [dAt+8192]; {LoadTransposed}{Middle}, [dAt+4096]; {LoadTransposed}{High}, [dAt]; ";

    private const string MultiplyLow =
        $"{Multiply}{RestSum00}, {X0}, {Low0}, {RestSum00}; {Multiply}{RestSum01}, {X0}, {Low1}, {RestSum01}; "
        + $"{Multiply}{RestSum10}, {X1}, {Low0}, {RestSum10}; {Multiply}{RestSum11}, {X1}, {Low1}, {RestSum11}; "
        + $"{Multiply}{RestSum20}, {X2}, {Low0}, {RestSum20}; {Multiply}{RestSum21}, {X2}, {Low1}, {RestSum21}; "
        + $"{Multiply}{RestSum30}, {X3}, {Low0}, {RestSum30}; {Multiply}{RestSum31}, {X3}, {Low1}, {RestSum31}; "
        + $"{Multiply}{RestSum40}, {X4}, {Low0}, {RestSum40}; {Multiply}{RestSum41}, {X4}, {Low1}, {RestSum41}; "
        + $"{Multiply}{RestSum50}, {X5}, {Low0}, {RestSum50}; {Multiply}{RestSum51}, {X5}, {Low1}, {RestSum51}; "
        + $"{Multiply}{RestSum60}, {X6}, {Low0}, {RestSum60}; {Multiply}{RestSum61}, {X6}, {Low1}, {RestSum61}; ";

    private const string MultiplyMiddle =
        $"{Multiply}{RestSum00}, {X0}, {Middle0}, {RestSum00}; {Multiply}{RestSum01}, {X0}, {Middle1}, {RestSum01}; "
        + $"{Multiply}{RestSum10}, {X1}, {Middle0}, {RestSum10}; {Multiply}{RestSum11}, {X1}, {Middle1}, {RestSum11}; "
        + $"{Multiply}{RestSum20}, {X2}, {Middle0}, {RestSum20}; {Multiply}{RestSum21}, {X2}, {Middle1}, {RestSum21}; "
        + $"{Multiply}{RestSum30}, {X3}, {Middle0}, {RestSum30}; {Multiply}{RestSum31}, {X3}, {Middle1}, {RestSum31}; "
        + $"{Multiply}{RestSum40}, {X4}, {Middle0}, {RestSum40}; {Multiply}{RestSum41}, {X4}, {Middle1}, {RestSum41}; "
        + $"{Multiply}{RestSum50}, {X5}, {Middle0}, {RestSum50}; {Multiply}{RestSum51}, {X5}, {Middle1}, {RestSum51}; "
        + $"{Multiply}{RestSum60}, {X6}, {Middle0}, {RestSum60}; {Multiply}{RestSum61}, {X6}, {Middle1}, {RestSum61}; ";

    private const string MultiplyHigh =
        $"{Multiply}{Product0}, {X0}, {High0}, {Nothing}; {Multiply}{Product1}, {X0}, {High1}, {Nothing}; "
        + "add.f32 h0, h0, p0; add.f32 h1, h1, p1; add.f32 h2, h2, p2; add.f32 h3, h3, p3; "
        + "add.f32 h4, h4, p4; add.f32 h5, h5, p5; add.f32 h6, h6, p6; add.f32 h7, h7, p7; "
        + $"{Multiply}{Product0}, {X1}, {High0}, {Nothing}; {Multiply}{Product1}, {X1}, {High1}, {Nothing}; "
        + "add.f32 h8, h8, p0; add.f32 h9, h9, p1; add.f32 h10, h10, p2; add.f32 h11, h11, p3; "
        + "add.f32 h12, h12, p4; add.f32 h13, h13, p5; add.f32 h14, h14, p6; add.f32 h15, h15, p7; "
        + $"{Multiply}{Product0}, {X2}, {High0}, {Nothing}; {Multiply}{Product1}, {X2}, {High1}, {Nothing}; "
        + "add.f32 h16, h16, p0; add.f32 h17, h17, p1; add.f32 h18, h18, p2; add.f32 h19, h19, p3; "
        + "add.f32 h20, h20, p4; add.f32 h21, h21, p5; add.f32 h22, h22, p6; add.f32 h23, h23, p7; "
        + $"{Multiply}{Product0}, {X3}, {High0}, {Nothing}; {Multiply}{Product1}, {X3}, {High1}, {Nothing}; "
        + "add.f32 h24, h24, p0; add.f32 h25, h25, p1; add.f32 h26, h26, p2; add.f32 h27, h27, p3; "
        + "add.f32 h28, h28, p4; add.f32 h29, h29, p5; add.f32 h30, h30, p6; add.f32 h31, h31, p7; "
        + $"{Multiply}{Product0}, {X4}, {High0}, {Nothing}; {Multiply}{Product1}, {X4}, {High1}, {Nothing}; "
        + "add.f32 h32, h32, p0; add.f32 h33, h33, p1; add.f32 h34, h34, p2; add.f32 h35, h35, p3; "
        + "add.f32 h36, h36, p4; add.f32 h37, h37, p5; add.f32 h38, h38, p6; add.f32 h39, h39, p7; "
        + $"{Multiply}{Product0}, {X5}, {High0}, {Nothing}; {Multiply}{Product1}, {X5}, {High1}, {Nothing}; "
        + "add.f32 h40, h40, p0; add.f32 h41, h41, p1; add.f32 h42, h42, p2; add.f32 h43, h43, p3; "
        + "add.f32 h44, h44, p4; add.f32 h45, h45, p5; add.f32 h46, h46, p6; add.f32 h47, h47, p7; "
        + $"{Multiply}{Product0}, {X6}, {High0}, {Nothing}; {Multiply}{Product1}, {X6}, {High1}, {Nothing}; "
        + "add.f32 h48, h48, p0; add.f32 h49, h49, p1; add.f32 h50, h50, p2; add.f32 h51, h51, p3; "
        + "add.f32 h52, h52, p4; add.f32 h53, h53, p5; add.f32 h54, h54, p6; add.f32 h55, h55, p7; ";

    // h += r, for all 56.
    private const string JoinSums =
        "add.f32 h0, h0, r0; add.f32 h1, h1, r1; add.f32 h2, h2, r2; add.f32 h3, h3, r3; "
        + "add.f32 h4, h4, r4; add.f32 h5, h5, r5; add.f32 h6, h6, r6; add.f32 h7, h7, r7; "
        + "add.f32 h8, h8, r8; add.f32 h9, h9, r9; add.f32 h10, h10, r10; add.f32 h11, h11, r11; "
        + "add.f32 h12, h12, r12; add.f32 h13, h13, r13; add.f32 h14, h14, r14; add.f32 h15, h15, r15; "
        + "add.f32 h16, h16, r16; add.f32 h17, h17, r17; add.f32 h18, h18, r18; add.f32 h19, h19, r19; "
        + "add.f32 h20, h20, r20; add.f32 h21, h21, r21; add.f32 h22, h22, r22; add.f32 h23, h23, r23; "
        + "add.f32 h24, h24, r24; add.f32 h25, h25, r25; add.f32 h26, h26, r26; add.f32 h27, h27, r27; "
        + "add.f32 h28, h28, r28; add.f32 h29, h29, r29; add.f32 h30, h30, r30; add.f32 h31, h31, r31; "
        + "add.f32 h32, h32, r32; add.f32 h33, h33, r33; add.f32 h34, h34, r34; add.f32 h35, h35, r35; "
        + "add.f32 h36, h36, r36; add.f32 h37, h37, r37; add.f32 h38, h38, r38; add.f32 h39, h39, r39; "
        + "add.f32 h40, h40, r40; add.f32 h41, h41, r41; add.f32 h42, h42, r42; add.f32 h43, h43, r43; "
        + "add.f32 h44, h44, r44; add.f32 h45, h45, r45; add.f32 h46, h46, r46; add.f32 h47, h47, r47; "
        + "add.f32 h48, h48, r48; add.f32 h49, h49, r49; add.f32 h50, h50, r50; add.f32 h51, h51, r51; "
        + "add.f32 h52, h52, r52; add.f32 h53, h53, r53; add.f32 h54, h54, r54; add.f32 h55, h55, r55; ";

    private const string StoreFrontSums =
        "add.u32 sumsAt, memory, %0; "
        + $"{StorePair}[sumsAt+0], {{h0,h1}}; {StorePair}[sumsAt+32], {{h4,h5}}; "
        + $"{StorePair}[sumsAt+2304], {{h2,h3}}; {StorePair}[sumsAt+2336], {{h6,h7}}; "
        + $"{StorePair}[sumsAt+4608], {{h8,h9}}; {StorePair}[sumsAt+4640], {{h12,h13}}; "
        + $"{StorePair}[sumsAt+6912], {{h10,h11}}; {StorePair}[sumsAt+6944], {{h14,h15}}; "
        + $"{StorePair}[sumsAt+9216], {{h16,h17}}; {StorePair}[sumsAt+9248], {{h20,h21}}; "
        + $"{StorePair}[sumsAt+11520], {{h18,h19}}; {StorePair}[sumsAt+11552], {{h22,h23}}; "
        + $"{StorePair}[sumsAt+13824], {{h24,h25}}; {StorePair}[sumsAt+13856], {{h28,h29}}; "
        + $"{StorePair}[sumsAt+16128], {{h26,h27}}; {StorePair}[sumsAt+16160], {{h30,h31}}; ";

    private const string StoreBackSums =
        "add.u32 sumsAt, memory, %0; "
        + $"{StorePair}[sumsAt+0], {{h32,h33}}; {StorePair}[sumsAt+32], {{h36,h37}}; "
        + $"{StorePair}[sumsAt+2304], {{h34,h35}}; {StorePair}[sumsAt+2336], {{h38,h39}}; "
        + $"{StorePair}[sumsAt+4608], {{h40,h41}}; {StorePair}[sumsAt+4640], {{h44,h45}}; "
        + $"{StorePair}[sumsAt+6912], {{h42,h43}}; {StorePair}[sumsAt+6944], {{h46,h47}}; "
        + $"{StorePair}[sumsAt+9216], {{h48,h49}}; {StorePair}[sumsAt+9248], {{h52,h53}}; "
        + $"{StorePair}[sumsAt+11520], {{h50,h51}}; {StorePair}[sumsAt+11552], {{h54,h55}}; ";

    /// <summary>
    /// Declares the registers: at the top of a kernel, after its first allocation, which must be the shared memory used here.
    /// </summary>
    public static void Declare() => CudaAsm.Emit(Registers);

    /// <summary>Sets all sums to 0.</summary>
    public static void Clear() => CudaAsm.Emit(ClearSums);

    /// <summary>Adds the products of 16 images. Addresses are in bytes from the beginning of shared memory.</summary>
    /// <param name="x">
    /// The lane's row of the first strip, for <c>ldmatrix</c>: 8 pixels of one image. Strips are 32 bytes apart.
    /// </param>
    /// <param name="delta">
    /// Its row of the high part of δh: 8 units of one image. Parts are 4,096 bytes apart.
    /// </param>
    public static void Multiply16Images(int x, int delta) =>
        CudaAsm.Emit(LoadFragments + MultiplyLow + MultiplyMiddle + MultiplyHigh, x, delta);

    /// <summary>Adds the two kinds of sums: the high ones are then the gradient.</summary>
    public static void Join() => CudaAsm.Emit(JoinSums);

    /// <summary>Stores the sums of the first four strips in shared memory, one row per pixel.</summary>
    /// <param name="at">Where the lane's first two sums go, in bytes from the beginning of shared memory.</param>
    public static void StoreFront(int at) => CudaAsm.Emit(StoreFrontSums, at);

    /// <summary>Stores those of the other three.</summary>
    /// <param name="at">As in <see cref="StoreFront"/>.</param>
    public static void StoreBack(int at) => CudaAsm.Emit(StoreBackSums, at);
}
