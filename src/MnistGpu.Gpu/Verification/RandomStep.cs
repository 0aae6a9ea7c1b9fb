using ILGPU;
using ILGPU.Runtime;
using MnistGpu.Core.Network;
using MnistGpu.Gpu.Engine;
using MnistGpu.Gpu.Memory;
using MnistGpu.Kernels;

namespace MnistGpu.Gpu.Verification;

/// <summary>
/// Random images and a random network, on the host and on an accelerator, to verify and time the kernels of a training step
/// with. Four in five pixels are 0, as in MNIST.
/// </summary>
internal sealed class RandomStep : IDisposable
{
    private const int Inputs = NetworkParameters.Inputs;
    private const int Outputs = NetworkParameters.Outputs;

    /// <summary>
    /// Places in the epoch's order before and after the batch, to check that a kernel starts where it should.
    /// </summary>
    private const int Margin = 2;

    private readonly DeviceBuffers _buffers;

    public RandomStep(Accelerator accelerator, DeviceQueue queue, int images, int hidden)
    {
        var random = new Random(images + hidden);
        int count = images + 2 * Margin;
        Pixels = new byte[count * Inputs];
        for (int i = 0; i < Pixels.Length; i++)
            Pixels[i] = random.Next(5) == 0 ? (byte)random.Next(1, 256) : (byte)0;
        Labels = new byte[count];
        for (int i = 0; i < count; i++)
            Labels[i] = (byte)random.Next(Outputs);
        int[] order = Enumerable.Range(0, count).ToArray();
        random.Shuffle(order);
        Chosen = order[Margin..(Margin + images)];
        Parameters = Draw(hidden, random);
        VelocityBefore = Draw(hidden, random);

        _buffers = new DeviceBuffers(accelerator);
        Images = DeviceImages.Upload(_buffers, queue, Pixels, Labels);
        Network = new DeviceNetwork(_buffers, hidden);
        Network.Upload(queue, Parameters);
        Velocity = new DeviceNetwork(_buffers, hidden);
        Velocity.Upload(queue, VelocityBefore, fill: 0);
        int units = Network.Views.Hidden;
        Activations = new Activations(
            _buffers.AllocateMatrix(images, units), _buffers.AllocateMatrix(images, Outputs),
            _buffers.AllocateMatrix(images, units), _buffers.Allocate<float>(count), _buffers.Allocate<int>(1));
        queue.Upload([0], Activations.Hits);
        Output = _buffers.AllocateMatrix(images, Outputs);
        Batch = new Batch(_buffers.Allocate<int>(count), Margin, images);
        queue.Upload<int>(order, Batch.Order);
    }

    /// <summary>784 bytes per image, for more images than the batch has.</summary>
    public byte[] Pixels { get; }

    /// <summary>One digit per image.</summary>
    public byte[] Labels { get; }

    /// <summary>The indices of the batch's images.</summary>
    public int[] Chosen { get; }

    /// <summary>The network as it was uploaded.</summary>
    public NetworkParameters Parameters { get; }

    /// <summary>The velocity as it was uploaded.</summary>
    public NetworkParameters VelocityBefore { get; }

    public Images Images { get; }

    public DeviceNetwork Network { get; }

    public DeviceNetwork Velocity { get; }

    public Activations Activations { get; }

    public Batch Batch { get; }

    /// <summary>Outputs of the network, B×10.</summary>
    public Matrix Output { get; }

    /// <summary>The losses of the batch's images.</summary>
    public Vector Losses => Activations.Losses.SubView(Margin, Batch.Count);

    public void Dispose() => _buffers.Dispose();

    private static NetworkParameters Draw(int hidden, Random random)
    {
        var drawn = new NetworkParameters(hidden);
        foreach (NetworkArray array in drawn.Arrays)
            for (int i = 0; i < array.Values.Length; i++)
                array.Values[i] = (random.NextSingle() * 2 - 1) * 0.3f;
        return drawn;
    }
}
