using ILGPU.Runtime.Cuda;
using static MnistGpu.Kernels.Training.TensorCores.Fragment;

namespace MnistGpu.Kernels.Training.TensorCores;

/// <summary>
/// A warp's part of X·W1: 64 images times 32 units, as four strips of 16 images times four blocks of 8 units, in registers.
/// W1 is in three parts, with one sum for its high part and one for the other two: see <see cref="GradientTile"/>.
/// </summary>
internal static class ActivationTile
{
    /// <summary>Images of a warp that <see cref="StoreFront"/> stores; <see cref="StoreBack"/> stores the others.</summary>
    public const int StoredImages = 32;

    // Fragments of A: 16 pixels of each strip of images.
    private const string X0 = "{x0,x1,x2,x3}", X1 = "{x4,x5,x6,x7}", X2 = "{x8,x9,x10,x11}", X3 = "{x12,x13,x14,x15}";

    // Fragments of B, of 16 pixels: the four blocks of units in each part of W1, which are loaded in pairs.
    private const string High01 = "{w0,w1,w2,w3}", High23 = "{w4,w5,w6,w7}",
        High0 = "{w0,w1}", High1 = "{w2,w3}", High2 = "{w4,w5}", High3 = "{w6,w7}";
    private const string Middle01 = "{w8,w9,w10,w11}", Middle23 = "{w12,w13,w14,w15}",
        Middle0 = "{w8,w9}", Middle1 = "{w10,w11}", Middle2 = "{w12,w13}", Middle3 = "{w14,w15}";
    private const string Low01 = "{w16,w17,w18,w19}", Low23 = "{w20,w21,w22,w23}",
        Low0 = "{w16,w17}", Low1 = "{w18,w19}", Low2 = "{w20,w21}", Low3 = "{w22,w23}";

    // Fragments of C, by strip and block: sums of the products with the high part, and of those with the other two.
    private const string HighSum00 = "{h0,h1,h2,h3}", HighSum01 = "{h4,h5,h6,h7}",
        HighSum02 = "{h8,h9,h10,h11}", HighSum03 = "{h12,h13,h14,h15}",
        HighSum10 = "{h16,h17,h18,h19}", HighSum11 = "{h20,h21,h22,h23}",
        HighSum12 = "{h24,h25,h26,h27}", HighSum13 = "{h28,h29,h30,h31}",
        HighSum20 = "{h32,h33,h34,h35}", HighSum21 = "{h36,h37,h38,h39}",
        HighSum22 = "{h40,h41,h42,h43}", HighSum23 = "{h44,h45,h46,h47}",
        HighSum30 = "{h48,h49,h50,h51}", HighSum31 = "{h52,h53,h54,h55}",
        HighSum32 = "{h56,h57,h58,h59}", HighSum33 = "{h60,h61,h62,h63}";
    private const string RestSum00 = "{r0,r1,r2,r3}", RestSum01 = "{r4,r5,r6,r7}",
        RestSum02 = "{r8,r9,r10,r11}", RestSum03 = "{r12,r13,r14,r15}",
        RestSum10 = "{r16,r17,r18,r19}", RestSum11 = "{r20,r21,r22,r23}",
        RestSum12 = "{r24,r25,r26,r27}", RestSum13 = "{r28,r29,r30,r31}",
        RestSum20 = "{r32,r33,r34,r35}", RestSum21 = "{r36,r37,r38,r39}",
        RestSum22 = "{r40,r41,r42,r43}", RestSum23 = "{r44,r45,r46,r47}",
        RestSum30 = "{r48,r49,r50,r51}", RestSum31 = "{r52,r53,r54,r55}",
        RestSum32 = "{r56,r57,r58,r59}", RestSum33 = "{r60,r61,r62,r63}";

    // The products of 16 pixels with the high part, of the four blocks of a strip.
    private const string Product0 = "{p0,p1,p2,p3}", Product1 = "{p4,p5,p6,p7}", Product2 = "{p8,p9,p10,p11}",
        Product3 = "{p12,p13,p14,p15}", Nothing = "{zero,zero,zero,zero}";

    private const string Registers =
        ".reg .b32 x<16>; .reg .b32 w<24>; .reg .f32 h<64>; .reg .f32 r<64>; .reg .f32 p<16>; "
        + ".reg .b32 no; .reg .f32 zero; "
        + $".reg .b32 memory; .reg .b32 at; mov.u32 memory, {SharedMemory}; ";

