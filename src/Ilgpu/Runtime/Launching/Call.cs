namespace ILGPU.Runtime.Launching;

// An explicitly grouped kernel with its arguments. C# has no generic over any number of types, so there is one struct
// for each number of arguments from 1 to 14, all alike: what is changed in one is to be changed in all. The parameters
// keep their names, a1 to a14, because ResumableKernel looks for them.

internal readonly struct Call<T1>(Action<T1> kernel, T1 a1) : IKernelCall
    where T1 : struct
{
    public void Invoke() => kernel(a1);

    public void Visit<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IArgumentVisitor
    {
        visitor.Visit(a1);
    }
}

internal readonly struct Call<T1, T2>(Action<T1, T2> kernel, T1 a1, T2 a2) : IKernelCall
    where T1 : struct where T2 : struct
{
    public void Invoke() => kernel(a1, a2);

    public void Visit<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IArgumentVisitor
    {
        visitor.Visit(a1);
        visitor.Visit(a2);
    }
}

internal readonly struct Call<T1, T2, T3>(Action<T1, T2, T3> kernel, T1 a1, T2 a2, T3 a3) : IKernelCall
    where T1 : struct where T2 : struct where T3 : struct
{
    public void Invoke() => kernel(a1, a2, a3);

    public void Visit<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IArgumentVisitor
    {
        visitor.Visit(a1);
        visitor.Visit(a2);
        visitor.Visit(a3);
    }
}

internal readonly struct Call<T1, T2, T3, T4>(Action<T1, T2, T3, T4> kernel, T1 a1, T2 a2, T3 a3, T4 a4) : IKernelCall
    where T1 : struct where T2 : struct where T3 : struct where T4 : struct
{
    public void Invoke() => kernel(a1, a2, a3, a4);

    public void Visit<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IArgumentVisitor
    {
        visitor.Visit(a1);
        visitor.Visit(a2);
        visitor.Visit(a3);
        visitor.Visit(a4);
    }
}

internal readonly struct Call<T1, T2, T3, T4, T5>(
    Action<T1, T2, T3, T4, T5> kernel, T1 a1, T2 a2, T3 a3, T4 a4, T5 a5)
    : IKernelCall
    where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct
{
    public void Invoke() => kernel(a1, a2, a3, a4, a5);

    public void Visit<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IArgumentVisitor
    {
        visitor.Visit(a1);
        visitor.Visit(a2);
        visitor.Visit(a3);
        visitor.Visit(a4);
        visitor.Visit(a5);
    }
}

internal readonly struct Call<T1, T2, T3, T4, T5, T6>(
    Action<T1, T2, T3, T4, T5, T6> kernel, T1 a1, T2 a2, T3 a3, T4 a4, T5 a5, T6 a6)
    : IKernelCall
    where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct where T6 : struct
{
    public void Invoke() => kernel(a1, a2, a3, a4, a5, a6);

    public void Visit<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IArgumentVisitor
    {
        visitor.Visit(a1);
        visitor.Visit(a2);
        visitor.Visit(a3);
        visitor.Visit(a4);
        visitor.Visit(a5);
        visitor.Visit(a6);
    }
}

internal readonly struct Call<T1, T2, T3, T4, T5, T6, T7>(
    Action<T1, T2, T3, T4, T5, T6, T7> kernel, T1 a1, T2 a2, T3 a3, T4 a4, T5 a5, T6 a6, T7 a7)
    : IKernelCall
    where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct where T6 : struct
    where T7 : struct
{
    public void Invoke() => kernel(a1, a2, a3, a4, a5, a6, a7);

    public void Visit<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IArgumentVisitor
    {
        visitor.Visit(a1);
        visitor.Visit(a2);
        visitor.Visit(a3);
        visitor.Visit(a4);
        visitor.Visit(a5);
        visitor.Visit(a6);
        visitor.Visit(a7);
    }
}

internal readonly struct Call<T1, T2, T3, T4, T5, T6, T7, T8>(
    Action<T1, T2, T3, T4, T5, T6, T7, T8> kernel, T1 a1, T2 a2, T3 a3, T4 a4, T5 a5, T6 a6, T7 a7, T8 a8)
    : IKernelCall
    where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct where T6 : struct
    where T7 : struct where T8 : struct
{
    public void Invoke() => kernel(a1, a2, a3, a4, a5, a6, a7, a8);

    public void Visit<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IArgumentVisitor
    {
        visitor.Visit(a1);
        visitor.Visit(a2);
        visitor.Visit(a3);
        visitor.Visit(a4);
        visitor.Visit(a5);
        visitor.Visit(a6);
        visitor.Visit(a7);
        visitor.Visit(a8);
    }
}

internal readonly struct Call<T1, T2, T3, T4, T5, T6, T7, T8, T9>(
    Action<T1, T2, T3, T4, T5, T6, T7, T8, T9> kernel, T1 a1, T2 a2, T3 a3, T4 a4, T5 a5, T6 a6, T7 a7, T8 a8, T9 a9)
    : IKernelCall
    where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct where T6 : struct
    where T7 : struct where T8 : struct where T9 : struct
{
    public void Invoke() => kernel(a1, a2, a3, a4, a5, a6, a7, a8, a9);

    public void Visit<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IArgumentVisitor
    {
        visitor.Visit(a1);
        visitor.Visit(a2);
        visitor.Visit(a3);
        visitor.Visit(a4);
        visitor.Visit(a5);
        visitor.Visit(a6);
        visitor.Visit(a7);
        visitor.Visit(a8);
        visitor.Visit(a9);
    }
}

