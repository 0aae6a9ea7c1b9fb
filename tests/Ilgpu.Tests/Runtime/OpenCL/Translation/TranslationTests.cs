using Ilgpu.Tests.Runtime.OpenCL.Translation.Kernels;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.OpenCL.Translation;

namespace Ilgpu.Tests.Runtime.OpenCL.Translation;

/// <summary>
/// Kernels on an OpenCL device against the same kernels on the CPU accelerator, where they run as C#: the results are
/// the same, bit for bit.
/// </summary>
public sealed class TranslationTests : IClassFixture<OpenClFixture>, IDisposable
{
    private const int Results = 16;

    /// <summary>Where integers behave differently: around the ends, the powers of two and zero.</summary>
    private static readonly int[] s_integers =
    [
        int.MinValue, int.MinValue + 1, -65537, -1001, -256, -129, -128, -32, -7, -2, -1, 0, 1, 2, 3, 5, 7, 16, 31, 32,
        33, 100, 127, 128, 255, 256, 32767, 32768, 65535, 65536, 1 << 30, int.MaxValue - 1, int.MaxValue
    ];

    private static readonly float[] s_floats =
    [
        0f, -0f, 1f, -1f, 0.1f, 0.5f, -0.5f, 1.5f, 2.5f, -2.5f, 3f, 7.99999f, 100f, -127.5f, 200f, 255.9f, 256f, 300f,
        -300f, 70000f, 16777216f, 16777218f, 2147483520f, 2147483648f, -2147483648f, 3e9f, 4294967296f, -5e9f, 1e19f,
        -1e19f, 1e30f, float.MaxValue, float.MinValue, float.Epsilon, -float.Epsilon, 1.1754944e-38f, 1e-40f,
        float.PositiveInfinity, float.NegativeInfinity, float.NaN
    ];

    private readonly OpenClFixture _openCl;
    private readonly Context _context = Context.Create(builder => builder.CPU(CPUDeviceKind.Nvidia).EnableAlgorithms());
    private readonly Accelerator _cpu;

    public TranslationTests(OpenClFixture openCl)
    {
        _openCl = openCl;
        _cpu = _context.CreateCPUAccelerator(0);
    }

    public static TheoryData<string, bool> IntegerKernels => CompiledKernels.Of(typeof(IntegerKernels));

    public static TheoryData<string, bool> FlowKernels => CompiledKernels.Of(typeof(FlowKernels));

    public static TheoryData<string, bool> MemoryKernels => CompiledKernels.Of(typeof(MemoryKernels));

    public static TheoryData<string, bool> FloatKernels => CompiledKernels.Of(typeof(FloatKernels));

    public static TheoryData<string, bool> GroupKernels => CompiledKernels.Of(typeof(GroupKernels));

    public void Dispose()
    {
        _cpu.Dispose();
        _context.Dispose();
    }

    [SkippableTheory]
    [MemberData(nameof(IntegerKernels))]
    public void IntegersAreComputedAsInCSharp(string kernel, bool optimized) =>
        AssertSameIntegers(typeof(IntegerKernels), kernel, optimized);

    [SkippableTheory]
    [MemberData(nameof(FlowKernels))]
    public void BranchesAndLoopsLeadWhereTheyDoInCSharp(string kernel, bool optimized) =>
        AssertSameIntegers(typeof(FlowKernels), kernel, optimized);

    [SkippableTheory]
    [MemberData(nameof(MemoryKernels))]
    public void ViewsReferencesAndCallsDoWhatTheyDoInCSharp(string kernel, bool optimized) =>
        AssertSameIntegers(typeof(MemoryKernels), kernel, optimized);

