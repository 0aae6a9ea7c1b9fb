using ILGPU;
using MnistGpu.Core.Network;
using MnistGpu.Kernels;

namespace MnistGpu.Gpu;

/// <summary>
/// The network's parameters in the accelerator's memory, row-major. The hidden units are rounded up to a multiple of 8,
/// so that no thread of a tuned kernel has fewer than it can take. A unit that is added has the bias −∞ and no weights:
/// its activation is exactly 0 and so is its gradient, in every kernel. It changes nothing and never changes.
/// </summary>
internal sealed class DeviceNetwork
{
    private const int Inputs = NetworkParameters.Inputs;
    private const int Outputs = NetworkParameters.Outputs;

    /// <summary>Makes room for a network.</summary>
    /// <param name="buffers">Own the memory.</param>
    /// <param name="hidden">Hidden units of the network.</param>
    public DeviceNetwork(DeviceBuffers buffers, int hidden)
    {
        const int multiple = HiddenLayer.UnitsPerThread;
        Hidden = hidden;
        Units = (hidden + multiple - 1) / multiple * multiple;
        W1 = buffers.Allocate<float>((long)Inputs * Units);
        B1 = buffers.Allocate<float>(Units);
        W2 = buffers.Allocate<float>((long)Units * Outputs);
        B2 = buffers.Allocate<float>(Outputs);
    }

    /// <summary>Hidden units of the network.</summary>
    public int Hidden { get; }

    /// <summary>Hidden units H in the accelerator's memory, a multiple of 8.</summary>
    public int Units { get; }

    /// <summary>784×H.</summary>
    public ArrayView<float> W1 { get; }

    /// <summary>H.</summary>
    public ArrayView<float> B1 { get; }

    /// <summary>H×10.</summary>
    public ArrayView<float> W2 { get; }

    /// <summary>10.</summary>
    public ArrayView<float> B2 { get; }

    /// <summary>Copies a network of <see cref="Hidden"/> units to the accelerator.</summary>
    public void Upload(DeviceQueue queue, NetworkParameters parameters)
    {
        queue.Upload<float>(CopyRows(parameters.W1, Hidden, new float[Inputs * Units], Units), W1);
        var b1 = new float[Units];
        b1.AsSpan(Hidden).Fill(float.NegativeInfinity);
        queue.Upload<float>(CopyRows(parameters.B1, Hidden, b1, Units), B1);
        queue.Upload<float>(CopyRows(parameters.W2, Hidden * Outputs, new float[Units * Outputs], Units * Outputs), W2);
        queue.Upload<float>(parameters.B2, B2);
    }

    /// <summary>Copies the network from the accelerator.</summary>
    public NetworkParameters Download(DeviceQueue queue)
    {
        var parameters = new NetworkParameters(Hidden);
        DownloadUnits(queue, W1, parameters.W1);
        DownloadUnits(queue, B1, parameters.B1);
        queue.Download(W2.SubView(0, Hidden * Outputs), parameters.W2);
        queue.Download(B2, parameters.B2);
        return parameters;
    }

    /// <summary>Copies rows of H floats from the accelerator, of which the network's own units are kept.</summary>
    /// <param name="queue">The accelerator's.</param>
    /// <param name="rows">Any number of rows, H floats each.</param>
    /// <param name="target">As many rows of <see cref="Hidden"/> floats; written.</param>
    public void DownloadUnits(DeviceQueue queue, ArrayView<float> rows, float[] target)
    {
        var padded = new float[rows.Length];
        queue.Download<float>(rows, padded);
        CopyRows(padded, Units, target, Hidden);
    }

    /// <summary>Copies rows, each as far as both have room.</summary>
    private static float[] CopyRows(float[] source, int sourceWidth, float[] target, int targetWidth)
    {
        int width = Math.Min(sourceWidth, targetWidth);
        for (int from = 0, to = 0; to < target.Length; from += sourceWidth, to += targetWidth)
            Array.Copy(source, from, target, to, width);
        return target;
    }
}
