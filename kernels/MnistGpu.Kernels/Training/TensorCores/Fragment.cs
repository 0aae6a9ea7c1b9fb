namespace MnistGpu.Kernels.Training.TensorCores;

/// <summary>
/// A tensor core multiplies small matrices that a warp holds jointly, in <em>fragments</em>. ILGPU has no name for that, but
/// it can emit PTX, NVIDIA's portable assembly: <c>CudaAsm.Emit</c>. The instruction is
/// <code>
///   C += A·B      A: 16×16 bfloat16          B: 16×8 bfloat16         C: 16×8 float32
///
///        columns 0…7   columns 8…15               columns 0…7              columns 0…7
///        ┌────────────┬────────────┐              ┌────────────┐           ┌────────────┐
///  rows  │ a0         │ a2         │        rows  │ b0         │     rows  │ c0 c1      │
///  0…7   │            │            │        0…7   │            │     0…7   │            │
///        ├────────────┼────────────┤              ├────────────┤           ├────────────┤
///  rows  │ a1         │ a3         │        rows  │ b1         │     rows  │ c2 c3      │
///  8…15  │            │            │        8…15  │            │     8…15  │            │
///        └────────────┴────────────┘              └────────────┘           └────────────┘
///
///   lane 4·g + q holds, of every 8×8 square:
///        row g, columns 2q and 2q + 1             column g, rows           row g, columns
///                                                 2q and 2q + 1            2q and 2q + 1
/// </code>
/// An a or b is a register with two bfloat16. <c>ldmatrix</c> loads four such squares from shared memory: lanes 0 to 7
/// give the addresses of the eight rows of the first, lanes 8 to 15 those of the second, and so on. <c>.trans</c> exchanges
/// rows and columns on the way. (NVIDIA, PTX ISA, "Matrix Fragments for mma.m16n8k16" and "ldmatrix".)
/// <para>
/// Registers declared in PTX are invisible to ILGPU: fragments stay in them from one Emit to the next, whereas ILGPU would
/// keep the results of an Emit in memory. The strings must be constants, so lines that differ only in a register's number
/// are written out for each.
/// </para>
/// </summary>
internal static class Fragment
{
    /// <summary>C += A·B; followed by the registers of C, A, B, and C again.</summary>
    public const string Multiply = "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 ";

    /// <summary>Loads four squares; followed by four registers and an address.</summary>
    public const string Load = "ldmatrix.sync.aligned.m8n8.x4.shared.b16 ";

    /// <summary>Loads four squares with rows and columns exchanged; followed by four registers and an address.</summary>
    public const string LoadTransposed = "ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 ";

    /// <summary>Stores two neighbours of C; followed by an address and two registers.</summary>
    public const string StorePair = "st.shared.v2.f32 ";

    /// <summary>
    /// ILGPU's name for the memory that a kernel allocates with its first <c>SharedMemory.Allocate</c>. The address of a view
    /// cannot be passed to PTX; a name can.
    /// </summary>
    public const string SharedMemory = "__shared_alloca0";

    /// <summary>
    /// Floats from one row of stored sums to the next: more than the 64 in a row, so that the eight rows that a warp stores at
    /// a time begin in different banks.
    /// </summary>
    public const int SumStride = 72;

    /// <summary>Lanes of a warp.</summary>
    public const int Lanes = 32;
}
