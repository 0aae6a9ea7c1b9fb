namespace ILGPU.Runtime.Launching;

/// <summary>Is shown the arguments of a launch, one after the other.</summary>
internal interface IArgumentVisitor
{
    /// <summary>The next argument.</summary>
    void Visit<T>(in T argument)
        where T : struct;
}
