namespace MnistGpu.Cli.Benchmarking;

/// <summary>What the figures of a benchmark mean, the same on the terminal and in the report.</summary>
internal static class Explanations
{
    public const string OfColumns =
        "GFLOP/s count the multiplications and additions of the dense network, 3,196·H an image, for all "
            + "devices; each of them does less, since pixels that are 0 are skipped. Launches: the part of the time "
            + "in which the host starts kernels (on ilgpu-cpu it runs them in that time). To device: bytes that the "
            + "host copies to it in an epoch; the images are there before. Weights off: the largest difference of a "
            + "weight from the reference's after the same training; whether rounding explains it, mnistgpu verify "
            + "tells.";

    public const string OfMethod =
        "Every device starts from the same weights and sees the same images in the same order. At each size, "
            + "every device first trains once without being timed, to warm up. Then the devices take turns; a turn is "
            + "a training, or as many as take half a second, and each of their epochs is a sample. Loading, "
            + "evaluating and copying the weights back are not timed. The learning rate goes up to 0.1 or 320 / "
            + "(batch size · hidden units), whichever is less, and falls to 0 again.";
}
