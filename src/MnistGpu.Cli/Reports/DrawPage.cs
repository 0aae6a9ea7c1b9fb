using System.Runtime.InteropServices;
using MnistGpu.Core.Network;

namespace MnistGpu.Cli.Reports;

/// <summary>What draw.html reads: a network, its parameters as float32 in base64.</summary>
internal sealed record DrawPage(string Model, int Hidden, byte[] W1, byte[] B1, byte[] W2, byte[] B2)
{
    public static DrawPage Of(string model, NetworkParameters parameters) => new(
        Path.GetFileName(model), parameters.Hidden,
        Bytes(parameters.W1), Bytes(parameters.B1), Bytes(parameters.W2), Bytes(parameters.B2));

    private static byte[] Bytes(float[] values) => MemoryMarshal.AsBytes<float>(values).ToArray();
}
