using MnistGpu.Core.Memory;
using MnistGpu.Core.Network;

namespace MnistGpu.Core.Simd;

/// <summary>The outputs for many images. Each thread takes the next few blocks whenever it is done with its last.</summary>
internal sealed unsafe class Prediction<TVector>(
    SimdNetwork network, Images all, float[] outputs, CancellationToken cancellationToken)
    where TVector : struct, ISimd<TVector>
{
    private const int BlockImages = PixelChunks.MaxImages, OutputStride = SmallParameters.OutputStride;

    /// <summary>
    /// Blocks of 64 images that a thread takes at a time. A large network's weights are read from memory each time.
    /// </summary>
    private readonly int _blocks = network.IsSmall ? 1 : 4;
    private int _next;

    /// <summary>Returns when everything is done.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public void Run(int threads)
    {
        int turns = (all.Count + _blocks * BlockImages - 1) / (_blocks * BlockImages);
        Thread[] helpers = [.. Enumerable.Range(1, Math.Max(0, Math.Min(threads, turns) - 1)).Select(_ =>
            new Thread(Work) { IsBackground = true, Name = "MnistGpu helper" })];
        Array.ForEach(helpers, helper => helper.Start());
        Work();
        Array.ForEach(helpers, helper => helper.Join());
        // Thrown here and not on the threads, where nothing would catch it.
        cancellationToken.ThrowIfCancellationRequested();
    }

    private void Work()
    {
        int turn = _blocks * BlockImages, first;
        using AlignedBuffer<float> hidden = new(turn * (network.IsSmall ? 3L * network.Units : network.Strips.Max(strip => strip.Units)));
        using AlignedBuffer<float> sums = new((long)turn * OutputStride), results = new((long)turn * OutputStride);
        PixelChunks[] blocks = [.. Enumerable.Range(0, _blocks).Select(_ => new PixelChunks())];
        while (!cancellationToken.IsCancellationRequested && (first = Interlocked.Add(ref _next, turn) - turn) < all.Count)
        {
            Images images = all.Slice(first, Math.Min(turn, all.Count - first));
            if (network.IsSmall)
                PredictInHalves(images, blocks[0], hidden.Pointer, results.Pointer);
            else
                PredictInStrips(images, blocks, hidden.Pointer, sums.Pointer, results);
            OutputLayer<TVector>.Activate(network.Parameters.B2, images.Count, results.Pointer);
            for (int i = 0; i < images.Count; i++)
                results.Span.Slice(i * OutputStride, NetworkParameters.Outputs)
                    .CopyTo(outputs.AsSpan((first + i) * NetworkParameters.Outputs));
        }
        Array.ForEach(blocks, block => block.Dispose());
    }

    /// <summary>h·W2 as in <see cref="HalvesEpoch{TVector}"/>.</summary>
    private void PredictInHalves(Images images, PixelChunks pixels, float* hidden, float* results)
    {
        nint size = (nint)BlockImages * network.Units;
        for (int half = 0; half < 2; half++)
            HiddenLayer<TVector>.SumHalf(network, half, images, next: default, pixels, hidden + (1 + half) * size);
        HiddenLayer<TVector>.Join(network.Parameters, images.Count, hidden + size, hidden + 2 * size, hidden);
        HiddenLayer<TVector>.Activate(hidden, (nint)images.Count * network.Units);
        OutputLayer<TVector>.Sum(network.Parameters, network.All, images.Count, hidden, results);
    }

    /// <summary>h·W2 as in <see cref="StripsEpoch{TVector}"/>.</summary>
    private void PredictInStrips(
        Images images, PixelChunks[] blocks, float* hidden, float* sums, AlignedBuffer<float> results)
    {
        results.Span.Clear();
        for (int first = 0; first < images.Count; first += BlockImages)
            for (int chunk = 0; chunk < PixelChunks.Chunks; chunk++)
                blocks[first / BlockImages].Load(
                    chunk, images.Slice(first, Math.Min(BlockImages, images.Count - first)), next: default);
        foreach (Strip strip in network.Strips)
        {
            HiddenLayer<TVector>.Begin(network.Parameters.B1 + strip.First, strip, images.Count, hidden);
            for (int chunk = 0; chunk < PixelChunks.Chunks; chunk++)
                for (int first = 0; first < images.Count; first += BlockImages)
                    HiddenLayer<TVector>.SumChunk(
                        network, strip, chunk, blocks[first / BlockImages], Math.Min(BlockImages, images.Count - first),
                        hidden + first * strip.Units, strip.Units);
            HiddenLayer<TVector>.Activate(hidden, (nint)images.Count * strip.Units);
            OutputLayer<TVector>.Sum(network.Parameters, strip, images.Count, hidden, sums);
            OutputLayer<TVector>.Add(sums, images.Count, results.Pointer);
        }
    }
}
