using ILGPU.Algorithms;

namespace ILGPU.Runtime.OpenCL.Translation;

/// <summary>The functions of <see cref="XMath"/>.</summary>
internal static class MathFunctions
{
    /// <summary>A call as an expression; null where a kernel may not call the function.</summary>
    internal static Expression? Translate(string function, IReadOnlyList<Expression> arguments, Prelude prelude)
    {
        // An overload for integers is the one that has integers as arguments.
        if (!Arithmetic.IsFloat(arguments[0]))
        {
            Expression[] integers = [.. arguments.Select(argument => Arithmetic.To(ScalarType.Int, argument))];
            return function switch
            {
                "Max" => new Call(ScalarType.Int, "max", integers),
                "Min" => new Call(ScalarType.Int, "min", integers),
                "Clamp" => new Call(
                    ScalarType.Int, "min", new Call(ScalarType.Int, "max", integers[..2]), integers[2]),
                _ => null
            };
        }

        return function switch
        {
            "Abs" => Call("fabs"),
            "Exp" => Call("exp"),
            "Floor" => Call("floor"),
            "Log" => Call("log"),
            "Pow" => Call("pow"),
            "Rsqrt" => Call("rsqrt"),
            "Sqrt" => Call("sqrt"),
            "Tanh" => Call("tanh"),
            "Max" => Call(prelude.MaxFloat()),
            "Min" => Call(prelude.MinFloat()),
            "Clamp" => new Call(
                ScalarType.Float,
                prelude.MinFloat(),
                new Call(ScalarType.Float, prelude.MaxFloat(), arguments[0], arguments[1]),
                arguments[2]),
            _ => null
        };

        Call Call(string name) => new(ScalarType.Float, name, [.. arguments]);
    }
}
