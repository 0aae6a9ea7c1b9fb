using ILGPU;

namespace MnistGpu.Kernels.Training.OneLaunch;

/// <summary>255 times the gradients of the weights from a word, four neighbouring pixels, to the group's four units.</summary>
internal struct WordGradient
{
    private Float4 _pixel0;
    private Float4 _pixel1;
    private Float4 _pixel2;
    private Float4 _pixel3;

    /// <summary>Adds four images.</summary>
    /// <param name="words">Their pixels.</param>
    /// <param name="delta">δh of the first of them, and of those after it.</param>
    public void Add(FourWords words, ArrayView<Float4> delta)
    {
        Add(words.A, delta[0]);
        Add(words.B, delta[FourWords.Stride]);
        Add(words.C, delta[2 * FourWords.Stride]);
        Add(words.D, delta[3 * FourWords.Stride]);
    }

    /// <summary>
    /// The sum over four neighbouring threads of a warp, of which thread t gets the gradients of pixel t % 4: each passes on what
    /// it does not keep, half of what it has and then half of that.
    /// </summary>
    public readonly Float4 OfThreadsPixel()
    {
        bool odd = (Group.IdxX & 1) != 0;
        Float4 low = (odd ? _pixel1 : _pixel0) + WarpSum.Exchange(odd ? _pixel0 : _pixel1, 1);
        Float4 high = (odd ? _pixel3 : _pixel2) + WarpSum.Exchange(odd ? _pixel2 : _pixel3, 1);
        bool upper = (Group.IdxX & 2) != 0;
        return (upper ? high : low) + WarpSum.Exchange(upper ? low : high, 2);
    }

    private void Add(int word, Float4 delta)
    {
        if (word == 0)
            return;
        _pixel0 += (float)(word & 0xFF) * delta;
        _pixel1 += (float)(word >> 8 & 0xFF) * delta;
        _pixel2 += (float)(word >> 16 & 0xFF) * delta;
        _pixel3 += (float)(word >> 24 & 0xFF) * delta;
    }
}
