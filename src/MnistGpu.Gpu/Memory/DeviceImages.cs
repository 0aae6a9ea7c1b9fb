using MnistGpu.Core.Network;
using MnistGpu.Gpu.Engine;
using MnistGpu.Kernels;

namespace MnistGpu.Gpu.Memory;

/// <summary>Uploads images to an accelerator in the forms that the kernels read.</summary>
internal static class DeviceImages
{
    private const int Inputs = NetworkParameters.Inputs;

    /// <summary>Images to train on, at least one: their bytes, lists of lit pixels, and labels.</summary>
    public static Images Upload(
        DeviceBuffers buffers, DeviceQueue queue, ReadOnlyMemory<byte> pixels, ReadOnlySpan<byte> labels)
    {
        Images images = UploadLit(buffers, queue, pixels) with
        {
            Pixels = buffers.Allocate<byte>(pixels.Length),
            Labels = buffers.Allocate<byte>(labels.Length),
        };
        queue.Upload(pixels.Span, images.Pixels);
        queue.Upload(labels, images.Labels);
        return images;
    }

    /// <summary>Images to classify: lists of lit pixels are all that the hidden layer reads.</summary>
    public static Images UploadLit(DeviceBuffers buffers, DeviceQueue queue, ReadOnlyMemory<byte> pixels)
    {
        (int[] starts, LitPixel[] lit) = ListLit(pixels);
        // A view must have a buffer, even if nothing is read from it.
        var none = buffers.Allocate<byte>(1);
        var images = new Images(
            none, buffers.Allocate<int>(starts.Length), buffers.Allocate<LitPixel>(Math.Max(1, lit.Length)), none);
        queue.Upload<int>(starts, images.LitStarts);
        // The epoch in one launch reads a pixel even if there is none.
        queue.Upload<LitPixel>(lit.Length > 0 ? lit : [default], images.Lit);
        return images;
    }

    private static (int[] Starts, LitPixel[] Lit) ListLit(ReadOnlyMemory<byte> pixels)
    {
        int count = pixels.Length / Inputs;
        var starts = new int[count + 1];
        for (int i = 0; i < count; i++)
            starts[i + 1] = checked(starts[i] + Inputs - pixels.Span.Slice(i * Inputs, Inputs).Count((byte)0));
        var lit = new LitPixel[starts[count]];
        Parallel.For(0, count, i =>
        {
            ReadOnlySpan<byte> image = pixels.Span.Slice(i * Inputs, Inputs);
            int next = starts[i];
            for (int position = 0; position < image.Length; position++)
                if (image[position] != 0)
                    lit[next++] = new LitPixel(position, image[position]);
        });
        return (starts, lit);
    }
}
