using System.Reflection;
using ILGPU;
using MnistGpu.Gpu.Measurement;

namespace MnistGpu.Kernels.Tests;

/// <summary>
/// The kernels keep to the part of C# that every backend compiles: see <see cref="KernelDialect"/>, which is tried on
/// methods that do not.
/// </summary>
public class DialectTests
{
    public static TheoryData<string> Kernels() =>
        [.. KernelMethods().Select(method => $"{method.DeclaringType!.Name}.{method.Name}")];

    [Theory]
    [MemberData(nameof(Kernels))]
    public void AKernelKeepsToTheDialect(string name)
    {
        MethodInfo kernel = KernelMethods().Single(method => $"{method.DeclaringType!.Name}.{method.Name}" == name);

        Assert.Empty(KernelDialect.Violations(kernel));
    }

    [Theory]
    [InlineData(nameof(CeilingKernels.Copy))]
    [InlineData(nameof(CeilingKernels.MultiplyAdd))]
    public void WhatMeasuresADeviceKeepsToTheDialectToo(string name) =>
        Assert.Empty(KernelDialect.Violations(typeof(CeilingKernels).GetMethod(name)!));

    [Fact]
    public void EveryPublicClassIsAKernelInTwoVersions()
    {
        Assert.All(
            typeof(HiddenLayer).Assembly.GetExportedTypes(),
            type => Assert.Equal(2, KernelMethods().Count(method => method.DeclaringType == type)));
        Assert.Equal(12, KernelMethods().Count());
    }

    [Theory]
    [InlineData(nameof(Forbidden.MakesAnArray), "newarr")]
    [InlineData(nameof(Forbidden.Throws), "throw")]
    [InlineData(nameof(Forbidden.CallsTheLibrary), "MathF.Exp")]
    [InlineData(nameof(Forbidden.ReadsAField), "ldsfld")]
    [InlineData(nameof(Forbidden.Recurs), "itself")]
    [InlineData(nameof(Forbidden.CallsAHelperThatThrows), "throw")]
    [InlineData(nameof(Forbidden.TakesADouble), "Double")]
    [InlineData(nameof(Forbidden.HasADoubleLocal), "Double")]
    [InlineData(nameof(Forbidden.IsGeneric), "generic")]
    [InlineData(nameof(Forbidden.Catches), "exception")]
    [InlineData(nameof(Forbidden.AllocatesAVariableLength), "constant")]
    public void WhatIsNotInTheDialectIsFound(string method, string expected)
    {
        MethodInfo kernel = typeof(Forbidden).GetMethod(method)!;

        Assert.Contains(KernelDialect.Violations(kernel), violation => violation.Contains(expected));
    }

    [Fact]
    public void NoKernelTakesMoreSharedMemoryThanTheHiddenLayer()
    {
        Dictionary<string, int> bytes = KernelMethods().ToDictionary(
            method => $"{method.DeclaringType!.Name}.{method.Name}", KernelDialect.SharedBytes);

        Assert.All(bytes, kernel => Assert.InRange(kernel.Value, 0, HiddenLayer.SharedBytes));
        Assert.Equal(HiddenLayer.SharedBytes, bytes["HiddenLayer.Tuned"]);
        // 32 steps of a tile 32 and one 64 wide, and one float more each.
        Assert.Equal(32 * (33 + 65) * sizeof(float), bytes["MatrixMultiply.Tuned"]);
        Assert.Equal(0, bytes["HiddenLayer.Naive"]);
    }

    [Fact]
    public void SharedMemoryIsCountedInHelpersToo() =>
        Assert.Equal(
            (300 + 7) * sizeof(float) + 100, KernelDialect.SharedBytes(typeof(Sharing).GetMethod("Outer")!));

    private static IEnumerable<MethodInfo> KernelMethods() =>
        from type in typeof(HiddenLayer).Assembly.GetTypes()
        from method in type.GetMethods(BindingFlags.Public | BindingFlags.Static)
        where method.Name is nameof(HiddenLayer.Naive) or nameof(HiddenLayer.Tuned)
        select method;

    private static class Sharing
    {
        public static void Outer(ArrayView<float> x)
        {
            ArrayView<float> shared = SharedMemory.Allocate<float>(300);
            x[0] = shared[0];
            Inner(x);
        }

        private static void Inner(ArrayView<float> x) =>
            x[0] = SharedMemory.Allocate<int>(7)[0] + SharedMemory.Allocate<byte>(100)[0];
    }

    private static class Forbidden
    {
        private static float s_field = Environment.ProcessId;

        public static void MakesAnArray(ArrayView<float> x) => x[0] = new float[3].Length;

        public static void Throws(ArrayView<float> x)
        {
            if (x[0] < 0)
                throw new InvalidOperationException();
        }

        public static void CallsTheLibrary(ArrayView<float> x) => x[0] = MathF.Exp(x[0]);

        public static void ReadsAField(ArrayView<float> x) => x[0] = s_field;

        public static void Recurs(ArrayView<float> x, int depth)
        {
            x[depth] = depth;
            if (depth > 0)
                Recurs(x, depth - 1);
        }

        public static void CallsAHelperThatThrows(ArrayView<float> x) => Throws(x);

        public static void TakesADouble(ArrayView<float> x, double y) => x[0] = (float)y;

        public static void HasADoubleLocal(ArrayView<float> x)
        {
            double sum = 0;
            for (int i = 0; i < 3; i++)
                sum += x[i];
            x[0] = (float)sum;
        }

        public static void IsGeneric<T>(ArrayView<float> x) => x[0] = 0;

        public static void Catches(ArrayView<float> x)
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

        public static void AllocatesAVariableLength(ArrayView<float> x, int length) =>
            x[0] = SharedMemory.Allocate<float>(length)[0];
    }
}
