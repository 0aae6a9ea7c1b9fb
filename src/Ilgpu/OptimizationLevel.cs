namespace ILGPU;

/// <summary>How much a kernel is optimised. The CPU accelerator leaves that to the just-in-time compiler.</summary>
public enum OptimizationLevel
{
    /// <summary>As little as possible.</summary>
    O0,

    /// <summary>The usual optimisations.</summary>
    O1,

    /// <summary>Every optimisation.</summary>
    O2,

    /// <summary>For debugging: <see cref="O0"/>.</summary>
    Debug = O0,

    /// <summary>For release: <see cref="O1"/>.</summary>
    Release = O1
}