    // 0·0 + 0 to every fragment of sums: a quarter as many instructions as moves that clear their registers.
    private const string Zero = $"{{no,no,no,no}}, {{no,no}}, {Nothing}; ";
    private const string ClearSums =
        "mov.b32 no, 0; mov.f32 zero, 0f00000000; "
        + $"{Multiply}{HighSum00}, {Zero}{Multiply}{HighSum01}, {Zero}{Multiply}{HighSum02}, {Zero}{Multiply}{HighSum03}, {Zero}"
        + $"{Multiply}{RestSum00}, {Zero}{Multiply}{RestSum01}, {Zero}{Multiply}{RestSum02}, {Zero}{Multiply}{RestSum03}, {Zero}"
        + $"{Multiply}{HighSum10}, {Zero}{Multiply}{HighSum11}, {Zero}{Multiply}{HighSum12}, {Zero}{Multiply}{HighSum13}, {Zero}"
        + $"{Multiply}{RestSum10}, {Zero}{Multiply}{RestSum11}, {Zero}{Multiply}{RestSum12}, {Zero}{Multiply}{RestSum13}, {Zero}"
        + $"{Multiply}{HighSum20}, {Zero}{Multiply}{HighSum21}, {Zero}{Multiply}{HighSum22}, {Zero}{Multiply}{HighSum23}, {Zero}"
        + $"{Multiply}{RestSum20}, {Zero}{Multiply}{RestSum21}, {Zero}{Multiply}{RestSum22}, {Zero}{Multiply}{RestSum23}, {Zero}"
        + $"{Multiply}{HighSum30}, {Zero}{Multiply}{HighSum31}, {Zero}{Multiply}{HighSum32}, {Zero}{Multiply}{HighSum33}, {Zero}"
        + $"{Multiply}{RestSum30}, {Zero}{Multiply}{RestSum31}, {Zero}{Multiply}{RestSum32}, {Zero}{Multiply}{RestSum33}, {Zero}";

    private const string LoadFragments =
        "add.u32 at, memory, %0; "
        + $"{Load}{X0}, [at]; {Load}{X1}, [at+1024]; {Load}{X2}, [at+2048]; {Load}{X3}, [at+3072]; "
        + "add.u32 at, memory, %1; "
        + $"{LoadTransposed}{Low01}, [at+8192]; {LoadTransposed}{Middle01}, [at+4096]; {LoadTransposed}{High01}, [at]; "
        + "add.u32 at, memory, %2; "
        + $"{LoadTransposed}{Low23}, [at+8192]; {LoadTransposed}{Middle23}, [at+4096]; {LoadTransposed}{High23}, [at]; ";

    private const string MultiplyLow =
        $"{Multiply}{RestSum00}, {X0}, {Low0}, {RestSum00}; {Multiply}{RestSum01}, {X0}, {Low1}, {RestSum01}; "
        + $"{Multiply}{RestSum02}, {X0}, {Low2}, {RestSum02}; {Multiply}{RestSum03}, {X0}, {Low3}, {RestSum03}; "
        + $"{Multiply}{RestSum10}, {X1}, {Low0}, {RestSum10}; {Multiply}{RestSum11}, {X1}, {Low1}, {RestSum11}; "
        + $"{Multiply}{RestSum12}, {X1}, {Low2}, {RestSum12}; {Multiply}{RestSum13}, {X1}, {Low3}, {RestSum13}; "
        + $"{Multiply}{RestSum20}, {X2}, {Low0}, {RestSum20}; {Multiply}{RestSum21}, {X2}, {Low1}, {RestSum21}; "
        + $"{Multiply}{RestSum22}, {X2}, {Low2}, {RestSum22}; {Multiply}{RestSum23}, {X2}, {Low3}, {RestSum23}; "
        + $"{Multiply}{RestSum30}, {X3}, {Low0}, {RestSum30}; {Multiply}{RestSum31}, {X3}, {Low1}, {RestSum31}; "
        + $"{Multiply}{RestSum32}, {X3}, {Low2}, {RestSum32}; {Multiply}{RestSum33}, {X3}, {Low3}, {RestSum33}; ";

