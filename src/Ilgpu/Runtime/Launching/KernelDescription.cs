using System.Reflection;

namespace ILGPU.Runtime.Launching;

/// <summary>A kernel without its arguments: its method, and how it is launched.</summary>
internal sealed class KernelDescription
{
    private KernelDescription(MethodInfo method, bool isImplicitlyGrouped)
    {
        Method = method;
        Name = $"{method.DeclaringType?.Name}.{method.Name}";
        IsImplicitlyGrouped = isImplicitlyGrouped;
        UsesGroup = GroupUse.HasBarrierOrSharedMemory(method);
    }

    internal MethodInfo Method { get; }

    internal string Name { get; }

    /// <summary>Whether the first parameter is the thread's index and the runtime chooses the groups.</summary>
    internal bool IsImplicitlyGrouped { get; }

    /// <summary>
    /// Whether the kernel has a barrier or shared memory, so that the threads of a group depend on each other.
    /// </summary>
    internal bool UsesGroup { get; }

    /// <summary>
    /// Describes a kernel that computes its own position from <see cref="Grid"/> and <see cref="Group"/>.
    /// </summary>
    internal static KernelDescription ExplicitlyGrouped(Delegate kernel) => new(StaticMethod(kernel), false);

    /// <summary>Describes a kernel that is given its position as first argument.</summary>
    /// <exception cref="NotSupportedException">It uses a barrier or shared memory.</exception>
    internal static KernelDescription ImplicitlyGrouped(Delegate kernel)
    {
        var description = new KernelDescription(StaticMethod(kernel), true);
        return description.UsesGroup
            ? throw new NotSupportedException(
                $"Kernel {description.Name} is given an index, so it has no group of its own: "
                + "it must not use barriers or shared memory.")
            : description;
    }

    /// <summary>Describes a kernel as it is meant to be launched: with an index if its first parameter is one.</summary>
    internal static KernelDescription Of(MethodInfo kernel) =>
        new(kernel, kernel.GetParameters() is [{ ParameterType: var first }, ..] && typeof(IIndex).IsAssignableFrom(first));

    private static MethodInfo StaticMethod(Delegate kernel)
    {
        ArgumentNullException.ThrowIfNull(kernel);

        // A lambda that captures nothing is an instance method of a class without fields: as good as static.
        bool capturesNothing = kernel.Method.IsStatic
            || kernel.Target?.GetType().GetFields(BindingFlags.Instance | BindingFlags.Public).Length == 0;
        return capturesNothing && kernel.GetInvocationList().Length == 1
            ? kernel.Method
            : throw new NotSupportedException(
                $"Kernel {kernel.Method.Name} is not a static method: a device has nothing to call it on.");
    }
}