    [SkippableTheory]
    [MemberData(nameof(FloatKernels))]
    public void FloatsAreComputedAsInCSharp(string kernel, bool optimized)
    {
        var method = CompiledKernels.Get<Action<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>>>(
            typeof(FloatKernels), kernel, optimized);
        (float[] a, float[] b) = Pairs(s_floats, random => ((float)random.NextDouble() - 0.5f) * 64);

        float[] expected = Run(_cpu, method, a, b);
        float[] actual = Run(NewAccelerator(), method, a, b);

        // Each function differs from the exact value by at most some units in the last place, as OpenCL C allows and
        // as .NET's do: 16 for pow, 5 for tanh, fewer for the others, and at most 1 in .NET.
        int units = kernel == nameof(Kernels.FloatKernels.RoundedFunctions) ? 17 : 0;
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(
                AreWithin(expected[i], actual[i], units),
                $"{a[i / Results]} and {b[i / Results]}, result {i % Results}: {actual[i]:R}, not {expected[i]:R}");
        }
    }

    [SkippableTheory]
    [MemberData(nameof(GroupKernels))]
    public void GroupsWorkTogetherAsOnTheCpu(string kernel, bool optimized)
    {
        var method = CompiledKernels.Get<Action<ArrayView<int>, ArrayView<int>>>(
            typeof(GroupKernels), kernel, optimized);
        int[] input = [.. Enumerable.Range(0, 48).Select(i => i * 7 % 50)];

        Assert.Equal(Run(_cpu, method, input), Run(NewAccelerator(), method, input));
    }

    private static int[] Run(Accelerator accelerator, Action<ArrayView<int>, ArrayView<int>> method, int[] input)
    {
        using var from = accelerator.Allocate1D(input);
        using var results = accelerator.Allocate1D(new int[input.Length * Results]);
        accelerator.LoadStreamKernel(method)((3, 16), from.View, results.View);
        return results.GetAsArray1D();
    }

    private static T[] Run<T>(
        Accelerator accelerator, Action<Index1D, ArrayView<T>, ArrayView<T>, ArrayView<T>> method, T[] a, T[] b)
        where T : unmanaged
    {
        using var first = accelerator.Allocate1D(a);
        using var second = accelerator.Allocate1D(b);
        using var results = accelerator.Allocate1D(new T[a.Length * Results]);
        accelerator.LoadAutoGroupedStreamKernel(method)(a.Length, first.View, second.View, results.View);
        return results.GetAsArray1D();
    }

    /// <summary>Each of the values with each, and some random pairs.</summary>
    private static (T[] A, T[] B) Pairs<T>(T[] values, Func<Random, T> next)
    {
        var random = new Random(1);
        List<(T A, T B)> pairs = [.. values.SelectMany(a => values.Select(b => (a, b)))];
        pairs.AddRange(Enumerable.Range(0, 1000).Select(_ => (next(random), next(random))));
        return ([.. pairs.Select(pair => pair.A)], [.. pairs.Select(pair => pair.B)]);
    }

    private static bool AreWithin(float expected, float actual, int units)
    {
        // The bits of a NaN are nobody's business.
        if (float.IsNaN(expected) || float.IsNaN(actual))
            return float.IsNaN(expected) && float.IsNaN(actual);
        long difference = (long)BitConverter.SingleToInt32Bits(expected) - BitConverter.SingleToInt32Bits(actual);
        return Math.Abs(difference) <= units;
    }

    private void AssertSameIntegers(Type type, string kernel, bool optimized)
    {
        var method = CompiledKernels.Get<Action<Index1D, ArrayView<int>, ArrayView<int>, ArrayView<int>>>(
            type, kernel, optimized);
        (int[] a, int[] b) = Pairs(s_integers, random => random.Next(int.MinValue, int.MaxValue));

        int[] expected = Run(_cpu, method, a, b);
        int[] actual = Run(NewAccelerator(), method, a, b);

        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(
                expected[i] == actual[i],
                $"{a[i / Results]} and {b[i / Results]}, result {i % Results}: {actual[i]}, not {expected[i]}");
        }
    }

    private Accelerator NewAccelerator() => _openCl.NewAccelerator(OpenClTranslator.Translate);
}