    private const string MultiplyMiddle =
        $"{Multiply}{RestSum00}, {X0}, {Middle0}, {RestSum00}; {Multiply}{RestSum01}, {X0}, {Middle1}, {RestSum01}; "
        + $"{Multiply}{RestSum02}, {X0}, {Middle2}, {RestSum02}; {Multiply}{RestSum03}, {X0}, {Middle3}, {RestSum03}; "
        + $"{Multiply}{RestSum10}, {X1}, {Middle0}, {RestSum10}; {Multiply}{RestSum11}, {X1}, {Middle1}, {RestSum11}; "
        + $"{Multiply}{RestSum12}, {X1}, {Middle2}, {RestSum12}; {Multiply}{RestSum13}, {X1}, {Middle3}, {RestSum13}; "
        + $"{Multiply}{RestSum20}, {X2}, {Middle0}, {RestSum20}; {Multiply}{RestSum21}, {X2}, {Middle1}, {RestSum21}; "
        + $"{Multiply}{RestSum22}, {X2}, {Middle2}, {RestSum22}; {Multiply}{RestSum23}, {X2}, {Middle3}, {RestSum23}; "
        + $"{Multiply}{RestSum30}, {X3}, {Middle0}, {RestSum30}; {Multiply}{RestSum31}, {X3}, {Middle1}, {RestSum31}; "
        + $"{Multiply}{RestSum32}, {X3}, {Middle2}, {RestSum32}; {Multiply}{RestSum33}, {X3}, {Middle3}, {RestSum33}; ";

    private const string MultiplyHigh =
        $"{Multiply}{Product0}, {X0}, {High0}, {Nothing}; {Multiply}{Product1}, {X0}, {High1}, {Nothing}; "
        + $"{Multiply}{Product2}, {X0}, {High2}, {Nothing}; {Multiply}{Product3}, {X0}, {High3}, {Nothing}; "
        + "add.f32 h0, h0, p0; add.f32 h1, h1, p1; add.f32 h2, h2, p2; add.f32 h3, h3, p3; "
        + "add.f32 h4, h4, p4; add.f32 h5, h5, p5; add.f32 h6, h6, p6; add.f32 h7, h7, p7; "
        + "add.f32 h8, h8, p8; add.f32 h9, h9, p9; add.f32 h10, h10, p10; add.f32 h11, h11, p11; "
        + "add.f32 h12, h12, p12; add.f32 h13, h13, p13; add.f32 h14, h14, p14; add.f32 h15, h15, p15; "
        + $"{Multiply}{Product0}, {X1}, {High0}, {Nothing}; {Multiply}{Product1}, {X1}, {High1}, {Nothing}; "
        + $"{Multiply}{Product2}, {X1}, {High2}, {Nothing}; {Multiply}{Product3}, {X1}, {High3}, {Nothing}; "
        + "add.f32 h16, h16, p0; add.f32 h17, h17, p1; add.f32 h18, h18, p2; add.f32 h19, h19, p3; "
        + "add.f32 h20, h20, p4; add.f32 h21, h21, p5; add.f32 h22, h22, p6; add.f32 h23, h23, p7; "
        + "add.f32 h24, h24, p8; add.f32 h25, h25, p9; add.f32 h26, h26, p10; add.f32 h27, h27, p11; "
        + "add.f32 h28, h28, p12; add.f32 h29, h29, p13; add.f32 h30, h30, p14; add.f32 h31, h31, p15; "
        + $"{Multiply}{Product0}, {X2}, {High0}, {Nothing}; {Multiply}{Product1}, {X2}, {High1}, {Nothing}; "
        + $"{Multiply}{Product2}, {X2}, {High2}, {Nothing}; {Multiply}{Product3}, {X2}, {High3}, {Nothing}; "
        + "add.f32 h32, h32, p0; add.f32 h33, h33, p1; add.f32 h34, h34, p2; add.f32 h35, h35, p3; "
        + "add.f32 h36, h36, p4; add.f32 h37, h37, p5; add.f32 h38, h38, p6; add.f32 h39, h39, p7; "
        + "add.f32 h40, h40, p8; add.f32 h41, h41, p9; add.f32 h42, h42, p10; add.f32 h43, h43, p11; "
        + "add.f32 h44, h44, p12; add.f32 h45, h45, p13; add.f32 h46, h46, p14; add.f32 h47, h47, p15; "
        + $"{Multiply}{Product0}, {X3}, {High0}, {Nothing}; {Multiply}{Product1}, {X3}, {High1}, {Nothing}; "
        + $"{Multiply}{Product2}, {X3}, {High2}, {Nothing}; {Multiply}{Product3}, {X3}, {High3}, {Nothing}; "
        + "add.f32 h48, h48, p0; add.f32 h49, h49, p1; add.f32 h50, h50, p2; add.f32 h51, h51, p3; "
        + "add.f32 h52, h52, p4; add.f32 h53, h53, p5; add.f32 h54, h54, p6; add.f32 h55, h55, p7; "
        + "add.f32 h56, h56, p8; add.f32 h57, h57, p9; add.f32 h58, h58, p10; add.f32 h59, h59, p11; "
        + "add.f32 h60, h60, p12; add.f32 h61, h61, p13; add.f32 h62, h62, p14; add.f32 h63, h63, p15; ";

