using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Runtime.Launching;
using ILGPU.Runtime.OpenCL.Translation;

namespace Ilgpu.Tests.Runtime.OpenCL.Translation;

/// <summary>What a kernel may not contain is refused in one line that says where it is and what.</summary>
public class RefusalTests
{
    private static float s_field = Environment.ProcessId;

    [Fact]
    public void TheMessageNamesKernelMethodConstructAndInstruction()
    {
        string message = Refusal(CallsAHelperWithAnArray);

        Assert.Matches(
            "^Kernel RefusalTests.CallsAHelperWithAnArray cannot run on OpenCL: "
            + @"RefusalTests.MakesAnArray uses an array \(newarr at IL_[0-9A-F]{4}\)\.$",
            message);
    }

    [Fact]
    public void ObjectsAndArraysAreRefused()
    {
        AssertRefused("uses an array (newarr", MakesAnArray);
        AssertRefused("creates an object of StringBuilder (newobj", x => x[0] = new System.Text.StringBuilder().Length);
        AssertRefused("uses an object (box", x => x[0] = Hash((object)1));
        AssertRefused("uses a string (ldstr", x => x[0] = "text".Length);
        AssertRefused("creates an object of ValueTuple`2 (newobj", x => x[0] = Second((1, 2)));
    }

    [Fact]
    public void ExceptionsAreRefused()
    {
        AssertRefused("InvalidOperationException (newobj", Throws);
        AssertRefused("ThrowsWhatItIsGiven has a local variable of type Exception", ThrowsWhatItIsGiven);
        AssertRefused("Catches handles an exception (try)", Catches);
        AssertRefused("checks for overflow (conv.ovf.i4", x => x[0] = checked((int)x[0] + 1));
    }

    [Fact]
    public void FieldsAreRefusedButConstantsAreNot()
    {
        AssertRefused("uses the static field RefusalTests.s_field, which is not a constant (ldsfld", x => x[0] = s_field);
        AssertRefused("has a local variable of type Pair", x => x[0] = default(Pair).First);
        Assert.Contains("3.14", Code(x => x[0] = MathF.PI));
    }

    [Fact]
    public void CallsOfAnythingButKernelCodeAreRefused()
    {
        AssertRefused("calls MathF.Exp, which is no function for kernels (call", x => x[0] = MathF.Exp(x[0]));
        AssertRefused("calls Math.Max", x => x[0] = Math.Max((int)x[0], 3));
        AssertRefused("uses an object (ldnull", x => x[0] = Size(null));
        AssertRefused("uses an object (ldtoken", x => x[0] = typeof(int).Name.Length);
        AssertRefused("CallsADelegate has a local variable of type Func<Single, Single>", CallsADelegate);
        AssertRefused("IsGeneric is generic", x => x[0] = IsGeneric(1));
        AssertRefused("Recurs calls itself", x => Recurs(x, 3));
        AssertRefused("calls Index1D.Equals", x => x[0] = new Index1D(3).Equals(new Index1D(4)) ? 1 : 0);
    }

    [Fact]
    public void DoublesAndOtherTypesAreRefused()
    {
        AssertRefused("computes in double (conv.r8", x => x[0] = (float)(x[0] * 2.5));
        AssertRefused("HasADoubleLocal has a local variable of type Double", HasADoubleLocal);
        AssertRefused("ReturnsADouble returns a value of type Double", x => x[0] = (int)ReturnsADouble(x[0]));
        Assert.Contains(
            "has the parameter y of type Double",
            Refusal(KernelDescription.ExplicitlyGrouped((Action<ArrayView<float>, double>)TakesADouble)));
        Assert.Contains(
            "has the parameter views of type ArrayView<Pair>",
            Refusal(KernelDescription.ExplicitlyGrouped((Action<ArrayView<Pair>>)TakesPairs)));
        AssertRefused("returns a value of type ArrayView<Single>", x => x[0] = ReturnsAView(x)[0]);
    }

