using System.Runtime.CompilerServices;

namespace MnistGpu.Engines.Simd;

/// <content>The output layer: o, the deltas of both layers, and the update of W2 and b1.</content>
internal sealed unsafe partial class VectorNetwork<TVector, TSimd>
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Outputs(float* hidden, int first, int end, float* outputs)
    {
        nint stride = _paddedHidden;
        for (int i = first; i < end; i++)
        {
            TVector s0 = default, s1 = default, s2 = default, s3 = default, s4 = default;
            TVector s5 = default, s6 = default, s7 = default, s8 = default, s9 = default;
            foreach (Tile tile in _tiles)
            {
                float* h = hidden + tile.Offset + (nint)i * tile.Units;
                float* w = _weights.W2.Pointer + tile.First;
                for (int j = 0; j < tile.Units; j += TSimd.Lanes, w += TSimd.Lanes)
                {
                    TVector x = TSimd.Load(h + j);
                    s0 = TSimd.MultiplyAdd(x, TSimd.Load(w), s0);
                    s1 = TSimd.MultiplyAdd(x, TSimd.Load(w + stride), s1);
                    s2 = TSimd.MultiplyAdd(x, TSimd.Load(w + 2 * stride), s2);
                    s3 = TSimd.MultiplyAdd(x, TSimd.Load(w + 3 * stride), s3);
                    s4 = TSimd.MultiplyAdd(x, TSimd.Load(w + 4 * stride), s4);
                    s5 = TSimd.MultiplyAdd(x, TSimd.Load(w + 5 * stride), s5);
                    s6 = TSimd.MultiplyAdd(x, TSimd.Load(w + 6 * stride), s6);
                    s7 = TSimd.MultiplyAdd(x, TSimd.Load(w + 7 * stride), s7);
                    s8 = TSimd.MultiplyAdd(x, TSimd.Load(w + 8 * stride), s8);
                    s9 = TSimd.MultiplyAdd(x, TSimd.Load(w + 9 * stride), s9);
                }
            }
            float* output = outputs + i * OutputStride;
            output[0] = TSimd.Sum(s0);
            output[1] = TSimd.Sum(s1);
            output[2] = TSimd.Sum(s2);
            output[3] = TSimd.Sum(s3);
            output[4] = TSimd.Sum(s4);
            output[5] = TSimd.Sum(s5);
            output[6] = TSimd.Sum(s6);
            output[7] = TSimd.Sum(s7);
            output[8] = TSimd.Sum(s8);
            output[9] = TSimd.Sum(s9);
        }
        float* bias = _weights.B2.Pointer;
        for (int i = first; i < end; i++)
            for (int k = 0; k < OutputVectors * TSimd.Lanes; k += TSimd.Lanes)
            {
                float* output = outputs + i * OutputStride + k;
                TSimd.Store(output, Sigmoid<TVector, TSimd>.Of(TSimd.Add(TSimd.Load(output), TSimd.Load(bias + k))));
            }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override int Deltas(
        float* hidden, int first, int end, float* outputs, byte* labels, float learningRate, float* deltas,
        float* losses)
    {
        int hits = 0;
        TVector one = TSimd.Broadcast(1), rate = TSimd.Broadcast(-learningRate);
        for (int i = first; i < end; i++)
        {
            float* output = outputs + i * OutputStride;
            int label = labels[i];
            hits += IsLargest(output, label) ? 1 : 0;

            TVector loss = default;
            float right = output[label];
            for (int k = 0; k < OutputVectors * TSimd.Lanes; k += TSimd.Lanes)
            {
                TVector o = TSimd.Load(output + k);
                loss = TSimd.MultiplyAdd(o, o, loss);
                TVector slope = TSimd.Multiply(o, TSimd.Subtract(one, o));
                TSimd.Store(output + k, TSimd.Multiply(rate, TSimd.Multiply(o, slope)));
            }
            // That was for the target 0; at the label it is 1.
            losses[i] = 0.5f * (TSimd.Sum(loss) - right * right + (1 - right) * (1 - right));
            output[label] = -learningRate * ((right - 1) * (right * (1 - right)));
        }

        nint stride = _paddedHidden;
        for (int i = first; i < end; i++)
        {
            float* output = outputs + i * OutputStride;
            TVector d0 = TSimd.Broadcast(output[0]), d1 = TSimd.Broadcast(output[1]);
            TVector d2 = TSimd.Broadcast(output[2]), d3 = TSimd.Broadcast(output[3]);
            TVector d4 = TSimd.Broadcast(output[4]), d5 = TSimd.Broadcast(output[5]);
            TVector d6 = TSimd.Broadcast(output[6]), d7 = TSimd.Broadcast(output[7]);
            TVector d8 = TSimd.Broadcast(output[8]), d9 = TSimd.Broadcast(output[9]);
            foreach (Tile tile in _tiles)
            {
                float* h = hidden + tile.Offset + (nint)i * tile.Units;
                float* delta = deltas + tile.Offset + (nint)i * tile.Units;
                float* w = _weights.W2.Pointer + tile.First;
                for (int j = 0; j < tile.Units; j += TSimd.Lanes, w += TSimd.Lanes)
                {
                    TVector even = TSimd.Multiply(d0, TSimd.Load(w));
                    TVector odd = TSimd.Multiply(d1, TSimd.Load(w + stride));
                    even = TSimd.MultiplyAdd(d2, TSimd.Load(w + 2 * stride), even);
                    odd = TSimd.MultiplyAdd(d3, TSimd.Load(w + 3 * stride), odd);
                    even = TSimd.MultiplyAdd(d4, TSimd.Load(w + 4 * stride), even);
                    odd = TSimd.MultiplyAdd(d5, TSimd.Load(w + 5 * stride), odd);
                    even = TSimd.MultiplyAdd(d6, TSimd.Load(w + 6 * stride), even);
                    odd = TSimd.MultiplyAdd(d7, TSimd.Load(w + 7 * stride), odd);
                    even = TSimd.MultiplyAdd(d8, TSimd.Load(w + 8 * stride), even);
                    odd = TSimd.MultiplyAdd(d9, TSimd.Load(w + 9 * stride), odd);
                    TVector x = TSimd.Load(h + j);
                    TVector slope = TSimd.Multiply(x, TSimd.Subtract(one, x));
                    TSimd.Store(delta + j, TSimd.Multiply(TSimd.Add(even, odd), slope));
                }
            }
        }
        return hits;
    }

    /// <summary>Whether the output at the label is the first of the largest.</summary>
    private static bool IsLargest(float* output, int label)
    {
        bool largest = true;
        for (int k = 0; k < OutputUnits; k++)
            largest &= k < label ? output[k] < output[label] : output[k] <= output[label];
        return largest;
    }

    /// <summary>W2 −= η·hᵀ·δo and b1 −= η·Σδh for a range of hidden units.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void UpdateOutputLayer(
        int images, int first, int end, float* hidden, float* outputDeltas, float* deltas, Parameters target)
    {
        nint stride = _paddedHidden;
        foreach (Tile tile in _tiles)
            for (int j = Math.Max(first, tile.First); j < Math.Min(end, tile.First + tile.Units); j += TSimd.Lanes)
            {
                float* w = target.W2.Pointer + j;
                nint at = tile.Offset + j - tile.First;
                TVector s0 = TSimd.Load(w), s1 = TSimd.Load(w + stride);
                TVector s2 = TSimd.Load(w + 2 * stride), s3 = TSimd.Load(w + 3 * stride);
                TVector s4 = TSimd.Load(w + 4 * stride), s5 = TSimd.Load(w + 5 * stride);
                TVector s6 = TSimd.Load(w + 6 * stride), s7 = TSimd.Load(w + 7 * stride);
                TVector s8 = TSimd.Load(w + 8 * stride), s9 = TSimd.Load(w + 9 * stride);
                TVector bias = TSimd.Load(target.B1.Pointer + j);
                for (int i = 0; i < images; i++, at += tile.Units)
                {
                    float* d = outputDeltas + i * OutputStride;
                    TVector h = TSimd.Load(hidden + at);
                    s0 = TSimd.MultiplyAdd(h, TSimd.Broadcast(d[0]), s0);
                    s1 = TSimd.MultiplyAdd(h, TSimd.Broadcast(d[1]), s1);
                    s2 = TSimd.MultiplyAdd(h, TSimd.Broadcast(d[2]), s2);
                    s3 = TSimd.MultiplyAdd(h, TSimd.Broadcast(d[3]), s3);
                    s4 = TSimd.MultiplyAdd(h, TSimd.Broadcast(d[4]), s4);
                    s5 = TSimd.MultiplyAdd(h, TSimd.Broadcast(d[5]), s5);
                    s6 = TSimd.MultiplyAdd(h, TSimd.Broadcast(d[6]), s6);
                    s7 = TSimd.MultiplyAdd(h, TSimd.Broadcast(d[7]), s7);
                    s8 = TSimd.MultiplyAdd(h, TSimd.Broadcast(d[8]), s8);
                    s9 = TSimd.MultiplyAdd(h, TSimd.Broadcast(d[9]), s9);
                    bias = TSimd.Add(bias, TSimd.Load(deltas + at));
                }
                TSimd.Store(w, s0);
                TSimd.Store(w + stride, s1);
                TSimd.Store(w + 2 * stride, s2);
                TSimd.Store(w + 3 * stride, s3);
                TSimd.Store(w + 4 * stride, s4);
                TSimd.Store(w + 5 * stride, s5);
                TSimd.Store(w + 6 * stride, s6);
                TSimd.Store(w + 7 * stride, s7);
                TSimd.Store(w + 8 * stride, s8);
                TSimd.Store(w + 9 * stride, s9);
                TSimd.Store(target.B1.Pointer + j, bias);
            }
        // The units that only fill the last vector stay without weight, or they would come to matter.
        for (int j = Math.Max(first, _hidden); j < end; j++)
            for (int k = 0; k < OutputUnits; k++)
                target.W2.Pointer[k * stride + j] = 0;
    }
}
