namespace ILGPU;

/// <summary>How exact a kernel's floating-point functions are. The CPU accelerator is always exact.</summary>
public enum MathMode
{
    /// <summary>As exact as the device can.</summary>
    Default,

    /// <summary>Faster and less exact.</summary>
    Fast,

    /// <summary>As <see cref="Fast"/>, and every double is a float.</summary>
    Fast32BitOnly
}
