using System.Runtime.CompilerServices;

namespace MnistGpu.Engines.Simd;

/// <content>A share's part of a step.</content>
internal sealed unsafe partial class VectorNetwork<TVector, TSimd>
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Update(
        int share, BatchPixels pixels, int images, float* hidden, float* outputDeltas, float* deltas, BatchPart part)
    {
        Share own = _shares[share];
        hidden += own.Offset;
        deltas += own.Offset;
        Parameters target = part == BatchPart.Whole ? own.Weights : own.Step!;
        HiddenDeltas(own, images, hidden, outputDeltas, deltas);
        UpdateOutputLayer(own, images, hidden, outputDeltas, deltas, target);
        UpdateHiddenLayer(own, pixels, images, deltas, target);
        if (part == BatchPart.Last)
            own.Step!.MoveTo(own.Weights);
        if (part == BatchPart.Whole && images <= FewImages)
            UpdateW2Rows(own, images, hidden, outputDeltas);
        else if (part != BatchPart.Inner)
            own.TransposeW2();
    }
}
