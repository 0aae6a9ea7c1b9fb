namespace ILGPU.Runtime.OpenCL.Translation;

/// <summary>Functions that OpenCL C 1.2 lacks. A program begins with those that it calls.</summary>
internal sealed class Prelude
{
    // In the order of their first use: none calls another.
    private readonly List<string> _functions = [];

    internal IReadOnlyList<string> Functions => _functions;

    /// <summary>The larger of two floats. fmax would return a number where one is NaN, C# returns NaN.</summary>
    internal string MaxFloat() => Add("max_float", """
        // As in C#: NaN if either is NaN, and 0 is larger than -0.
        static float max_float(float a, float b)
        {
            return a > b ? a : a < b ? b : a == b ? as_float(as_int(a) & as_int(b)) : a + b;
        }
        """);

    /// <summary>The smaller of two floats.</summary>
    internal string MinFloat() => Add("min_float", """
        // As in C#: NaN if either is NaN, and -0 is smaller than 0.
        static float min_float(float a, float b)
        {
            return a < b ? a : a > b ? b : a == b ? as_float(as_int(a) | as_int(b)) : a + b;
        }
        """);

    /// <summary>Adds to a float and returns what it was: OpenCL has it for integers alone.</summary>
    internal string AtomicAddFloat(AddressSpace space)
    {
        string qualifier = space == AddressSpace.Global ? "global" : "local";
        string name = $"atomic_add_float_{qualifier}";

        // Compared as bits: NaN differs from itself, and the loop would never end.
        return Add(name, $$"""
            // Compares bits and not floats: NaN differs from itself, and the loop would not end.
            static float {{name}}(__{{qualifier}} float* target, float value)
            {
                __{{qualifier}} volatile uint* bits = (__{{qualifier}} volatile uint*)target;
                uint seen = *bits;
                uint before;
                do
                {
                    before = seen;
                    seen = atomic_cmpxchg(bits, before, as_uint(as_float(before) + value));
                } while (seen != before);
                return as_float(before);
            }
            """);
    }

    private string Add(string name, string function)
    {
        if (!_functions.Contains(function))
            _functions.Add(function);
        return name;
    }
}
