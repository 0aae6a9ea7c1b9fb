using System.Runtime.CompilerServices;
using MnistGpu.Core.Network;

namespace MnistGpu.Core.Simd;

/// <summary>
/// The output layer: forward, the deltas of both layers, and the step of W2 and the biases. Ten sums at a time stay in
/// registers, one per output. Arrays over hidden units cover those of one strip: images × the strip's units.
/// </summary>
internal static unsafe class OutputLayer<TVector>
    where TVector : struct, ISimd<TVector>
{
    private const int Units = NetworkParameters.Outputs, Stride = SmallParameters.OutputStride;

    /// <summary>o = σ(h·W2 + b2), in place of h·W2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Activate(float* biases, int images, float* outputs)
    {
        for (int i = 0; i < images; i++, outputs += Stride)
            for (int k = 0; k < Units; k += TVector.Lanes)
                TVector.Store(outputs + k, Sigmoid.Of(TVector.Load(outputs + k) + TVector.Load(biases + k)));
    }

    /// <summary>h·W2, and 0 for the outputs that only pad a vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Sum(SmallParameters parameters, Strip strip, int images, float* h, float* sums)
    {
        nint stride = parameters.Units;
        for (int i = 0; i < images; i++, sums += Stride)
        {
            TVector s0 = default, s1 = default, s2 = default, s3 = default, s4 = default;
            TVector s5 = default, s6 = default, s7 = default, s8 = default, s9 = default;
            float* w = parameters.W2 + strip.First;
            for (float* end = h + strip.Units; h < end; h += TVector.Lanes, w += TVector.Lanes)
            {
                TVector x = TVector.Load(h);
                s0 = TVector.MultiplyAdd(x, w, 0, s0);
                s1 = TVector.MultiplyAdd(x, w, stride, s1);
                s2 = TVector.MultiplyAdd(x, w, 2 * stride, s2);
                s3 = TVector.MultiplyAdd(x, w, 3 * stride, s3);
                s4 = TVector.MultiplyAdd(x, w, 4 * stride, s4);
                s5 = TVector.MultiplyAdd(x, w, 5 * stride, s5);
                s6 = TVector.MultiplyAdd(x, w, 6 * stride, s6);
                s7 = TVector.MultiplyAdd(x, w, 7 * stride, s7);
                s8 = TVector.MultiplyAdd(x, w, 8 * stride, s8);
                s9 = TVector.MultiplyAdd(x, w, 9 * stride, s9);
            }
            for (int k = 0; k < Units; k += TVector.Lanes)
                TVector.Store(sums + k, default);
            sums[0] = TVector.Sum(s0);
            sums[1] = TVector.Sum(s1);
            sums[2] = TVector.Sum(s2);
            sums[3] = TVector.Sum(s3);
            sums[4] = TVector.Sum(s4);
            sums[5] = TVector.Sum(s5);
            sums[6] = TVector.Sum(s6);
            sums[7] = TVector.Sum(s7);
            sums[8] = TVector.Sum(s8);
            sums[9] = TVector.Sum(s9);
        }
    }

    /// <summary>Adds sums to the outputs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(float* sums, int images, float* outputs)
    {
        for (nint i = 0; i < images * Stride; i += TVector.Lanes)
            TVector.Store(outputs + i, TVector.Load(outputs + i) + TVector.Load(sums + i));
    }

    /// <summary>Replaces o by −η·δo, adds up the losses, and returns how many images were classified correctly.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Deltas(Images images, float* outputs, float learningRate, ref double loss)
    {
        int hits = 0;
        TVector one = TVector.Broadcast(1), rate = TVector.Broadcast(-learningRate);
        for (int i = 0; i < images.Count; i++, outputs += Stride)
        {
            int label = images.Label(i);
            float right = outputs[label];
            hits += IsLargest(outputs, label) ? 1 : 0;
            TVector squares = default;
            for (int k = 0; k < Units; k += TVector.Lanes)
            {
                TVector o = TVector.Load(outputs + k);
                squares = TVector.MultiplyAdd(o, o, squares);
                TVector.Store(outputs + k, rate * (o * (o * (one - o))));
            }
            // That was for a target of 0; at the label it is 1.
            loss += 0.5f * (TVector.Sum(squares) - right * right + (1 - right) * (1 - right));
            outputs[label] = -learningRate * ((right - 1) * (right * (1 - right)));
        }
        return hits;
    }

    /// <summary>Whether the output at the label is the first of the largest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsLargest(float* output, int label)
    {
        bool largest = true;
        for (int k = 0; k < Units; k++)
            largest &= k < label ? output[k] < output[label] : output[k] <= output[label];
        return largest;
    }

    /// <summary>−η·δh, δh = (δo·W2ᵀ) ∘ h ∘ (1 − h), with the W2 from before the step.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void HiddenDeltas(
        SmallParameters parameters, Strip strip, int images, float* hidden, float* outputDeltas, float* deltas)
    {
        nint stride = parameters.Units;
        TVector one = TVector.Broadcast(1);
        for (int i = 0; i < images; i++, hidden += strip.Units, deltas += strip.Units, outputDeltas += Stride)
        {
            float* d = outputDeltas, w = parameters.W2 + strip.First;
            TVector d0 = TVector.Broadcast(d[0]), d1 = TVector.Broadcast(d[1]);
            TVector d2 = TVector.Broadcast(d[2]), d3 = TVector.Broadcast(d[3]);
            TVector d4 = TVector.Broadcast(d[4]), d5 = TVector.Broadcast(d[5]);
            TVector d6 = TVector.Broadcast(d[6]), d7 = TVector.Broadcast(d[7]);
            TVector d8 = TVector.Broadcast(d[8]), d9 = TVector.Broadcast(d[9]);
            for (nint j = 0; j < strip.Units; j += TVector.Lanes, w += TVector.Lanes)
            {
                TVector even = d0 * TVector.Load(w), odd = d1 * TVector.Load(w + stride);
                even = TVector.MultiplyAdd(d2, w, 2 * stride, even);
                odd = TVector.MultiplyAdd(d3, w, 3 * stride, odd);
                even = TVector.MultiplyAdd(d4, w, 4 * stride, even);
                odd = TVector.MultiplyAdd(d5, w, 5 * stride, odd);
                even = TVector.MultiplyAdd(d6, w, 6 * stride, even);
                odd = TVector.MultiplyAdd(d7, w, 7 * stride, odd);
                even = TVector.MultiplyAdd(d8, w, 8 * stride, even);
                odd = TVector.MultiplyAdd(d9, w, 9 * stride, odd);
                TVector h = TVector.Load(hidden + j);
                TVector.Store(deltas + j, (even + odd) * (h * (one - h)));
            }
        }
    }

    /// <summary>Scales −η·δo to the output layer's own rate.</summary>
    public static void Scale(float* outputDeltas, float* scaled, int images, float ratio)
    {
        TVector factor = TVector.Broadcast(ratio);
        for (nint i = 0; i < images * Stride; i += TVector.Lanes)
            TVector.Store(scaled + i, factor * TVector.Load(outputDeltas + i));
    }

    /// <summary>Adds −η·hᵀ·δo and −η·Σδh to W2 and b1, or to their step.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddStep(
        SmallParameters target, Strip strip, int images, float* hidden, float* outputDeltas, float* deltas)
    {
        nint stride = target.Units;
        for (nint j = 0; j < strip.Units; j += TVector.Lanes)
        {
            float* w = target.W2 + strip.First + j, bias1 = target.B1 + strip.First + j, h = hidden + j, delta = deltas + j, d = outputDeltas;
            TVector s0 = TVector.Load(w), s1 = TVector.Load(w + stride);
            TVector s2 = TVector.Load(w + 2 * stride), s3 = TVector.Load(w + 3 * stride);
            TVector s4 = TVector.Load(w + 4 * stride), s5 = TVector.Load(w + 5 * stride);
            TVector s6 = TVector.Load(w + 6 * stride), s7 = TVector.Load(w + 7 * stride);
            TVector s8 = TVector.Load(w + 8 * stride), s9 = TVector.Load(w + 9 * stride);
            TVector bias = TVector.Load(bias1);
            for (int i = 0; i < images; i++, h += strip.Units, delta += strip.Units, d += Stride)
            {
                TVector x = TVector.Load(h);
                s0 = TVector.MultiplyAdd(x, TVector.Broadcast(d[0]), s0);
                s1 = TVector.MultiplyAdd(x, TVector.Broadcast(d[1]), s1);
                s2 = TVector.MultiplyAdd(x, TVector.Broadcast(d[2]), s2);
                s3 = TVector.MultiplyAdd(x, TVector.Broadcast(d[3]), s3);
                s4 = TVector.MultiplyAdd(x, TVector.Broadcast(d[4]), s4);
                s5 = TVector.MultiplyAdd(x, TVector.Broadcast(d[5]), s5);
                s6 = TVector.MultiplyAdd(x, TVector.Broadcast(d[6]), s6);
                s7 = TVector.MultiplyAdd(x, TVector.Broadcast(d[7]), s7);
                s8 = TVector.MultiplyAdd(x, TVector.Broadcast(d[8]), s8);
                s9 = TVector.MultiplyAdd(x, TVector.Broadcast(d[9]), s9);
                bias += TVector.Load(delta);
            }
            TVector.Store(w, s0);
            TVector.Store(w + stride, s1);
            TVector.Store(w + 2 * stride, s2);
            TVector.Store(w + 3 * stride, s3);
            TVector.Store(w + 4 * stride, s4);
            TVector.Store(w + 5 * stride, s5);
            TVector.Store(w + 6 * stride, s6);
            TVector.Store(w + 7 * stride, s7);
            TVector.Store(w + 8 * stride, s8);
            TVector.Store(w + 9 * stride, s9);
            TVector.Store(bias1, bias);
        }
        // The units that only pad the last vector must keep weights of 0, or they would come to matter.
        if (strip.First + strip.Units > target.Hidden)
            for (int k = 0; k < Units; k++)
                new Span<float>(target.W2 + k * stride, target.Units)[target.Hidden..].Clear();
    }

    /// <summary>Adds −η·Σδo to b2, or to its step.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddBiasStep(float* biases, int images, float* outputDeltas)
    {
        for (int k = 0; k < Units; k += TVector.Lanes)
        {
            TVector bias = TVector.Load(biases + k);
            for (int i = 0; i < images; i++)
                bias += TVector.Load(outputDeltas + i * Stride + k);
            TVector.Store(biases + k, bias);
        }
    }

    /// <summary>Moves W2 and b1 of a strip by their step, and replaces the step by the velocity.</summary>
    public static void TakeStep(SmallParameters parameters, SmallParameters step, Strip strip, float momentum)
    {
        // b1 follows the ten rows of W2.
        for (nint at = strip.First, row = 0; row <= Units; row++, at += parameters.Units)
            HiddenLayer<TVector>.TakeStep(parameters.W2 + at, step.W2 + at, strip.Units, momentum);
    }

    /// <summary>Adds the steps of both halves of the images to the parameters, and replaces them by the velocity.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TakeStep(
        SmallParameters parameters, SmallParameters step, SmallParameters otherStep, float momentum)
    {
        float* p = parameters.W2, s = step.W2, other = otherStep.W2;
        TVector factor = TVector.Broadcast(momentum);
        for (nint i = 0; i < parameters.Span.Length; i += TVector.Lanes)
        {
            TVector a = TVector.Load(s + i), b = TVector.Load(other + i);
            TVector.Store(p + i, TVector.Load(p + i) + (a + b));
            TVector.Store(s + i, factor * a);
            TVector.Store(other + i, factor * b);
        }
    }
}
