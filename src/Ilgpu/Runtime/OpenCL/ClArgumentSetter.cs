using System.Reflection;
using System.Runtime.CompilerServices;
using ILGPU.Runtime.Launching;

namespace ILGPU.Runtime.OpenCL;

/// <summary>Passes the arguments of a launch on to the driver, without boxing any.</summary>
internal struct ClArgumentSetter(ClArguments arguments) : IArgumentVisitor
{
    private uint _next;

    private delegate void ViewSetter<T>(ClArguments arguments, uint index, in T view);

    public void Visit<T>(in T argument)
        where T : struct
    {
        if (View<T>.Set is { } set)
        {
            set(arguments, _next, argument);
            _next += 3;
        }
        else
        {
            arguments.SetValue(_next++, argument);
        }
    }

    private static class View<T>
        where T : struct
    {
        /// <summary>null where T is not a view.</summary>
        internal static readonly ViewSetter<T>? Set = !typeof(T).IsAssignableTo(typeof(IBufferView))
            ? null
            : typeof(ClArguments)
                .GetMethod(nameof(ClArguments.SetView), BindingFlags.NonPublic | BindingFlags.Instance)!
                .MakeGenericMethod(typeof(T)).CreateDelegate<ViewSetter<T>>();
    }
}