    // h += r, for all 64.
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
        + "add.f32 h52, h52, r52; add.f32 h53, h53, r53; add.f32 h54, h54, r54; add.f32 h55, h55, r55; "
        + "add.f32 h56, h56, r56; add.f32 h57, h57, r57; add.f32 h58, h58, r58; add.f32 h59, h59, r59; "
        + "add.f32 h60, h60, r60; add.f32 h61, h61, r61; add.f32 h62, h62, r62; add.f32 h63, h63, r63; ";

    private const string StoreFrontSums =
        "add.u32 at, memory, %0; "
        + $"{StorePair}[at+0], {{h0,h1}}; {StorePair}[at+32], {{h4,h5}}; "
        + $"{StorePair}[at+64], {{h8,h9}}; {StorePair}[at+96], {{h12,h13}}; "
        + $"{StorePair}[at+2304], {{h2,h3}}; {StorePair}[at+2336], {{h6,h7}}; "
        + $"{StorePair}[at+2368], {{h10,h11}}; {StorePair}[at+2400], {{h14,h15}}; "
        + $"{StorePair}[at+4608], {{h16,h17}}; {StorePair}[at+4640], {{h20,h21}}; "
        + $"{StorePair}[at+4672], {{h24,h25}}; {StorePair}[at+4704], {{h28,h29}}; "
        + $"{StorePair}[at+6912], {{h18,h19}}; {StorePair}[at+6944], {{h22,h23}}; "
        + $"{StorePair}[at+6976], {{h26,h27}}; {StorePair}[at+7008], {{h30,h31}}; ";

    private const string StoreBackSums =
        "add.u32 at, memory, %0; "
        + $"{StorePair}[at+0], {{h32,h33}}; {StorePair}[at+32], {{h36,h37}}; "
        + $"{StorePair}[at+64], {{h40,h41}}; {StorePair}[at+96], {{h44,h45}}; "
        + $"{StorePair}[at+2304], {{h34,h35}}; {StorePair}[at+2336], {{h38,h39}}; "
        + $"{StorePair}[at+2368], {{h42,h43}}; {StorePair}[at+2400], {{h46,h47}}; "
        + $"{StorePair}[at+4608], {{h48,h49}}; {StorePair}[at+4640], {{h52,h53}}; "
        + $"{StorePair}[at+4672], {{h56,h57}}; {StorePair}[at+4704], {{h60,h61}}; "
        + $"{StorePair}[at+6912], {{h50,h51}}; {StorePair}[at+6944], {{h54,h55}}; "
        + $"{StorePair}[at+6976], {{h58,h59}}; {StorePair}[at+7008], {{h62,h63}}; ";

    /// <summary>
    /// Declares the registers: at the top of a kernel, after its first allocation, which must be the shared memory used here.
    /// </summary>
    public static void Declare() => CudaAsm.Emit(Registers);

    /// <summary>Sets all sums to 0.</summary>
    public static void Clear() => CudaAsm.Emit(ClearSums);

    /// <summary>Adds the products of 16 pixels. Addresses are in bytes from the beginning of shared memory.</summary>
    /// <param name="x">
    /// The lane's row of the first strip, for <c>ldmatrix</c>: 8 pixels of one image. Strips are 1,024 bytes apart.
    /// </param>
    /// <param name="weights">
    /// Its row of the high part of W1: 8 units of one pixel, of the first two blocks. Parts are 4,096 bytes apart.
    /// </param>
    /// <param name="nextWeights">The same for the other two blocks.</param>
    public static void Multiply16Pixels(int x, int weights, int nextWeights) =>
        CudaAsm.Emit(LoadFragments + MultiplyLow + MultiplyMiddle + MultiplyHigh, x, weights, nextWeights);

    /// <summary>Adds the two kinds of sums: the high ones are then X·W1.</summary>
    public static void Join() => CudaAsm.Emit(JoinSums);

    /// <summary>Stores the sums of the first two strips in shared memory, one row per image.</summary>
    /// <param name="at">Where the lane's first two sums go, in bytes from the beginning of shared memory.</param>
    public static void StoreFront(int at) => CudaAsm.Emit(StoreFrontSums, at);

    /// <summary>Stores those of the other two.</summary>
    /// <param name="at">As in <see cref="StoreFront"/>.</param>
    public static void StoreBack(int at) => CudaAsm.Emit(StoreBackSums, at);
}