    [Fact]
    public void SharedMemoryNeedsAConstantSize() => Assert.Contains(
        "AllocatesAVariableLength allocates shared memory whose size is not a constant (call",
        Refusal(KernelDescription.ExplicitlyGrouped((Action<ArrayView<float>, int>)AllocatesAVariableLength)));

    [Fact]
    public void AVariableHoldsReferencesToOneMemoryOnly()
    {
        AssertRefused("keeps references to different memories in one variable (stloc", MixesMemories);
        AssertRefused("uses a view or a reference that nothing has been assigned to", HasAnEmptyView);
        AssertRefused("calls Atomic.Add", AddsAtomicallyToALocal);
    }

    private static void AssertRefused(string construct, Action<ArrayView<float>> kernel)
    {
        string message = Refusal(kernel);

        Assert.Contains(construct, message);
        Assert.DoesNotContain('\n', message);
    }

    private static string Refusal(Action<ArrayView<float>> kernel) =>
        Refusal(KernelDescription.ExplicitlyGrouped(kernel));

    private static string Refusal(KernelDescription kernel) =>
        Assert.Throws<NotSupportedException>(() => OpenClTranslator.Translate(kernel)).Message;

    private static string Code(Action<ArrayView<float>> kernel) =>
        OpenClTranslator.Translate(KernelDescription.ExplicitlyGrouped(kernel)).Code;

    private static void CallsAHelperWithAnArray(ArrayView<float> x) => MakesAnArray(x);

    private static void MakesAnArray(ArrayView<float> x) => x[0] = new float[3].Length;

    private static void Throws(ArrayView<float> x)
    {
        if (x[0] < 0)
            throw new InvalidOperationException();
    }

    private static void ThrowsWhatItIsGiven(ArrayView<float> x)
    {
        Exception? exception = null;
        for (int i = 0; i < 3; i++)
        {
            if (x[i] > 3)
                throw exception!;
            exception ??= null;
        }
    }

    private static void Catches(ArrayView<float> x)
    {
        try
        {
            x[0] = 0;
        }
        catch
        {
            x[1] = 0;
        }
    }

    private static int Size(IIndex? index) => (int)index!.Size;

    private static void CallsADelegate(ArrayView<float> x)
    {
        Func<float, float>? twice = null;
        for (int i = 0; i < 2; i++)
        {
            if (twice is not null)
                x[0] = twice(x[0]);
            twice = value => 2 * value;
        }
    }

    private static void Recurs(ArrayView<float> x, int depth)
    {
        x[depth] = depth;
        if (depth > 0)
            Recurs(x, depth - 1);
    }

    private static void HasADoubleLocal(ArrayView<float> x)
    {
        double sum = 0;
        for (int i = 0; i < 3; i++)
            sum += x[i];
        x[0] = (float)sum;
    }

    private static void TakesADouble(ArrayView<float> x, double y) => x[0] = (float)y;

    private static void TakesPairs(ArrayView<Pair> views) => views[0] = default;

    private static void AllocatesAVariableLength(ArrayView<float> x, int length) =>
        x[0] = SharedMemory.Allocate<float>(length)[0];

    private static void MixesMemories(ArrayView<float> x)
    {
        ArrayView<float> view = x;
        for (int i = 0; i < 2; i++)
        {
            view[0] = i;
            view = SharedMemory.Allocate<float>(4);
        }
    }

    private static void HasAnEmptyView(ArrayView<float> x)
    {
        ArrayView<float> view = default;
        if (x[0] > 0)
            view = x;
        view[0] = 1;
    }

    private static void AddsAtomicallyToALocal(ArrayView<float> x)
    {
        float sum = x[0];
        Atomic.Add(ref sum, 1);
        x[0] = sum;
    }

    private static ArrayView<float> ReturnsAView(ArrayView<float> x) => x.SubView(1L);

    private static double ReturnsADouble(float x) => x;

    private static float IsGeneric<T>(T value)
        where T : struct
        => Unsafe.SizeOf<T>();

    private static int Hash(object value) => value.GetHashCode();

    private static int Second((int, int) pair) => pair.Item2;

    private struct Pair
    {
        public float First = 1;

        public Pair()
        {
        }
    }
}