internal readonly struct Call<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10>(
    Action<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10> kernel, T1 a1, T2 a2, T3 a3, T4 a4, T5 a5, T6 a6, T7 a7, T8 a8,
    T9 a9, T10 a10)
    : IKernelCall
    where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct where T6 : struct
    where T7 : struct where T8 : struct where T9 : struct where T10 : struct
{
    public void Invoke() => kernel(a1, a2, a3, a4, a5, a6, a7, a8, a9, a10);

    public void Visit<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IArgumentVisitor
    {
        visitor.Visit(a1);
        visitor.Visit(a2);
        visitor.Visit(a3);
        visitor.Visit(a4);
        visitor.Visit(a5);
        visitor.Visit(a6);
        visitor.Visit(a7);
        visitor.Visit(a8);
        visitor.Visit(a9);
        visitor.Visit(a10);
    }
}

internal readonly struct Call<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11>(
    Action<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11> kernel, T1 a1, T2 a2, T3 a3, T4 a4, T5 a5, T6 a6, T7 a7,
    T8 a8, T9 a9, T10 a10, T11 a11)
    : IKernelCall
    where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct where T6 : struct
    where T7 : struct where T8 : struct where T9 : struct where T10 : struct where T11 : struct
{
    public void Invoke() => kernel(a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11);

    public void Visit<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IArgumentVisitor
    {
        visitor.Visit(a1);
        visitor.Visit(a2);
        visitor.Visit(a3);
        visitor.Visit(a4);
        visitor.Visit(a5);
        visitor.Visit(a6);
        visitor.Visit(a7);
        visitor.Visit(a8);
        visitor.Visit(a9);
        visitor.Visit(a10);
        visitor.Visit(a11);
    }
}

internal readonly struct Call<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12>(
    Action<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12> kernel, T1 a1, T2 a2, T3 a3, T4 a4, T5 a5, T6 a6,
    T7 a7, T8 a8, T9 a9, T10 a10, T11 a11, T12 a12)
    : IKernelCall
    where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct where T6 : struct
    where T7 : struct where T8 : struct where T9 : struct where T10 : struct where T11 : struct
    where T12 : struct
{
    public void Invoke() => kernel(a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12);

    public void Visit<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IArgumentVisitor
    {
        visitor.Visit(a1);
        visitor.Visit(a2);
        visitor.Visit(a3);
        visitor.Visit(a4);
        visitor.Visit(a5);
        visitor.Visit(a6);
        visitor.Visit(a7);
        visitor.Visit(a8);
        visitor.Visit(a9);
        visitor.Visit(a10);
        visitor.Visit(a11);
        visitor.Visit(a12);
    }
}

internal readonly struct Call<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13>(
    Action<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13> kernel, T1 a1, T2 a2, T3 a3, T4 a4, T5 a5, T6 a6,
    T7 a7, T8 a8, T9 a9, T10 a10, T11 a11, T12 a12, T13 a13)
    : IKernelCall
    where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct where T6 : struct
    where T7 : struct where T8 : struct where T9 : struct where T10 : struct where T11 : struct
    where T12 : struct where T13 : struct
{
    public void Invoke() => kernel(a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13);

    public void Visit<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IArgumentVisitor
    {
        visitor.Visit(a1);
        visitor.Visit(a2);
        visitor.Visit(a3);
        visitor.Visit(a4);
        visitor.Visit(a5);
        visitor.Visit(a6);
        visitor.Visit(a7);
        visitor.Visit(a8);
        visitor.Visit(a9);
        visitor.Visit(a10);
        visitor.Visit(a11);
        visitor.Visit(a12);
        visitor.Visit(a13);
    }
}

internal readonly struct Call<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14>(
    Action<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14> kernel, T1 a1, T2 a2, T3 a3, T4 a4, T5 a5,
    T6 a6, T7 a7, T8 a8, T9 a9, T10 a10, T11 a11, T12 a12, T13 a13, T14 a14)
    : IKernelCall
    where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct where T6 : struct
    where T7 : struct where T8 : struct where T9 : struct where T10 : struct where T11 : struct
    where T12 : struct where T13 : struct where T14 : struct
{
    public void Invoke() => kernel(a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14);

    public void Visit<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IArgumentVisitor
    {
        visitor.Visit(a1);
        visitor.Visit(a2);
        visitor.Visit(a3);
        visitor.Visit(a4);
        visitor.Visit(a5);
        visitor.Visit(a6);
        visitor.Visit(a7);
        visitor.Visit(a8);
        visitor.Visit(a9);
        visitor.Visit(a10);
        visitor.Visit(a11);
        visitor.Visit(a12);
        visitor.Visit(a13);
        visitor.Visit(a14);
    }
}
