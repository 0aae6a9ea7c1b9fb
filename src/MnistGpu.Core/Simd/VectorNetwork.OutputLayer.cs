using System.Runtime.CompilerServices;

namespace MnistGpu.Core.Simd;

/// <content>The output layer: forward, the deltas of both layers, and the update of W2 and the biases.</content>
internal sealed unsafe partial class VectorNetwork<TVector, TSimd>
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void SumOutputs(int share, int replica, int first, int images, float* hidden, float* sums)
    {
        Share own = _shares[share];
        hidden = own.Row(hidden, first);
        for (int k = 0; k < OutputVectors * TSimd.Lanes; k += TSimd.Lanes)
            for (int i = 0; i < images; i += 2)
            {
                // Two images at a time, or the last one twice: a weight that is loaded serves both.
                int other = Math.Min(i + 1, images - 1);
                SumOutputs(
                    own.Parts, own.Replicas[replica].W2Rows.Pointer + k,
                    hidden + i * own.Units, hidden + other * own.Units,
                    sums + i * OutputStride + k, sums + other * OutputStride + k);
            }
    }

    /// <summary>
    /// One vector of outputs for two images. The parts' sums are added up in pairs, then the pairs in pairs, so that a
    /// share's sum is always the sum of two halves that might be shares of their own.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SumOutputs(
        int[] parts, float* row, float* hidden, float* otherHidden, float* sums, float* otherSums)
    {
        TVector single = default, pair = default, four = default, sum = default;
        TVector otherSingle = default, otherPair = default, otherFour = default, otherSum = default;
        for (int part = 0, j = 0; part + 1 < parts.Length; part++)
        {
            sum = default;
            otherSum = default;
            for (; j < parts[part + 1]; j++, row += OutputStride)
            {
                TVector w = TSimd.Load(row);
                sum = TSimd.MultiplyAdd(TSimd.Broadcast(hidden[j]), w, sum);
                otherSum = TSimd.MultiplyAdd(TSimd.Broadcast(otherHidden[j]), w, otherSum);
            }
            if ((part & 1) == 0)
            {
                single = sum;
                otherSingle = otherSum;
                continue;
            }
            sum = TSimd.Add(single, sum);
            otherSum = TSimd.Add(otherSingle, otherSum);
            if ((part & 2) == 0)
            {
                pair = sum;
                otherPair = otherSum;
                continue;
            }
            sum = TSimd.Add(pair, sum);
            otherSum = TSimd.Add(otherPair, otherSum);
            if ((part & 4) == 0)
            {
                four = sum;
                otherFour = otherSum;
                continue;
            }
            sum = TSimd.Add(four, sum);
            otherSum = TSimd.Add(otherFour, otherSum);
        }
        TSimd.Store(sums, sum);
        TSimd.Store(otherSums, otherSum);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void SumAllOutputs(int first, int images, float* hidden, float* sums)
    {
        for (int i = first; i < first + images; i++, sums += OutputStride)
        {
            TVector s0 = default, s1 = default, s2 = default, s3 = default, s4 = default;
            TVector s5 = default, s6 = default, s7 = default, s8 = default, s9 = default;
            // The hidden units in their order, however they are shared: so the sums do not depend on that.
            foreach (Share share in _shares)
            {
                nint stride = share.Units;
                float* h = share.Row(hidden, i), w = share.Replicas[0].Parameters.W2;
                for (float* end = h + stride; h < end; h += TSimd.Lanes, w += TSimd.Lanes)
                {
                    TVector x = TSimd.Load(h);
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
            sums[0] = TSimd.Sum(s0);
            sums[1] = TSimd.Sum(s1);
            sums[2] = TSimd.Sum(s2);
            sums[3] = TSimd.Sum(s3);
            sums[4] = TSimd.Sum(s4);
            sums[5] = TSimd.Sum(s5);
            sums[6] = TSimd.Sum(s6);
            sums[7] = TSimd.Sum(s7);
            sums[8] = TSimd.Sum(s8);
            sums[9] = TSimd.Sum(s9);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Outputs(
        int share, int replica, int images, float* sums, int parts, nint partStride, float* outputs)
    {
        float* bias = _shares[share].Replicas[replica].Parameters.B2;
        for (int i = 0; i < images; i++)
            for (int k = 0; k < OutputVectors * TSimd.Lanes; k += TSimd.Lanes)
            {
                float* sum = sums + i * OutputStride + k;
                TVector z = parts switch
                {
                    1 => TSimd.Load(sum),
                    2 => SumTwo(sum, partStride),
                    4 => SumFour(sum, partStride),
                    _ => TSimd.Add(SumFour(sum, partStride), SumFour(sum + 4 * partStride, partStride)),
                };
                z = TSimd.Add(z, TSimd.Load(bias + k));
                TSimd.Store(outputs + i * OutputStride + k, Sigmoid<TVector, TSimd>.Of(z));
            }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector SumTwo(float* sum, nint stride) => TSimd.Add(TSimd.Load(sum), TSimd.Load(sum + stride));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector SumFour(float* sum, nint stride) =>
        TSimd.Add(SumTwo(sum, stride), SumTwo(sum + 2 * stride, stride));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override int OutputDeltas(int images, float* outputs, byte* labels, float learningRate, ref double loss)
    {
        int hits = 0;
        TVector one = TSimd.Broadcast(1), rate = TSimd.Broadcast(-learningRate);
        for (int i = 0; i < images; i++, outputs += OutputStride)
        {
            int label = labels[i];
            float right = outputs[label];
            hits += IsLargest(outputs, label) ? 1 : 0;
            TVector squares = default;
            for (int k = 0; k < OutputVectors * TSimd.Lanes; k += TSimd.Lanes)
            {
                TVector o = TSimd.Load(outputs + k);
                squares = TSimd.MultiplyAdd(o, o, squares);
                TVector slope = TSimd.Multiply(o, TSimd.Subtract(one, o));
                TSimd.Store(outputs + k, TSimd.Multiply(rate, TSimd.Multiply(o, slope)));
            }
            // That was for the target 0; at the label it is 1.
            loss += 0.5f * (TSimd.Sum(squares) - right * right + (1 - right) * (1 - right));
            outputs[label] = -learningRate * ((right - 1) * (right * (1 - right)));
        }
        return hits;
    }

    /// <summary>Whether the output at the label is the first of the largest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsLargest(float* output, int label)
    {
        bool largest = true;
        for (int k = 0; k < OutputUnits; k++)
            largest &= k < label ? output[k] < output[label] : output[k] <= output[label];
        return largest;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void HiddenDeltas(
        int share, int replica, int first, int images, float* hidden, float* outputDeltas, float* deltas)
    {
        Share own = _shares[share];
        hidden = own.Row(hidden, first);
        deltas = own.Row(deltas, first);
        nint stride = own.Units;
        TVector one = TSimd.Broadcast(1);
        for (int i = 0; i < images; i++, hidden += stride, deltas += stride, outputDeltas += OutputStride)
        {
            float* d = outputDeltas;
            TVector d0 = TSimd.Broadcast(d[0]), d1 = TSimd.Broadcast(d[1]);
            TVector d2 = TSimd.Broadcast(d[2]), d3 = TSimd.Broadcast(d[3]);
            TVector d4 = TSimd.Broadcast(d[4]), d5 = TSimd.Broadcast(d[5]);
            TVector d6 = TSimd.Broadcast(d[6]), d7 = TSimd.Broadcast(d[7]);
            TVector d8 = TSimd.Broadcast(d[8]), d9 = TSimd.Broadcast(d[9]);
            float* w = own.Replicas[replica].Parameters.W2;
            for (int j = 0; j < stride; j += TSimd.Lanes, w += TSimd.Lanes)
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
                TVector x = TSimd.Load(hidden + j);
                TVector slope = TSimd.Multiply(x, TSimd.Subtract(one, x));
                TSimd.Store(deltas + j, TSimd.Multiply(TSimd.Add(even, odd), slope));
            }
        }
    }

    /// <inheritdoc/>
    public override void UpdateOutputLayer(
        int share, int first, int images, float* hidden, float* outputDeltas, float* deltas) =>
        AddStep(_shares[share], _shares[share].Replicas[0].Parameters, first, images, hidden, outputDeltas, deltas);

    /// <inheritdoc/>
    public override void SumStep(
        int share, int half, int first, int images, float* hidden, float* outputDeltas, float* deltas, bool isFirst)
    {
        CommonParameters step = _shares[share].Replicas[half].Step;
        if (isFirst)
            step.Clear();
        AddStep(_shares[share], step, first, images, hidden, outputDeltas, deltas);
    }

    /// <inheritdoc/>
    public override void SendStep(int share, int half)
    {
        CommonParameters step = _shares[share].Replicas[half].Step;
        Send(step.Pointer, _shares[share].Replicas[1 - half].SentStep.Pointer, step.Length);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void TakeStep(int share, int replica, bool sent)
    {
        Replica own = _shares[share].Replicas[replica];
        float* p = own.Parameters.Pointer, step = own.Step.Pointer;
        float* otherStep = (sent ? own.SentStep : _shares[share].Replicas[1 - replica].Step).Pointer;
        for (int i = 0; i < own.Parameters.Length; i += TSimd.Lanes)
        {
            TVector sum = TSimd.Add(TSimd.Load(step + i), TSimd.Load(otherStep + i));
            TSimd.Store(p + i, TSimd.Add(TSimd.Load(p + i), sum));
        }
        own.TransposeW2();
    }

    /// <summary>Adds −η·hᵀ·δo, −η·Σδh and −η·Σδo to W2, b1 and b2, or to a step of theirs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddStep(
        Share share, CommonParameters target, int first, int images, float* hidden, float* outputDeltas, float* deltas)
    {
        hidden = share.Row(hidden, first);
        deltas = share.Row(deltas, first);
        nint stride = share.Units;
        for (int j = 0; j < stride; j += TSimd.Lanes)
        {
            float* w = target.W2 + j;
            nint at = j;
            TVector s0 = TSimd.Load(w), s1 = TSimd.Load(w + stride);
            TVector s2 = TSimd.Load(w + 2 * stride), s3 = TSimd.Load(w + 3 * stride);
            TVector s4 = TSimd.Load(w + 4 * stride), s5 = TSimd.Load(w + 5 * stride);
            TVector s6 = TSimd.Load(w + 6 * stride), s7 = TSimd.Load(w + 7 * stride);
            TVector s8 = TSimd.Load(w + 8 * stride), s9 = TSimd.Load(w + 9 * stride);
            TVector bias = TSimd.Load(target.B1 + j);
            for (int i = 0; i < images; i++, at += stride)
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
            TSimd.Store(target.B1 + j, bias);
        }
        // The units that only fill the last vector stay without weight, or they would come to matter.
        for (int j = share.RealUnits; j < stride; j++)
            for (int k = 0; k < OutputUnits; k++)
                target.W2[k * stride + j] = 0;
        for (int k = 0; k < OutputVectors * TSimd.Lanes; k += TSimd.Lanes)
        {
            TVector bias = TSimd.Load(target.B2 + k);
            for (int i = 0; i < images; i++)
                bias = TSimd.Add(bias, TSimd.Load(outputDeltas + i * OutputStride + k));
            TSimd.Store(target.B2 + k, bias);
        }
    }
}
