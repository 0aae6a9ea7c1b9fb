using System.Reflection;

namespace ILGPU.Runtime.Launching;

/// <summary>A kernel without its arguments: its method, and how it is launched.</summary>
internal sealed class KernelDescription
{
    private KernelDescription(MethodInfo method, bool isImplicitlyGrouped, bool hasGroupsOfOne = false)
    {
        Method = method;
        Name = $"{method.DeclaringType?.Name}.{method.Name}";
        IsImplicitlyGrouped = isImplicitlyGrouped;
        HasGroupsOfOne = hasGroupsOfOne;
        UsesGroup = GroupUse.HasBarrierOrSharedMemory(method);
    }

    internal MethodInfo Method { get; }

    internal string Name { get; }

    /// <summary>Whether the first parameter is the thread's index and a launch does not state the groups.</summary>
    internal bool IsImplicitlyGrouped { get; }

    /// <summary>Whether an implicitly grouped kernel was loaded to run in groups of one thread.</summary>
    internal bool HasGroupsOfOne { get; }

    /// <summary>
    /// Whether the kernel has a barrier or shared memory, so that the threads of a group depend on each other.
    /// </summary>
    internal bool UsesGroup { get; }

    /// <summary>
    /// Describes a kernel that computes its own position from <see cref="Grid"/> and <see cref="Group"/>.
    /// </summary>
    internal static KernelDescription ExplicitlyGrouped(Delegate kernel) => new(StaticMethod(kernel), false);

    /// <summary>Describes a kernel that is given its position as first argument.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="groupSize">The threads of a group; null where the runtime chooses.</param>
    /// <exception cref="ArgumentOutOfRangeException">The group size is below 1.</exception>
    /// <exception cref="NotSupportedException">
    /// The kernel uses a barrier or shared memory, or the group size is above 1.
    /// </exception>
    internal static KernelDescription ImplicitlyGrouped(Delegate kernel, int? groupSize = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(groupSize ?? 1, 1, nameof(groupSize));
        var description = new KernelDescription(StaticMethod(kernel), true, hasGroupsOfOne: groupSize == 1);
        if (groupSize > 1)
        {
            throw new NotSupportedException(
                $"Kernel {description.Name}: the built-in runtime has implicit groups of 1 thread, or of a size that it "
                + $"chooses, but not of {groupSize}.");
        }

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
