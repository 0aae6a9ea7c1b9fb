namespace MnistGpu.Kernels;

/// <summary>
/// How a step moves a parameter w: s = v − η·gradient, w += s, v = µ·s. Without momentum, the velocity v is neither read nor
/// written.
/// </summary>
/// <param name="Hidden">η of W1 and b1.</param>
/// <param name="Output">η of W2 and b2.</param>
/// <param name="Momentum">µ, 0 to 1.</param>
/// <param name="Velocity">v of every parameter; updated.</param>
public readonly record struct StepRates(float Hidden, float Output, float Momentum, Network Velocity)
{
    /// <summary>Moves a parameter.</summary>
    /// <param name="w">The parameter.</param>
    /// <param name="v">Its velocity.</param>
    /// <param name="change">−η·gradient.</param>
    /// <param name="momentum">µ.</param>
    public static void Move(ref float w, ref float v, float change, float momentum)
    {
        if (momentum != 0)
        {
            change += v;
            v = momentum * change;
        }
        w += change;
    }

    /// <summary>Moves four neighbouring parameters.</summary>
    /// <param name="w">The parameters.</param>
    /// <param name="v">Their velocities.</param>
    /// <param name="change">−η·gradients.</param>
    /// <param name="momentum">µ.</param>
    public static void Move(ref Float4 w, ref Float4 v, Float4 change, float momentum)
    {
        if (momentum != 0)
        {
            change += v;
            v = momentum * change;
        }
        w += change;
    }
}
