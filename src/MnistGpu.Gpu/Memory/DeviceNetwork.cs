using MnistGpu.Core.Network;
using MnistGpu.Gpu.Engine;
using MnistGpu.Kernels;

namespace MnistGpu.Gpu.Memory;

/// <summary>
/// The network's parameters in an accelerator's memory, in the form that kernels expect: W2 transposed, and padded to a
/// multiple of <see cref="Network.UnitMultiple"/> units.
/// </summary>
internal sealed class DeviceNetwork
{
    private const int Inputs = NetworkParameters.Inputs;
    private const int Outputs = NetworkParameters.Outputs;

    /// <summary>Allocates a network.</summary>
    public DeviceNetwork(DeviceBuffers buffers, int hidden)
    {
        Hidden = hidden;
        Views = Allocate(buffers, UnitsOf(hidden));
    }

    /// <summary>Hidden units of a network, including padding.</summary>
    public static int UnitsOf(int hidden) => (hidden + Network.UnitMultiple - 1) / Network.UnitMultiple * Network.UnitMultiple;

    /// <summary>Hidden units of the network, without padding.</summary>
    public int Hidden { get; }

    /// <summary>The arguments for kernels.</summary>
    public Network Views { get; }

    /// <summary>Allocates a number of units that is a multiple of <see cref="Network.UnitMultiple"/>.</summary>
    public static Network Allocate(DeviceBuffers buffers, int units) => new(
        buffers.AllocateMatrix(Inputs, units), buffers.Allocate<float>(units),
        buffers.AllocateMatrix(Outputs, units), buffers.Allocate<float>(Outputs));

    /// <summary>Copies a network of <see cref="Hidden"/> units to the accelerator, or their velocity.</summary>
    /// <param name="queue">Copies.</param>
    /// <param name="parameters">What to copy.</param>
    /// <param name="fill">b1 of the padding units: −∞ in a network, 0 in a velocity.</param>
    public void Upload(DeviceQueue queue, NetworkParameters parameters, float fill = float.NegativeInfinity)
    {
        int units = Views.Hidden;
        var b1 = new float[units];
        b1.AsSpan(Hidden).Fill(fill);
        parameters.B1.CopyTo(b1, 0);
        var w2 = new float[Outputs * units];
        for (int k = 0; k < Outputs; k++)
            for (int j = 0; j < Hidden; j++)
                w2[k * units + j] = parameters.W2[j * Outputs + k];
        queue.Upload<float>(CopyRows(parameters.W1, Hidden, new float[Inputs * units], units), Views.W1.BaseView);
        queue.Upload<float>(b1, Views.B1);
        queue.Upload<float>(w2, Views.W2T.BaseView);
        queue.Upload<float>(parameters.B2, Views.B2);
    }

    /// <summary>Copies the network from the accelerator.</summary>
    public NetworkParameters Download(DeviceQueue queue)
    {
        var parameters = new NetworkParameters(Hidden);
        float[] w2 = DownloadUnits(queue, Views.W2T);
        for (int k = 0; k < Outputs; k++)
            for (int j = 0; j < Hidden; j++)
                parameters.W2[j * Outputs + k] = w2[k * Hidden + j];
        DownloadUnits(queue, Views.W1).CopyTo(parameters.W1, 0);
        queue.Download(Views.B1)[..Hidden].CopyTo(parameters.B1, 0);
        queue.Download(Views.B2).CopyTo(parameters.B2, 0);
        return parameters;
    }

    /// <summary>Copies a matrix with a column for each unit from the accelerator, without padding.</summary>
    public float[] DownloadUnits(DeviceQueue queue, Matrix matrix)
    {
        int rows = matrix.IntExtent.X;
        return CopyRows(queue.Download(matrix.BaseView), Views.Hidden, new float[rows * Hidden], Hidden);
    }

    /// <summary>Copies all of a network to another one of the same size, on the accelerator.</summary>
    public static void Copy(DeviceQueue queue, Network source, Network target)
    {
        queue.Copy(source.W1.BaseView, target.W1.BaseView);
        queue.Copy(source.B1, target.B1);
        queue.Copy(source.W2T.BaseView, target.W2T.BaseView);
        queue.Copy(source.B2, target.B2);
    }

    /// <summary>Copies rows, each up to the shorter of the two lengths.</summary>
    private static float[] CopyRows(float[] source, int sourceWidth, float[] target, int targetWidth)
    {
        int width = Math.Min(sourceWidth, targetWidth);
        for (int from = 0, to = 0; to < target.Length; from += sourceWidth, to += targetWidth)
            Array.Copy(source, from, target, to, width);
        return target;
    }
}
