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
        if (part == BatchPart.Whole)
        {
            UpdateOutputLayer(share, first: 0, images, hidden, outputDeltas, deltas);
            UpdateHiddenLayer(share, pixels, images, deltas);
            return;
        }
        Share own = _shares[share];
        Parameters step = own.Step!;
        HiddenDeltas(own, images, own.Row(hidden, 0), outputDeltas, own.Row(deltas, 0));
        UpdateOutputLayer(own, images, own.Row(hidden, 0), outputDeltas, own.Row(deltas, 0), step);
        UpdateHiddenLayer(own, pixels, images, deltas, step);
        if (part == BatchPart.Last)
        {
            step.MoveTo(own.Weights);
            own.TransposeW2();
        }
    }
}
